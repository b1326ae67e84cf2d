"""What was said in a period, computed once and kept; and what the order of the choices did, in words."""

from typing import NamedTuple

import pandas as pd
from django.utils.translation import gettext as _

from analytics.filters import Filters
from analytics.judged import open_customers
from analytics.metrics import survey
from analytics.metrics.survey import Said
from analytics.reports.figures import question
from analytics.reports.kept import kept
from attribution.hours import DAY_PARTS
from attribution.runs.models import Run


class Heard(NamedTuple):
    """A period's answers, the effect of the choices' order, and how many chose a placebo."""

    said: Said
    places: pd.DataFrame
    placebo: pd.DataFrame


def what_was_said(run: Run, filters: Filters) -> Heard:
    """Return what guests answered in the period; asked again, it comes from the cache."""

    def compute() -> Heard:
        asked, con = question(run, filters), open_customers(run)
        return Heard(survey.said(con, asked), survey.order_effect(con, asked), survey.chose_placebo(con, asked))

    asked = question(run, filters)
    return kept("answers-2", run, [asked.parameters(), DAY_PARTS], compute)


def order_verdict(places: pd.DataFrame) -> tuple[str, str]:
    """Return a short answer, and a sentence, to whether the choice shown first is taken too often."""
    if places.empty:
        return _("Not known"), _("No answer of the period tells in which order its choices were shown.")
    first = places.iloc[0]
    hasty = (first["rate"] - first["expected"]) / (1 - first["expected"]) if first["expected"] < 1 else 0.0
    said = {name: _percent(share) for name, share in (("percent", first["rate"]), ("expected", first["expected"]))}
    said["hasty"] = _percent(hasty)
    if first["low"] > first["expected"]:
        text = _(
            "The choice shown first is taken by %(percent)s of guests, where %(expected)s would be chance: about"
            " %(hasty)s of the answers say nothing. The order is drawn anew for each guest, so no channel gains by it."
        )
        return _("Yes, a little") if first["rate"] < 2 * first["expected"] else _("Yes"), text % said
    if first["high"] < first["expected"]:
        text = _(
            "The choice shown first is taken by %(percent)s of guests, where %(expected)s would be chance: guests"
            " overlook it. The order is drawn anew for each guest, so no channel loses by it."
        )
        return _("Yes, a little"), text % said
    text = _("The choice shown first is taken by %(percent)s of guests; %(expected)s would be chance.")
    return _("No sign of it"), text % said


def _percent(share: float) -> str:
    return f"{share * 100:.1f}%"
