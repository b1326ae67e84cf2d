from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "attribution.customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        from attribution import facts
        from attribution.customers import facts as own
        from attribution.customers import imports
        from attribution.customers.imports.orders import OrdersImporter

        facts.register(*own.ALL)
        imports.register("orders", OrdersImporter())
