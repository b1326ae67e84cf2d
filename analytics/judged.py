"""A run as the metrics read it: its Facts, and who was judged to have been brought by whom."""

import duckdb
import numpy as np
import pyarrow as pa

from attribution.runs.models import Run
from attribution.runs.results import RunResults


def open_run(run: Run, model: str) -> duckdb.DuckDBPyConnection:
    """Return a connection with a view per Fact and, by the model's credits, ``judged`` and ``credits``.

    ``judged``: ``customer`` (a number of this run), ``customer_id``, ``first_at``, ``next_at``, ``store_id``, one row a
    customer with a sale. ``credits``: ``customer``, ``channel``, ``credit``.
    """
    results = RunResults(run)
    con = results.facts()
    customers = results.judgement.conversions(["customer_id", "at", "next_at", "store_id"])
    customers = customers.rename_columns(["customer_id", "first_at", "next_at", "store_id"])
    con.register("judged", customers.append_column("customer", pa.array(np.arange(customers.num_rows))))
    credits = results.judgement.credits(model)  # noqa: A001 - the house's word
    credits = credits.set_column(1, "channel", credits["channel"].cast(pa.string()))  # noqa: A001
    con.register("credits", credits.rename_columns(["customer", "channel", "credit"]))
    return con
