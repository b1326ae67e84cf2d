"""Small frames for the doctests and tests of the metrics."""

from collections.abc import Sequence

import duckdb
import pandas as pd


def frame(columns: str, *rows: Sequence[object]) -> pd.DataFrame:
    """Return a frame from column names in one text and one sequence a row.

    Examples
    --------
    >>> frame("channel amount", ["radio", 300])
      channel  amount
    0   radio     300
    """
    return pd.DataFrame([list(row) for row in rows], columns=columns.split())


def tables(**given: pd.DataFrame) -> duckdb.DuckDBPyConnection:
    """Return a connection, in UTC, on which each frame is a table of its name.

    Examples
    --------
    >>> tables(spend=frame("amount", [1], [2])).execute("SELECT sum(amount) FROM spend").fetchone()
    (3,)
    """
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    for name, rows in given.items():
        con.register("given", rows)
        con.execute(f"CREATE TABLE {name} AS FROM given")
        con.unregister("given")
    return con
