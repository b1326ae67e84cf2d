"""A run as the metrics read it: its Facts, and who was judged to have been brought by whom."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.metrics.conversion import MEETINGS
from analytics.metrics.value import BOUGHT
from attribution.engine import MODELS, Judgement
from attribution.engine.evidence import EvidenceFit
from attribution.engine.judgement import CONVERSIONS
from attribution.engine.models import DEFAULT, ModelError
from attribution.runs.actions import ORDER_MODELS
from attribution.runs.models import Run
from attribution.runs.results import RunResults
from attribution.warehouse import UNKNOWN
from attribution.warehouse.sources import literal

KEPT = {"meetings": MEETINGS, "bought": BOUGHT}
NOTHING = pa.table({"group_id": pa.array([], pa.int64()), "channel": pa.array([], pa.string()), "credit": []})


def open_customers(run: Run) -> duckdb.DuckDBPyConnection:
    """Return a connection with a view per Fact and ``judged``, which reads of the run's files what it is asked for.

    ``judged`` has the columns of `open_run`'s, and ``path_id`` (null without a touch) and ``pattern_id``: what is known
    of the customer (`attribution.engine.Judgement`).
    """
    results = RunResults(run)
    con = results.facts()
    _see(con, "judged", results.judgement, "NULL")
    return con


def open_run(run: Run, model: str) -> duckdb.DuckDBPyConnection:
    """Return a connection with a view per Fact and, by the model's credits, what each customer and each sale is due to.

    ``judged``: ``customer`` (a number of this run), ``customer_id``, ``first_at``, ``next_at``, ``store_id``,
    ``group_id``, one row a customer with a sale. ``credits``: ``group_id``, ``channel``, ``credit``: customers with the
    same evidence are a group, and have the same credits; empty for a model that has none.

    ``order_credits`` is the same for sales by their own path, by `order_model`; empty for a run from before they were
    judged. ``meetings`` (`analytics.metrics.conversion.MEETINGS`) and ``bought`` (`analytics.metrics.value.BOUGHT`) are
    joined once per run and kept beside it, without anything that names a person; ``bought`` has a ``group_id`` and an
    ``own_group_id``.
    """
    results, by_path = RunResults(run), order_model(model)
    con = results.facts()
    _see(con, "judged", results.judgement, _group(results.judgement, model, number="file_row_number"))
    con.register("credits", _credits(results.judgement, model))
    # Who was never judged is in no group.
    groups = [f"CASE WHEN customer IS NOT NULL THEN {_group(results.judgement, model)} END AS group_id"]
    if results.orders is None:
        con.execute('CREATE VIEW judged_orders AS SELECT *, first_at AS "at", NULL AS value FROM judged WHERE false')
        con.register("order_credits", NOTHING)
        groups.append("NULL AS own_group_id")
    else:
        _see(con, "judged_orders", results.orders, "NULL", '"at"')
        con.register("order_credits", _credits(results.orders, by_path))
        own = _group(results.orders, by_path, path="own_path_id", number="own_order")
        groups.append(f"CASE WHEN own_order IS NOT NULL THEN {own} END AS own_group_id")
    _see_kept(con, "meetings", run)
    _see_kept(con, "bought", run, groups)
    return con


def prepare(run: Run) -> None:
    """Join what all reports of a run need, unless it has been done, so that nobody waits for it."""
    if not all(_kept_file(run, view, sql).exists() for view, sql in KEPT.items()):
        open_run(run, DEFAULT).close()


def default_model(run: Run | None) -> str:
    """Return the model that a run is shown by: evidence, where it can be identified."""
    return RunResults(run).judgement.default_model if run is not None and run.customers else DEFAULT


def evidence_of(judgement: Judgement) -> EvidenceFit | None:
    """Return the evidence model of a run, fitted or not; None for a run from before there was one."""
    try:
        return judgement.evidence
    except ModelError:
        return None


def used_model(judgement: Judgement, model: str) -> str:
    """Return the model that answers for this one: strongest evidence first, where evidence could not be weighed."""
    if MODELS[model].is_fitted and evidence_of(judgement) is None:
        return DEFAULT
    return judgement.used(model)


def order_model(model: str) -> str:
    """Return the model that credits sales by their own path where ``model`` credits customers.

    What won a customer is told by what was said around the first sale; of later ones neither evidence nor a chain can
    speak, and the strongest evidence stands in.
    """
    return model if model in ORDER_MODELS else DEFAULT


def _see(con: duckdb.DuckDBPyConnection, view: str, judgement: Judgement, group: str, moment: str = "first_at") -> None:
    has_patterns = "pattern_id" in pq.read_schema(judgement.directory / CONVERSIONS).names  # old runs have none
    file = literal(str(judgement.directory / CONVERSIONS))
    con.execute(f"""
        CREATE VIEW {view} AS
        SELECT * EXCLUDE (file_row_number) RENAME ("at" AS {moment}), file_row_number AS customer,
            {group} AS group_id{"" if has_patterns else ", NULL::BIGINT AS pattern_id"}
        FROM read_parquet({file}, file_row_number = true)
    """)  # noqa: S608 - our own names, quoted


def _kept_file(run: Run, view: str, sql: str) -> Path:
    return run.folder / "measured" / f"{view}-{hashlib.sha256(sql.encode()).hexdigest()[:12]}.parquet"


def _see_kept(con: duckdb.DuckDBPyConnection, view: str, run: Run, more: Sequence[str] = ()) -> None:
    """See what a query finds in the run's files, and keep it beside them: whoever asks next need not join again."""
    file = _kept_file(run, view, KEPT[view])
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        part = file.with_name(f"{uuid4().hex}.part")
        con.execute(f"COPY ({KEPT[view]}) TO {literal(str(part))} (FORMAT parquet, COMPRESSION zstd)")
        part.replace(file)
    columns = ", ".join(["*", *more])
    con.execute(f"CREATE VIEW {view} AS SELECT {columns} FROM read_parquet({literal(str(file))})")  # noqa: S608


def _group(judgement: Judgement, model: str, *, path: str = "path_id", number: str = "customer") -> str:
    """Return the SQL of what customers of equal credits have in common, given the names of the columns."""
    used = used_model(judgement, model)
    if MODELS[used].is_fitted:
        return "pattern_id"
    # What has no touch is a group of its own, after the last path.
    return f"coalesce({path}, {len(judgement.paths)})" if MODELS[used].by_path else number


def _credits(judgement: Judgement, model: str) -> pa.Table:
    used = used_model(judgement, model)
    if MODELS[used].is_fitted:
        rows = judgement.evidence.posterior()
    elif not MODELS[used].per_customer:
        rows = NOTHING
    elif MODELS[used].by_path:
        rows = judgement.path_credits(used)
        silent = {"path_id": [len(judgement.paths)], "channel": [UNKNOWN], "credit": [1.0]}
        rows = pa.concat_tables([_plain(rows), _plain(pa.table(silent))])
    else:
        rows = judgement.credits(used)
    return _plain(rows.rename_columns(["group_id", "channel", "credit"]))


def _plain(rows: pa.Table) -> pa.Table:
    types = pa.int64(), pa.string(), pa.float64()
    return rows.cast(pa.schema(list(zip(rows.column_names, types, strict=True))))
