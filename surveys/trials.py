"""What the thank-you coupon changes: guests who drew one against those who drew none, with intervals, in words."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from attribution.engine.intervals import difference
from attribution.evidence.models import Channel
from sheets.table import Column, Table
from surveys.models import Arm, Placement, Response, RewardTrial, TrialCount
from surveys.results.counts import mean

Pair = tuple[float, float]  # with, and without


@dataclass(frozen=True)
class Line:
    """One figure with and without the coupon, in percent or points, and how far they lie apart."""

    key: str
    label: str
    values: tuple[float | None, float | None]
    among: tuple[int, int]
    low: float | None
    high: float | None

    @property
    def apart(self) -> float | None:
        first, second = self.values
        return None if first is None or second is None else first - second

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves out that there is no difference."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


def rate(key: str, label: str, successes: Pair, among: Pair) -> Line:
    """Return the line of two shares.

    Examples
    --------
    >>> line = rate("finished", "Finished", (56, 48), (70, 80))
    >>> line.values, round(line.low, 1), round(line.high, 1), line.is_sure
    ((80.0, 60.0), 5.2, 33.4, True)
    >>> rate("finished", "Finished", (1, 0), (1, 0)).apart is None
    True
    """
    ends = [float(end) * 100 for end in difference(successes[0], among[0], successes[1], among[1])]
    low, high = (None if math.isnan(end) else end for end in ends)
    values = [100 * one / of if of else None for one, of in zip(successes, among, strict=True)]
    return Line(key, label, (values[0], values[1]), (int(among[0]), int(among[1])), low, high)


def recommendation(label: str, told: tuple[Counter[str], Counter[str]]) -> Line:
    """Return the line of two Net Promoter Scores, by how many promote, how many do not, and how many answered."""
    means = [
        mean(one["answered"], 100 * (one["for"] - one["against"]), 10_000 * (one["for"] + one["against"]))
        for one in told
    ]
    first, second = means
    low = high = None
    if first.high is not None and second.high is not None and first.value is not None and second.value is not None:
        half = math.hypot(first.high - first.value, second.high - second.value)
        low, high = first.value - second.value - half, first.value - second.value + half
    return Line("nps", label, (first.value, second.value), (first.count, second.count), low, high)


def lines_of(trial: RewardTrial) -> list[Line]:
    counted = _counted(trial)
    own, every = counted["own"], counted["all"]
    lines = [
        rate("shown", _("Finished, of those who were shown it on their phones (%)"),
             _pair(own, "finished"), _pair(own, "shown")),
        rate("begun", _("Finished, of those who began (%)"), _pair(every, "finished"), _pair(every, "begun")),
        recommendation(_("Net Promoter Score"), (every[Arm.WITH], every[Arm.WITHOUT])),
        rate("csat", _("Four or five stars (%)"), _pair(every, "happy"), _pair(every, "starred")),
        *_channels(trial),
    ]  # fmt: skip
    return [line for line in lines if any(line.among) or line.key in {"shown", "begun"}]


def _pair(told: dict[str, Counter[str]], name: str) -> Pair:
    return told[Arm.WITH][name], told[Arm.WITHOUT][name]


def _counted(trial: RewardTrial) -> dict[str, dict[str, Counter[str]]]:
    """Return by arm how many were shown the page, began, finished and said what: on own phones, and everywhere."""
    found: dict[str, dict[str, Counter[str]]] = {name: {arm.value: Counter() for arm in Arm} for name in ("own", "all")}
    judged = Response.objects.filter(trial=trial, repeats="", set_aside_at=None)
    rows: Any = judged.values("arm", "placement__mode").annotate(
        begun=Count("pk"),
        finished=Count("pk", filter=Q(received_at__isnull=False)),
        answered=Count("nps"),
        **{"for": Count("nps", filter=Q(nps__gte=9)), "against": Count("nps", filter=Q(nps__lte=6))},
        starred=Count("csat"),
        happy=Count("csat", filter=Q(csat__gte=4)),
    )  # fmt: skip
    for row in rows:
        arm, mode = row.pop("arm"), row.pop("placement__mode")
        found["all"][arm].update(row)
        if mode == Placement.Mode.OWN_PHONE:
            found["own"][arm].update(row)
    shown = TrialCount.objects.filter(trial=trial, placement__mode=Placement.Mode.OWN_PHONE).values_list("arm")
    for arm, number in shown.annotate(Sum("impressions")):
        found["own"][arm]["shown"] = number
    for told in found["own"].values():  # who came back after the page had forgotten them is counted as shown
        told["shown"] = max(told["shown"], told["finished"])
    return found


def _channels(trial: RewardTrial) -> list[Line]:
    chosen = Response.objects.counted().filter(trial=trial, choice__channel__isnull=False)
    counts: dict[int, Counter[str]] = {}
    totals: Counter[str] = Counter()
    for channel, arm, number in chosen.values_list("choice__channel", "arm").annotate(Count("pk")):
        counts.setdefault(channel, Counter())[arm] += number
        totals[arm] += number
    among = totals[Arm.WITH], totals[Arm.WITHOUT]
    names = {channel.pk: channel.name for channel in Channel.objects.filter(pk__in=counts)}
    ordered = sorted(counts, key=lambda pk: (-sum(counts[pk].values()), pk))
    return [
        rate("channel", _("Heard by %(channel)s (%%)") % {"channel": names[pk]},
             (counts[pk][Arm.WITH], counts[pk][Arm.WITHOUT]), among)
        for pk in ordered
    ]  # fmt: skip


def table_of(lines: Iterable[Line]) -> Table:
    columns = [
        Column("what", _("Figure")),
        Column("with", _("With coupon"), "number"),
        Column("with_n", _("Guests with"), "integer"),
        Column("without", _("Without coupon"), "number"),
        Column("without_n", _("Guests without"), "integer"),
        Column("apart", _("Difference in points"), "number", interval=("low", "high"), emphasis=True),
        Column("low", _("Difference, low"), "number"),
        Column("high", _("Difference, high"), "number"),
    ]
    rows = [
        (one.label, one.values[0], one.among[0], one.values[1], one.among[1], one.apart, one.low, one.high)
        for one in lines
    ]
    notes = [
        _("Who gets no coupon is drawn by lot before the first page is shown, so nothing else tells the two apart."),
        _("Of twenty figures that do not differ, one seems to."),
    ]
    return Table("trial", _("With and without the coupon"), columns, rows, notes=notes)


# ── In words ────────────────────────────────────────────────────────────────────────────────────────────────────────


def sentences(lines: Iterable[Line]) -> list[str]:
    """Say what the coupon changes: first whether more finish, then what else certainly differs."""
    by_key: dict[str, list[Line]] = {}
    for line in lines:
        by_key.setdefault(line.key, []).append(line)
    said = [_finished(by_key)]
    for line in [one for key in ("nps", "csat", "channel") for one in by_key.get(key, ())]:
        if line.is_sure:
            more = _("%(figure)s: %(points)s points more with the coupon (%(low)s–%(high)s).")
            less = _("%(figure)s: %(points)s points less with the coupon (%(low)s–%(high)s).")
            said.append((more if _above(line) else less) % {"figure": line.label, **_figures(line)})
    return said


def _finished(by_key: dict[str, list[Line]]) -> str:
    [line] = by_key["shown"]
    if line.apart is None:
        [line] = by_key["begun"]
    if line.apart is None or line.low is None or line.high is None:
        return _("Nothing can be compared yet: guests with and without a coupon have to come first.")
    if not line.is_sure:
        between = {"less": _points(-line.low), "more": _points(line.high)}
        return _(
            "Whether the coupon brings more finished answers cannot be told yet: "
            "between %(less)s points fewer and %(more)s points more."
        ) % between  # fmt: skip
    more = _("The coupon brings %(points)s points more finished answers (%(low)s–%(high)s).")
    fewer = _("The coupon brings %(points)s points fewer finished answers (%(low)s–%(high)s).")
    return (more if _above(line) else fewer) % _figures(line)


def _above(line: Line) -> bool:
    return (line.apart or 0) > 0


def _figures(line: Line) -> dict[str, str]:
    low, high = sorted((abs(line.low or 0), abs(line.high or 0)))
    return {"points": _points(abs(line.apart or 0)), "low": _points(low), "high": _points(high)}


def _points(figure: float) -> str:
    return f"{figure:.0f}" if abs(figure) >= 5 else f"{figure:.1f}"
