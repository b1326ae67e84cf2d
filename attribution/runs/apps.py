from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RunsConfig(AppConfig):
    name = "attribution.runs"
    verbose_name = _("Runs")

    def ready(self) -> None:
        from attribution import facts
        from attribution.runs import actions

        facts.on_change(actions.hear)
