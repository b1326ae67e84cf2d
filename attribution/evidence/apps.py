from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EvidenceConfig(AppConfig):
    name = "attribution.evidence"
    verbose_name = _("Evidence")

    def ready(self) -> None:
        from attribution import facts
        from attribution.customers import imports
        from attribution.evidence import facts as own
        from attribution.evidence import mappings
        from attribution.evidence.imports import SpendImporter
        from attribution.evidence.links import LinkSource

        facts.register(*own.ALL)
        imports.register("spend", SpendImporter())
        mappings.register(LinkSource())
