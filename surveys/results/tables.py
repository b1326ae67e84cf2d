"""A survey's results as sheets.Tables: each question, scores over time, two questions crossed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from attribution.customers.models import Store
from attribution.pages import chart_data
from attribution.warehouse.snapshot import connect
from sheets.table import Chart, Column, Table
from surveys.definition import Kind
from surveys.definition.kinds import SCORES, WITH_OPTIONS
from surveys.exports.items import Item
from surveys.labels import LANGUAGE_NAMES, PART_NAMES
from surveys.models import Arm, Survey
from surveys.results.counts import Axis, Counted, Mean, Share, named
from surveys.results.file import Kept, folder, questions
from surveys.results.picked import Picked
from surveys.results.weights import Weights, orders_by_cell, weigh

FEW = 30  # answers; with fewer a share says little
MOST_ACROSS = 12  # columns of a crosstab


@dataclass(frozen=True)
class Told:
    """One question on the page: its words, how many answered, the tables and charts, and a line that sums it up."""

    item: Item
    title: str
    answered: int
    table: Table | None
    summary: str = ""

    @property
    def chart(self) -> dict[str, Any] | None:
        if self.table is None or self.table.chart is None or not self.table.rows:
            return None
        return chart_data(self.table, self.table.chart.values)


class Results:
    def __init__(self, survey: Survey, kept: Kept, picked: Picked) -> None:
        self.items, self.language = questions(survey), get_language() or "zh-hans"
        where = {
            ("day", ">="): picked.start,
            ("day", "<"): picked.end,
            ("store_id", "="): picked.store,
            ("language", "="): picked.language or None,
            ("source", "="): picked.source or None,
            ("version", ">="): picked.first_version,
            ("version", "<="): picked.last_version,
        }
        self.picked = picked
        self.path, self.given = kept.path, {test: value for test, value in where.items() if value is not None}

    @cached_property
    def counted(self) -> Counted:
        return Counted(connect(memory="256MB", threads=2), str(self.path), self.given)

    @cached_property
    def weights(self) -> Weights | None:
        """What the answers weigh by the orders of the same days and store; None where nothing is known of those."""
        path = orders_by_cell(folder())
        if path is None:
            return None
        cells = self.counted.orders(str(path), self.picked.start, self.picked.end, self.picked.store)
        found = weigh(self.counted.cells(), cells)
        if found is not None:
            self.counted.weigh(found.cells)
        return found

    @property
    def alike(self) -> int:
        """So many answers of equal weight would say as much as all."""
        return round(self.weights.alike) if self.weights else 0

    @cached_property
    def total(self) -> int:
        return self.counted.total()

    def title(self, item: Item) -> str:
        return item.question.label.plain(self.language)

    def label(self, item: Item, answer: Any) -> str:
        option = item.options.get(answer) if isinstance(answer, str) else None
        if option is not None:
            return option.label.plain(self.language)
        return f"{answer:g}" if isinstance(answer, float) else str(answer)

    # ── Question by question ────────────────────────────────────────────────────────────────────────────────────────

    def told(self) -> Iterator[Told]:
        for item in self.items:
            if item.kind is Kind.NUMBER:
                yield self._number(item)
            elif item.kind in WITH_OPTIONS or item.kind in SCORES:
                yield self._shares(item)
            else:
                shares = self.counted.shares(item)
                yield Told(item, self.title(item), shares[0].among if shares else 0, None)

    def _shares(self, item: Item) -> Told:
        shares = self.counted.shares(item)
        among = shares[0].among if shares else 0
        if item.kind in SCORES and shares:  # every point has its bar, chosen or not
            found = {share.answer: share for share in shares}
            shares = [found.get(float(point), Share(float(point), 0, among)) for point in item.question.points]
        weighed = self.counted.weighted(item, (one.answer for one in shares)) if self.weights else {}
        none = (None, None, None)
        rows = [
            (self.label(item, one.answer), one.count, one.share, *one.ends, *weighed.get(one.answer, none))
            for one in shares
        ]
        name, by_orders = _("Share of those who answered"), _("Share, weighted by orders")
        columns = [
            Column("answer", _("Choice") if item.options else _("Points")),
            Column("count", _("Guests"), "integer"),
            Column("share", name, "ratio", interval=("low", "high"), emphasis=True),
            Column("low", _("%(figure)s, low") % {"figure": name}, "ratio"),
            Column("high", _("%(figure)s, high") % {"figure": name}, "ratio"),
            Column(
                "weighted", by_orders, "ratio",
                _("As if guests of each store, part of the day and status had answered as often as they order."),
                interval=("weighted_low", "weighted_high"), hidden=not weighed,
            ),
            Column("weighted_low", _("%(figure)s, low") % {"figure": by_orders}, "ratio", hidden=not weighed),
            Column("weighted_high", _("%(figure)s, high") % {"figure": by_orders}, "ratio", hidden=not weighed),
        ]  # fmt: skip
        notes = [_("A guest could choose several: the shares sum to more than 100%.")] * (item.kind is Kind.MULTIPLE)
        notes += [_("Words beside a choice count as what they were taken to mean.")] * item.takes_text
        title = self.title(item)
        table = Table(
            f"q-{item.name}",
            title,
            columns,
            rows,
            notes=notes,
            chart=Chart("bar", "answer", ["share", *["weighted"] * bool(weighed)], title),
        )
        return Told(item, title, among, table, self._summary(item))

    def _summary(self, item: Item) -> str:
        if item.kind is Kind.NPS:
            return _("NPS %(figure)s: promoters (9, 10) less detractors (0 to 6), from −100 to 100.") % {
                "figure": between(self.counted.overall(item))
            }
        content = self.counted.content(item) if item.kind is Kind.STARS else None
        if content is not None:
            low, high = content.ends
            figures = {"share": f"{content.share:.1%}", "low": f"{low:.1%}", "high": f"{high:.1%}"}
            return _("CSAT %(share)s (%(low)s to %(high)s): four or five stars.") % figures
        if item.kind is Kind.SCALE:
            return _("Mean %(figure)s.") % {"figure": between(self.counted.mean(item))}
        return ""

    def _number(self, item: Item) -> Told:
        bins, mean = self.counted.bins(item), self.counted.mean(item)
        digits = item.question.decimals
        rows = [(f"{low:,.{digits}f} – {high:,.{digits}f}", count) for low, high, count in bins]
        columns = [Column("range", _("Range")), Column("count", _("Guests"), "integer", emphasis=True)]
        title = self.title(item)
        table = Table(f"q-{item.name}", title, columns, rows, chart=Chart("bar", "range", ["count"], title))
        return Told(item, title, mean.count, table, _("Mean %(figure)s.") % {"figure": between(mean)})

    # ── Over time ───────────────────────────────────────────────────────────────────────────────────────────────────

    def over_time(self, unit: str) -> Iterator[Told]:
        """Yield recommendation and stars by week or month."""
        for item in self.items:
            if item.kind not in {Kind.NPS, Kind.STARS}:
                continue
            rows = [
                (since.isoformat(), mean.count, mean.value, mean.low, mean.high)
                for since, mean in self.counted.over_time(item, unit)
            ]
            name = _("NPS") if item.kind is Kind.NPS else _("Mean of the stars")
            columns = [
                Column("since", _("Week from") if unit == "week" else _("Month from")),
                Column("count", _("Guests"), "integer"),
                Column("score", name, "number", interval=("low", "high"), emphasis=True, digits=1),
                Column("low", _("%(figure)s, low") % {"figure": name}, "number"),
                Column("high", _("%(figure)s, high") % {"figure": name}, "number"),
            ]
            table = Table(f"t-{item.name}", name, columns, rows, chart=Chart("line", "since", ["score"], name))
            yield Told(item, f"{name}: {self.title(item)}", sum(row[1] for row in rows), table)

    # ── Two by two ──────────────────────────────────────────────────────────────────────────────────────────────────

    def axes(self) -> list[tuple[str, str]]:
        """Return what a crosstab can be made of, with its words."""
        asked = [(f"q:{one.name}", self.title(one)) for one in self.items if one.kind in WITH_OPTIONS | SCORES]
        others = {"store": _("Store"), "language": _("Language"), "part": _("Part of the day")}
        others |= {"source": _("Source"), "arm": _("Thank-you coupon")}
        return [*asked, *others.items()]

    def crossed(self, row: str, across: str) -> Table:
        """Return a crosstab with the share of each row that gave each answer."""
        counts, answered = self.counted.crossed(self._axis(row), self._axis(across))
        words = dict(self.axes())
        rows = sorted(answered, key=lambda one: self._order(row, one, answered[one]))
        totals: dict[Any, int] = {}
        for _row, told, count in counts:
            totals[told] = totals.get(told, 0) + count
        columns = sorted(totals, key=lambda one: self._order(across, one, totals[one]))
        found = {(one, told): count for one, told, count in counts}
        shown, names = columns[:MOST_ACROSS], (self._names(row), self._names(across))
        cells = [
            (
                self._told(names[0], row, one),
                answered[one],
                *(found.get((one, told), 0) / answered[one] for told in shown),
            )
            for one in rows
        ]
        heads = [
            Column("row", words[row]),
            Column("n", _("Guests"), "integer"),
            *(Column(f"c{place}", self._told(names[1], across, told), "ratio", shade=True)
              for place, told in enumerate(shown)),
        ]  # fmt: skip
        return Table("crossed", f"{words[row]} × {words[across]}", heads, cells, notes=self._notes(answered, columns))

    def _notes(self, answered: Mapping[Any, int], columns: list[Any]) -> list[str]:
        notes = [_("Each row’s share of its guests; only those count who answered both.")]
        if any(count < FEW for count in answered.values()):
            notes.append(
                _("Rows of fewer than %(few)s guests say little: a few more would change their shares.") % {"few": FEW}
            )
        if len(columns) > MOST_ACROSS:
            notes.append(
                _("Of %(number)s columns the first %(most)s are shown.") % {"number": len(columns), "most": MOST_ACROSS}
            )
        return notes

    def _item(self, axis: str) -> Item | None:
        return next((one for one in self.items if axis == f"q:{one.name}"), None)

    def _axis(self, axis: str) -> Axis:
        item = self._item(axis)
        column = "store_id" if axis == "store" else axis
        return Axis(named(item), item.kind is Kind.MULTIPLE) if item else Axis(column)

    def _names(self, axis: str) -> Mapping[Any, str]:
        if axis == "store":
            return {store.pk: store.name for store in Store.objects.all()}
        names: dict[str, Mapping[Any, str]] = {
            "part": dict(enumerate(map(str, PART_NAMES.values()))),
            "source": {"": _("none given")},
            "arm": {arm.value: str(arm.label) for arm in Arm},
        }
        return names.get(axis, LANGUAGE_NAMES)

    def _told(self, names: Mapping[Any, str], axis: str, answer: Any) -> str:
        item = self._item(axis)
        return self.label(item, answer) if item else str(names.get(answer, answer))

    def _order(self, axis: str, answer: Any, count: int) -> tuple[float, str]:
        """Scores and parts of the day stand in their order, all else by how many."""
        in_order = isinstance(answer, int | float) and axis != "store"
        return (float(answer), "") if in_order else (-count, str(answer))


def between(mean: Mean) -> str:
    if mean.value is None:
        return "—"
    if mean.low is None or mean.high is None:
        return f"{mean.value:.1f}"
    return _("%(mean)s (%(low)s to %(high)s)") % {
        "mean": f"{mean.value:.1f}", "low": f"{mean.low:.1f}", "high": f"{mean.high:.1f}",
    }  # fmt: skip
