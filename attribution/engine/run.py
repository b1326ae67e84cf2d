"""One pass over all customers: everything that a run keeps."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from attribution.engine.cluster import judged_side_by_side
from attribution.engine.gathered import EPOCH, Files, Gathered
from attribution.engine.journeys import Parameters
from attribution.engine.judgement import Judgement
from attribution.engine.models import MODELS, model_named
from attribution.engine.partition import Judged, Terms, in_order, judge_partition
from attribution.warehouse import Evidence, InputError, Source, check_cluster, map_on_cluster, open_evidence
from attribution.warehouse.evidence import ROWS

MEMORY = "1GB"
MOST_THREADS = 4  # each has a partition in memory, and more would wait for one another


def judge(
    touches: Source,
    conversions: Source,
    out: Path | None,
    *,
    capabilities: Source | None = None,
    parameters: Parameters = Parameters(),  # noqa: B008 - it is frozen
    watermark: datetime | None = None,
    models: Iterable[str] = tuple(MODELS),
    partitions: int | None = None,
    memory: str = MEMORY,
    threads: int | None = None,
    warehouse: str | None = None,
    tell: Callable[[str], None] = lambda step: None,
) -> Judgement:
    """Judge all conversions once and write what any report may ask for to the folder ``out``.

    Parameters
    ----------
    touches, conversions, capabilities : see `attribution.warehouse.open_evidence`
    out : without it nothing is written, and only the summaries of ``models`` can be had that distinct paths determine
    watermark : rows after it are left out and counted (naive means UTC); without it, the latest time in the input
    models : those that distinct paths do not determine get a file of their own; all others can be asked for anyway
    partitions : about how many; without it, as many as bounded memory needs. The result is the same
    memory : what DuckDB may use before it spills to disk; on a cluster each task as much
    warehouse : the Spark cluster that judges (``spark://host:port``), whose machines all see ``out``; without it, this
        process. The result is the same
    tell : hears "fit" when all customers are judged and the evidence model is to be fitted

    Returns
    -------
    the `Judgement`. Its manifest is written last: a folder without one is not finished

    Raises
    ------
    InputError : the input cannot be judged; nothing is written then
    ModelError : a model is not known
    WarehouseError : the cluster cannot be used, or failed
    """
    if warehouse:
        check_cluster(warehouse)
    for source in (touches, conversions, capabilities):
        _refuse_overwriting(source, out)
    asked = [model_named(model) for model in models]
    by_customer = tuple(model.name for model in asked if not model.by_path and model.credit is not None)
    limit = None if watermark is None else _micros(watermark)
    with tempfile.TemporaryDirectory(prefix="wanamaker-") as name:
        spill = Path(name)
        with open_evidence(
            touches, conversions, capabilities, watermark=limit, memory=memory, threads=threads, spill=spill
        ) as evidence:
            rows = ROWS if partitions is None else _rows_of(evidence, partitions)
            terms = Terms(parameters, evidence.watermark, evidence.channels, by_customer)
            if out is None:
                terms = replace(terms, is_whole=False, has_kinds=not all(model.by_channel for model in asked))
                gathered = Gathered(evidence, terms, spill, asked)
            else:
                gathered = Files(evidence, terms, spill, asked, out)
            with gathered:
                for judged in _judged(evidence, terms, rows, memory, threads, warehouse, out or spill):
                    gathered.add(judged)
        # DuckDB has given its memory back.
        if any(model.is_fitted for model in asked):
            tell("fit")
        return gathered.finish()


def _refuse_overwriting(source: Source | None, out: Path | None) -> None:
    if not isinstance(source, str | Path) or out is None:
        return
    if out.resolve() in (Path(source).resolve(), Path(source).resolve().parent):
        raise InputError(str(source), None, "lies where the judgement goes", "choose another folder for it")


def _judged(
    evidence: Evidence, terms: Terms, rows: int, memory: str, threads: int | None, warehouse: str | None, out: Path
) -> Iterator[Judged]:
    """Yield the partitions in the order of customers."""
    if not warehouse:
        judge_one = partial(judge_partition, terms=terms)
        yield from in_order(judge_one, evidence.partitions(rows), min(threads or os.cpu_count() or 1, MOST_THREADS))
        return
    # A worker that was taken for dead may still be writing when all is done.
    with tempfile.TemporaryDirectory(prefix=".cluster-", dir=out, ignore_cleanup_errors=True) as folder:
        spread = partial(map_on_cluster, warehouse)
        yield from judged_side_by_side(evidence, terms, spread, Path(folder).resolve(), rows=rows, memory=memory)


def _micros(moment: datetime) -> int:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - EPOCH) // timedelta(microseconds=1)


def _rows_of(evidence: Evidence, partitions: int) -> int:
    most = max(evidence.counts["touches_read"], evidence.counts["conversions_read"])
    return max(1, -(-most // max(1, partitions)))
