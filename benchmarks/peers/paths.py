"""The input of both peers: each distinct path once, as text, with its counts. DuckDB makes it fastest.

Run by the Python of a peer's own environment, which has none of our modules.
"""

import json
import sys
from pathlib import Path
from typing import Any

import duckdb

SEPARATOR = " > "


def arguments() -> tuple[str, str, str]:
    """Return the model, the file of touches and the file of conversions."""
    _, model, touches, conversions = sys.argv
    return model, touches, conversions


def grouped(touches: str, conversions: str) -> Any:
    """Return ``path``, ``conversions``, ``nothing`` (journeys without one)."""
    return duckdb.sql(f"""
        WITH paths AS (
            SELECT customer_id, string_agg(channel, '{SEPARATOR}' ORDER BY "at") AS path
            FROM read_parquet('{Path(touches)}') GROUP BY customer_id
        )
        SELECT path, count(sold.customer_id) AS conversions, count(*) - count(sold.customer_id) AS nothing
        FROM paths LEFT JOIN read_parquet('{Path(conversions)}') AS sold USING (customer_id) GROUP BY path
    """)


def tell(totals: dict[str, dict[str, float]]) -> None:
    """Print the totals by model and channel as the last line."""
    print(json.dumps(totals))
