"""What a run's page shows of it, in words."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.utils.functional import Promise

from attribution.runs import words
from attribution.runs.models import Recomputation, Run


class FactRow(NamedTuple):
    name: str
    rows: int
    sha256: str
    read: int | None  # None: from before parts were counted
    kept: int | None
    differs: str


class Difference(NamedTuple):
    """New customers of a channel by a model, as the run recorded them and as they came out again."""

    model: Promise | str
    channel: str
    then: str
    now: str


class Cell(NamedTuple):
    """New customers, and the ends of their interval."""

    customers: str
    low: str
    high: str


def context(run: Run) -> dict[str, Any]:
    """Return what the template needs besides the run; of older runs what they recorded."""
    evidence = run.results.get("evidence")
    return {
        "spans": words.spans(run.parameters),
        "counts": words.counts(run.excluded),
        "order_counts": words.counts(run.orders_excluded, of_orders=True),
        "settings": words.model_settings(run.model_settings),
        "timings": words.timings(run.timings),
        "evidence": words.evidence(evidence) if evidence else "",
        "facts": list(_facts(run)),
        "models": [words.MODEL_NAMES.get(model, model) for model in _models(run)],
        "channels": list(_channels(run)),
    }


def differences(again: Recomputation | None) -> list[Difference]:
    """Return the new customers that came out otherwise when the run was recomputed."""
    names = words.channel_names()
    rows = again.findings.get("numbers", []) if again else []
    return [
        Difference(words.MODEL_NAMES.get(model, model), names.get(channel, channel), f"{then:,.6f}", f"{now:,.6f}")
        for model, channel, then, now in rows
    ]


def _facts(run: Run) -> Iterator[FactRow]:
    differs = run.snapshot.get("differs", {})
    for name, fact in sorted(run.snapshot.get("facts", {}).items()):
        parts = ", ".join(map(str, differs.get(name, [])))
        yield FactRow(name, fact["rows"], fact["sha256"], fact.get("read"), fact.get("kept"), parts)


def _models(run: Run) -> list[str]:
    found = run.results.get("customers", {})
    return [model for model in words.MODEL_NAMES if model in found]


def _channels(run: Run) -> Iterator[tuple[str, list[Cell | None]]]:
    """Yield each channel with its new customers and their interval by each model."""
    found = run.results.get("customers", {})
    names = words.channel_names()
    slugs = {slug for by_channel in found.values() for slug in by_channel}
    for slug in (*(slug for slug in names if slug in slugs), *sorted(slugs - names.keys())):
        yield names.get(slug, slug), [_cell(found[model].get(slug)) for model in _models(run)]


def _cell(found: list[float] | None) -> Cell | None:
    return None if found is None else Cell(f"{found[0]:,.1f}", f"{found[1]:,.0f}", f"{found[2]:,.0f}")
