"""The report of the questionnaire's denominators: shown, started, finished, and where the others stopped."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from analytics.filters import Filters
from analytics.judged import open_customers
from analytics.metrics import funnel
from analytics.metrics.funnel import Funnel
from analytics.reports.answers import PeriodForm
from analytics.reports.figures import question
from analytics.reports.kept import kept
from analytics.reports.registry import Figure, Report, register
from attribution.engine.intervals import wilson
from attribution.runs.models import Run
from attribution.runs.results import RunResults
from sheets.table import Chart, Column, Table
from surveys.labels import LANGUAGE_NAMES, question_labels
from surveys.models import Placement

DEVICE_NAMES = {
    "phone": pgettext_lazy("device", "phone"),
    "tablet": gettext_lazy("tablet"),
    "desktop": gettext_lazy("computer"),
    "unknown": gettext_lazy("not known"),
}


def build(run: Run, filters: Filters) -> tuple[list[Figure], list[Table]]:
    """Return the figures beside the tables, and the tables Questions, Places, Hours, Devices and Languages.

    And the questions by place, hour, device and language.
    """
    found = _found(run, filters)
    if found is None:
        return [], [Table("places", _("Places"), [Column("place", _("Place"))], [], notes=[_too_old()])]
    hours = _split(found, "hour", _("By the hour"), _("Hour"), _hour_name)
    devices = _split(found, "device", _("By device"), _("Device"), _device_name)
    languages = _split(found, "language", _("By language"), _("Language"), _language_name)
    return _beside(found), [_questions(found), _places(found), hours, devices, languages, *_questions_split(found)]


def _found(run: Run, filters: Filters) -> Funnel | None:
    """Return the numbers; None of a run from before guests' ways were kept."""
    asked = question(run, filters)

    def compute() -> Funnel | None:
        if not {"drafts", "placement_hours"} <= RunResults(run).facts_kept():
            return None
        return funnel.funnel(open_customers(run), asked)

    return kept("funnel", run, [asked.parameters()], compute)


def _too_old() -> str:
    return _("This run is from before pages were counted in such detail. The next one has the figures.")


def _beside(found: Funnel) -> list[Figure]:
    shown, finished = (int(found.places[name].sum()) for name in ("shown", "finished"))
    low, high = (float(end[0]) for end in wilson([finished], [shown]))
    rate = finished / shown if shown else None
    since = _("From the first view to the end.")
    return [
        Figure(Column("shown", _("Shown"), "integer", _("First views of the page."), emphasis=True), shown),
        Figure(Column("finished", _("Finished"), "integer", emphasis=True), finished),
        Figure(
            Column("rate", _("Response rate"), "ratio", _("Finished ÷ shown."), emphasis=True),
            rate,
            None if np.isnan(low) else (low, high),
        ),
        Figure(Column("median", _("Half take at most"), "duration", since), found.median),
        Figure(Column("slow", _("9 of 10 take at most"), "duration", since), found.slow),
    ]


def _counted() -> list[Column]:
    """The columns that every split has."""
    rate = _("Response rate")
    return [
        Column("shown", _("Shown"), "integer", _("First views of the page."), total=True),
        Column("started", _("Started"), "integer", _("Answered or skipped at least one question."), total=True),
        Column("finished", _("Finished"), "integer", total=True),
        Column("rate", rate, "ratio", _("Finished ÷ shown."), interval=("low", "high"), emphasis=True),
        Column("low", _("%(figure)s, low") % {"figure": rate}, "ratio"),
        Column("high", _("%(figure)s, high") % {"figure": rate}, "ratio"),
    ]


def _split(found: Funnel, key: str, title: str, label: str, name: Any) -> Table:
    frame = found.splits[key]
    columns = [Column(key, label), *_counted()]
    named = frame.assign(**{key: [name(value) for value in frame[key]]})
    chart = Chart("bar", key, ("rate",), title) if len(frame) > 1 else None
    return Table(key, title, columns, named[[column.key for column in columns]], chart=chart)


def _hour_name(hour: int) -> str:
    return f"{hour:02}:00"


def _language_name(code: str) -> str:
    return str(LANGUAGE_NAMES.get(code) or (_("not known") if code == "unknown" else code))


def _device_name(written: str) -> str:
    kind, _plus, wechat = written.partition("+")
    name = str(DEVICE_NAMES.get(kind, kind))
    return _("%(device)s, in WeChat") % {"device": name} if wechat else name


def _places(found: Funnel) -> Table:
    placements = Placement.objects.select_related("store").in_bulk(found.places["placement_id"].tolist())
    since = _("From the first view to the end.")
    columns = [
        Column("store", _("Store")),
        Column("spot", _("Spot")),
        *_counted(),
        Column("median", _("Half take at most"), "duration", since),
        Column("slow", _("9 of 10 take at most"), "duration", since),
    ]
    rows = []
    for row in found.places.astype(object).where(found.places.notna(), None).to_dict("records"):
        placement = placements.get(row["placement_id"])
        row |= {"store": placement and placement.store.name, "spot": placement and placement.spot}
        rows.append({column.key: row[column.key] for column in columns})
    return Table("places", _("By place"), columns, rows)


def _questions(found: Funnel) -> Table:
    rows = _asked(found.questions)
    notes = [] if len(rows) else [_("Nobody answered in the period whose way through the questions was kept.")]
    return _question_table("questions", _("Question by question"), [], rows, notes=notes)


def _questions_split(found: Funnel) -> list[Table]:
    """Return where guests stop in one place, hour, device or language, and not in another."""
    split = found.question_splits
    placements = Placement.objects.select_related("store").in_bulk(split["placement_id"]["placement_id"].tolist())
    ways: list[tuple[str, str, str, Callable[[Any], str]]] = [
        ("placement_id", _("Questions by place"), _("Place"), lambda key: str(placements.get(key, key))),
        ("hour", _("Questions by the hour"), _("Hour"), _hour_name),
        ("device", _("Questions by device"), _("Device"), _device_name),
        ("language", _("Questions by language"), _("Language"), _language_name),
    ]
    return [
        _question_table(
            f"questions_{key}", title, [Column(key, label)],
            _asked(split[key], by=key).assign(**{key: lambda rows, key=key, name=name: rows[key].map(name)}),
            is_detail=True,
        )
        for key, title, label, name in ways
    ]  # fmt: skip


def _question_table(
    key: str,
    title: str,
    by: Sequence[Column],
    rows: pd.DataFrame,
    notes: Sequence[str] = (),
    *,
    is_detail: bool = False,
) -> Table:
    rate, share = _("Answered, of those who saw it"), _("Stopped here, of those who saw it")
    columns = [
        Column("survey", _("Survey")),
        Column("question", _("Question")),
        Column("key", _("Code"), hidden=True),
        *by,
        Column("shown", _("Shown"), "integer", _("To guests who had begun, and finished or stopped.")),
        Column("answered", _("Answered"), "integer", _("Of a mere statement: read.")),
        Column("skipped", _("Skipped"), "integer"),
        Column("abandoned", _("Stopped here"), "integer", _("Came so far, and not on within the hour.")),
        Column("rate", rate, "ratio", interval=("low", "high"), emphasis=True),
        Column("low", _("%(figure)s, low") % {"figure": rate}, "ratio"),
        Column("high", _("%(figure)s, high") % {"figure": rate}, "ratio"),
        Column("stopped", share, "ratio"),
    ]
    found = rows[[column.key for column in columns]].to_dict("records")
    return Table(key, title, columns, found, notes=list(notes), is_detail=is_detail)


def _asked(counts: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Return a row a question of each survey, in the order of its newest version, whatever version was answered.

    With ``by``, a row for each of its values.
    """
    labels = question_labels(counts["version_id"].unique().tolist())
    names = [labels.get((version, key)) for version, key in zip(counts["version_id"], counts["question"], strict=True)]
    known = counts.assign(
        survey=[name.survey if name else "—" for name in names],
        place=[name.place if name else 999 for name in names],
        label=[name.label if name else key for name, key in zip(names, counts["question"], strict=True)],
    )
    keys = ["survey", "question", *([by] if by else [])]
    sums = known.groupby(keys, as_index=False).agg(
        place=("place", "min"), label=("label", "last"), shown=("shown", "sum"), answered=("answered", "sum"),
        skipped=("skipped", "sum"), abandoned=("abandoned", "sum"),
    )  # fmt: skip
    sums = sums.sort_values(["survey", "place", *keys[1:]], ignore_index=True)
    low, high = wilson(sums["answered"], sums["shown"])
    table = sums.assign(rate=sums["answered"] / sums["shown"], low=low, high=high)
    return table.assign(stopped=sums["abandoned"] / sums["shown"], key=sums["question"], question=sums["label"])


FUNNEL = register(Report("funnel", gettext_lazy("How many answer"), PeriodForm, build))
