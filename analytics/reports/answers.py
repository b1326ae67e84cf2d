"""The report of the questionnaire: what guests said, for whom they speak, and what the order of the choices did."""

from typing import Any

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.filters import Filters, ReportForm
from analytics.metrics.survey import DONT_REMEMBER, OTHER, Said
from analytics.reports.answers_said import order_verdict, what_was_said
from analytics.reports.customers_words import count
from analytics.reports.registry import Figure, Report, register
from attribution.customers.models import Store
from attribution.evidence.models import Channel
from attribution.hours import DAY_PARTS
from attribution.names import listed
from attribution.runs.models import Run
from sheets.table import Chart, Column, Table
from surveys.labels import PART_NAMES

STATUS_NAMES = {
    "new": gettext_lazy("new"),
    "returning": gettext_lazy("returning"),
    "unidentified": gettext_lazy("not identified"),
}
MOST_NAMED = 5  # cells in one note


def build(run: Run, filters: Filters) -> tuple[list[Figure], list[Table]]:
    """Return the figures beside the tables, and the tables Answers, Places and Cells."""
    said, places, placebo = what_was_said(run, filters)
    names = {channel.slug: channel.name for channel in Channel.objects.all()}
    cells = Cells(said.cells)
    return [*_beside(said), *_careless(placebo)], [_answers(said, names, cells), _places(places), cells.table()]


def _beside(said: Said) -> list[Figure]:
    orders = int(said.cells["orders"].sum())
    return [
        Figure(
            Column(
                "answers", _("Answers"), "integer", _("To “how did you first hear of us”; one a guest."), emphasis=True
            ),
            said.answers,
        ),
        Figure(
            Column(
                "effective",
                _("Count like"),
                "integer",
                _("So many answers of equal weight would say as much: the more unequal the weights, the fewer."),
                emphasis=True,
            ),
            round(said.effective),
        ),
        Figure(Column("orders", _("Orders that they stand for"), "integer", emphasis=True), orders),
    ]


def _careless(placebo: pd.DataFrame) -> list[Figure]:
    """Return how many chose what brought nobody, where some were shown it."""
    row = placebo.iloc[0]
    if not row["shown"]:
        return []
    words = _("Of the %(shown)s guests who were shown a choice that brought nobody: so many answers, and more, are"
              " careless. It counts for no channel.")  # fmt: skip
    column = Column("placebo", _("Chose a placebo"), "ratio", words % {"shown": count(int(row["shown"]))})
    return [Figure(column, float(row["rate"]), (float(row["low"]), float(row["high"])))]


def _answers(said: Said, channels: dict[str, str], cells: "Cells") -> Table:
    names = channels | {DONT_REMEMBER: _("Does not remember"), OTHER: _("Something else")}
    rows = [
        {
            **row,
            "slug": row["said"],
            "said": names.get(row["said"], row["said"]),
            "effective": said.effective,
        }
        for row in said.shares.sort_values(["share", "said"], ascending=[False, True]).to_dict("records")
    ]
    return Table(
        "answers",
        _("Answers to “how did you first hear of us?”"),
        _answer_columns(),
        rows,
        notes=cells.notes(),
        chart=Chart("bar", "said", ("share", "raw"), _("Share of answers, weighted")),
    )


def _answer_columns() -> list[Column]:
    low, high = _("%(figure)s, low"), _("%(figure)s, high")
    raw, share = _("Share as answered"), _("Share, weighted")
    ends = _("Lower end of the interval (95%)."), _("Upper end of the interval (95%).")
    return [
        Column("said", _("They said")),
        Column("slug", _("Code")),
        Column("answers", _("Answers"), "integer", _("In the period; of a guest who answered twice, the first.")),
        Column("raw", raw, "ratio", _("Of all answers."), interval=("raw_low", "raw_high")),
        Column("raw_low", low % {"figure": raw}, "ratio", ends[0]),
        Column("raw_high", high % {"figure": raw}, "ratio", ends[1]),
        Column(
            "share",
            share,
            "ratio",
            _("Each answer weighs what its store, part of the day and kind of guest have of all orders, over what they"
              " have of all answers: so those who answer more often count no more."),
            interval=("low", "high"),
            emphasis=True,
        ),
        Column("low", low % {"figure": share}, "ratio", ends[0]),
        Column("high", high % {"figure": share}, "ratio", ends[1]),
        Column(
            "effective",
            _("Count like"),
            "number",
            _("The effective number of answers, on which the interval of the weighted share rests."),
            digits=0,
        ),
    ]  # fmt: skip


def _places(places: pd.DataFrame) -> Table:
    columns = [
        Column("place", _("Shown at")),
        Column("shown", _("Answers with such a place"), "integer"),
        Column("answers", _("Took it"), "integer"),
        Column(
            "rate",
            _("Share that took it"),
            "ratio",
            _("Choices that always stand at the end are left out."),
            interval=("low", "high"),
            emphasis=True,
        ),
        Column("low", _("%(figure)s, low") % {"figure": _("Share that took it")}, "ratio"),
        Column("high", _("%(figure)s, high") % {"figure": _("Share that took it")}, "ratio"),
        Column("expected", _("By chance"), "ratio", _("The share if the place did not matter.")),
    ]
    title = _("Does the order of the choices matter?")
    named = places.assign(place=[_("place %(number)s") % {"number": place} for place in places["place"]])
    return Table("places", title, columns, named[[c.key for c in columns]], notes=[order_verdict(places)[1]])


class PeriodForm(ReportForm):
    """What guests say hangs on no model."""

    model = None  # type: ignore[assignment]  # Django's word for a field that is not taken over
    order = None  # type: ignore[assignment]


class Cells:
    """The cells that answers and orders are counted in, and what happened to those that were empty."""

    def __init__(self, cells: pd.DataFrame) -> None:
        self.rows: list[Any] = list(cells.itertuples())
        stores = Store.objects.in_bulk(cells["store_id"].unique().tolist())
        self.stores = {pk: store.name for pk, store in stores.items()}

    def table(self) -> Table:
        columns = [
            Column("store", _("Store")),
            Column("part", _("Part of the day"), definition=self._hours()),
            Column(
                "status",
                _("Guests"),
                definition=_("New: on the day of the first purchase, or before it. Not identified: no purchase is known"
                             " of whoever answered, or no customer of the order."),
            ),
            Column("answers", _("Answers"), "integer", total=True),
            Column("orders", _("Orders"), "integer", total=True),
            Column("weight", _("Weight of an answer"), "number", _("From 0.3 to 3; 1 on average."), digits=2),
            Column("with", _("Counted with"), definition=_("Where answers or orders were missing.")),
        ]  # fmt: skip
        return Table(
            "cells", _("How answers are weighted"), columns, [self._row(row) for row in self.rows]
        ).with_totals(_("Total"))

    def _row(self, row: Any) -> tuple[Any, ...]:
        return (*self._names(row), row.answers, row.orders, row.weight, self._with(row))

    def _names(self, row: Any) -> tuple[str, str, str]:
        part, status = list(PART_NAMES.values())[row.part], list(STATUS_NAMES.values())[row.status]
        return self.stores.get(row.store_id, "—"), str(part), str(status)

    def _name(self, row: Any) -> str:
        return " · ".join(self._names(row))

    def _with(self, row: Any) -> str:
        if row.is_unmatched:
            return _("nobody")
        if pd.isna(row.joined):
            return _("itself")
        return _("all stores") if row.joined < 0 else self._name(self.rows[row.joined])

    def notes(self) -> list[str]:
        """Return in words what could not be weighted as it should."""
        notes = []
        for status, name in enumerate(STATUS_NAMES.values()):
            lost = [row for row in self.rows if row.is_unmatched and row.status == status]
            if orders := sum(row.orders for row in lost):
                text = _("Nobody among the guests who are “%(status)s” answered: no answer speaks for their orders"
                         " (%(orders)s).")  # fmt: skip
                notes.append(text % {"status": name, "orders": count(orders)})
            elif lost:
                text = _("No order is known of guests who are “%(status)s”: their answers weigh the least.")
                notes.append(text % {"status": name})
        joined = [row for row in self.rows if not pd.isna(row.joined)]
        near, far = ([self._name(row) for row in joined if (row.joined < 0) == is_far] for is_far in (False, True))
        if near:
            text = _("Without answers or orders, and so counted with another part of the day: %(cells)s.")
            notes.append(text % {"cells": _few(near)})
        if far:
            text = _("Without answers or orders all day, and so counted with all stores: %(cells)s.")
            notes.append(text % {"cells": _few(far)})
        return notes

    @staticmethod
    def _hours() -> str:
        begins = ", ".join(
            f"{name} {hour}:00" for name, (_key, hour) in zip(PART_NAMES.values(), DAY_PARTS, strict=True)
        )
        return _("By the store’s clock; each begins at: %(hours)s.") % {"hours": begins}


def _few(names: list[str]) -> str:
    shown, more = names[:MOST_NAMED], len(names) - MOST_NAMED
    text = listed(shown)
    return _("%(names)s and %(number)s more") % {"names": text, "number": more} if more > 0 else text


ANSWERS = register(Report("answers", gettext_lazy("What guests answer"), PeriodForm, build))
