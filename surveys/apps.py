from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    name = "surveys"
    verbose_name = _("Surveys")

    def ready(self) -> None:
        from attribution import facts
        from attribution.customers import owners
        from attribution.evidence import mappings
        from surveys import facts as own
        from surveys.mappings import ChoiceSource
        from surveys.receipts import owners_by_receipt

        facts.register(*own.ALL)
        mappings.register(ChoiceSource())
        owners.knows(owners_by_receipt)
