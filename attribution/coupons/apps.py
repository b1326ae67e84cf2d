from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CouponsConfig(AppConfig):
    name = "attribution.coupons"
    verbose_name = _("Coupons")

    def ready(self) -> None:
        from attribution import facts
        from attribution.coupons import facts as own
        from attribution.coupons.actions.owning import follow_owners
        from attribution.coupons.imports import CodesImporter
        from attribution.coupons.mappings import BatchSource
        from attribution.customers import imports, owners
        from attribution.evidence import mappings

        facts.register(*own.ALL)
        imports.register("codes", CodesImporter())
        mappings.register(BatchSource())
        owners.follows(follow_owners)
