"""What a run records of itself, so that its numbers can be traced and made again."""

import hashlib
import json
import platform
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings

from attribution import engine, warehouse
from attribution.engine import Judgement, ModelError, intervals, markov
from attribution.engine.evidence.fit import FITTED
from attribution.runs import inputs
from attribution.runs.snapshot import Snapshot, checksum
from attribution.runs.steps import JUDGEMENTS

STEPS = 100
LIBRARIES = ("numpy", "pyarrow", "duckdb")


def code_version() -> str:
    """Return what names the arithmetic: a digest of its sources, the same in a checkout and an image."""
    rooms = [Path(str(package.__file__)).parent for package in (engine, warehouse)]
    sources = [(source.relative_to(room.parent), source) for room in rooms for source in room.rglob("*.py")]
    sources.append((Path(inputs.__name__), Path(inputs.__file__)))
    words = [f"{name}\0{source.read_text(encoding='utf-8')}\0" for name, source in sorted(sources)]
    return hashlib.sha256("".join(words).encode()).hexdigest()[:12]


# Read when the process begins: what it has loaded does not change when files are replaced under it.
CODE_VERSION = code_version()


def of_run(folder: Path, snapshot: Snapshot) -> dict[str, Any]:
    """Return the values of the run's row that tell what it was made from and what came of it."""
    first, orders = (Judgement(folder / name) for name in JUDGEMENTS)
    return {
        "parameters": first.manifest["parameters"],
        "model_settings": model_settings(folder),
        "snapshot": {
            "facts": {name: written.record() for name, written in snapshot.facts.items()},
            "base": snapshot.base,
            "differs": snapshot.proof or {},
        },
        "read_whole": snapshot.is_whole,
        "is_proved": None if snapshot.proof is None else not snapshot.proof,
        "excluded": {name: rows for name, rows in first.counts.items() if rows},
        "orders_excluded": {name: rows for name, rows in orders.counts.items() if rows},
        "customers": first.counts["conversions"],
        "results": results(first),
        "files": checksums(folder),
        "code_version": CODE_VERSION,
    }


def model_settings(folder: Path) -> dict[str, Any]:
    """Return what the models work with besides the parameters: seeds, priors, numbers of draws; and the libraries."""
    told = json.loads((folder / "engine" / FITTED).read_text(encoding="utf-8"))
    return {
        "zone": settings.BUSINESS_ZONE.key,
        "intervals": {"draws": intervals.DRAWS, "seed": intervals.SEED},
        "markov": {"orders": list(markov.ORDERS), "folds": markov.FOLDS, "seed": markov.SEED},
        "evidence": {name: value for name, value in told.items() if name not in {"status", "reason", "p_value"}},
        "libraries": {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES},
    }


def results(judgement: Judgement) -> dict[str, Any]:
    """Return what the models say of the whole history.

    ``customers``: model → channel → new customers and the ends of their 95 % interval; ``evidence``: how the evidence
    model stands; ``markov_order``: the order that the data choose.
    """
    fit = judgement.evidence
    evidence = {"status": fit.status, "reason": fit.reason, "sources": list(fit.sources), "overlaps": fit.overlaps}
    return {
        "customers": customers(judgement),
        "evidence": evidence | {"p_value": fit.p_value},
        "markov_order": judgement.markov_order,
    }


def customers(judgement: Judgement) -> dict[str, dict[str, list[float]]]:
    """Return model → channel → new customers and the ends of their 95 % interval; without channels that won none."""
    found = {}
    for model, kind in engine.MODELS.items():
        with suppress(ModelError):  # a chain that cannot be solved; the report says so
            rows = judgement.intervals(model, order=kind.orders[-1]).to_pylist()  # the order that the data choose
            found[model] = {row["channel"]: [row["customers"], row["low"], row["high"]] for row in rows if row["high"]}
    return found


def checksums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of the judgements, by its path below the folder."""
    files = sorted(file for name in JUDGEMENTS for file in (folder / name).glob("*.*") if file.is_file())
    return {f"{file.parent.name}/{file.name}": checksum(file) for file in files}
