"""For how many orders an answer speaks: results weighted as METRICS §2 weighs the first question, for every question.

The orders of the newest run, counted by day and cell, lie beside the answers in a small Parquet file, one for all
surveys: a page that waits for nobody reads that.
"""

import contextlib
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pandas as pd
from django.conf import settings

from attribution.engine.cells import CELL, STATUS, counted
from attribution.engine.weighting import effective, rake
from attribution.runs.models import Run
from attribution.warehouse.snapshot import connect, tables
from attribution.warehouse.sources import literal

MEMORY = "256MB"
FIRSTS = """
    CREATE TABLE firsts AS SELECT customer_id, min(placed_at) AS first_at FROM read_parquet({orders})
    WHERE kind = 'sale' AND customer_id IS NOT NULL GROUP BY customer_id
"""
ORDERS = f"""
    WITH seen AS (
        SELECT orders.store_id, stores.zone, placed_at AS "at", first_at
        FROM read_parquet({{orders}}) AS orders JOIN read_parquet({{stores}}) AS stores ON stores.id = orders.store_id
            LEFT JOIN firsts USING (customer_id)
        WHERE kind = 'sale'
    ) {counted("day, store_id", "orders")}
"""  # noqa: S608 - constants only


class Weights(NamedTuple):
    """``cells``: ``store_id``, ``part``, ``status``, ``weight``; ``alike``: how many answers of equal weight would say
    as much as all of them."""

    cells: pd.DataFrame
    alike: float


def facts() -> dict[str, str] | None:
    """Return where the tables of the newest run lie; None before the first."""
    run = Run.objects.latest_done()
    return tables(run.folder / "facts") if run is not None and run.has_files and run.folder.exists() else None


def note_status(con: duckdb.DuckDBPyConnection) -> str:
    """Make a table of the customers' first sales, and return SQL for the status of who has ``customer_id`` and ``at``.

    It is NULL before the first run. The query that it is put into joins ``firsts``, and is given ``$zone``.
    """
    found = facts()
    if found is None:
        con.execute("CREATE TABLE firsts (customer_id BIGINT, first_at TIMESTAMP)")
        return "NULL::INT"
    con.execute(FIRSTS.format(orders=literal(found["orders"])))
    return STATUS


def orders_by_cell(folder: Path) -> Path | None:
    """Return the file of the newest run's sales: ``day``, ``store_id``, ``part``, ``status``, ``orders``.

    It is written by whoever asks first after a run: a second for a million orders.
    """
    run, found = Run.objects.latest_done(), facts()
    if run is None or found is None:
        return None
    path = folder / f"orders-{run.uuid.hex}.parquet"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        names = {name: literal(found[name]) for name in ("orders", "stores")}
        with tempfile.TemporaryDirectory(prefix="part-", dir=folder) as part:  # two may write it at once
            done = Path(part) / "done.parquet"
            with connect(memory=MEMORY, threads=2, spill=Path(part) / "spill") as con:
                con.execute(FIRSTS.format(**names))
                con.execute(
                    f"COPY ({ORDERS.format(**names)}) TO {literal(str(done))} (FORMAT parquet)",
                    {"zone": settings.BUSINESS_ZONE.key},
                )
            done.rename(path)
        # A page that is being made may still read the one before. What is gone meanwhile, another has removed.
        with contextlib.suppress(FileNotFoundError):
            for old in sorted(folder.glob("orders-*.parquet"), key=lambda one: one.stat().st_mtime)[:-2]:
                old.unlink()
    return path


def weigh(answers: pd.DataFrame, orders: pd.DataFrame) -> Weights | None:
    """Return what the answers of each cell weigh, such that they are spread over the cells as orders are.

    Parameters
    ----------
    answers, orders : ``store_id``, ``part``, ``status`` and their number, called ``answers`` and ``orders``

    Returns
    -------
    None where there is nothing to weigh with: no order, or no answer whose cell is known

    Examples
    --------
    80 answers in the morning and 20 in the evening, of as many orders.

    >>> cells = pd.DataFrame({"store_id": [1, 1], "part": [0, 3], "status": [2, 2]})
    >>> found = weigh(cells.assign(answers=[80, 20]), cells.assign(orders=[500, 500]))
    >>> found.cells["weight"].tolist(), found.alike
    ([0.625, 2.5], 64.0)
    """
    cells = answers.merge(orders, on=CELL, how="outer").fillna({"answers": 0, "orders": 0})
    cells = cells.dropna(subset=CELL).astype("int64").sort_values(CELL, ignore_index=True)
    if not cells["answers"].any() or not cells["orders"].any():
        return None
    columns: list[Any] = [cells[name] for name in ("answers", "orders", *CELL)]
    weight = rake(*columns).weight
    return Weights(cells[CELL].assign(weight=weight), effective(weight, cells["answers"]))
