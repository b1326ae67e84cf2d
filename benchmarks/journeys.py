"""Journeys as Parquet files, for timing: as many as wanted, in no order, kept under build/ for the next time."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.processes import ROOT

CHANNELS = tuple(f"channel_{number:02}" for number in range(12))
KINDS = ("link", "coupon", "import")  # no survey: it stands first on a path, which no other program knows
CONVERTING = 0.4
MOST_TOUCHES = 20
SPAN = 80 * 86_400 * 1_000_000  # microseconds: all within the lookback
OPENING = np.datetime64("2026-01-01", "us")


def files(journeys: int) -> tuple[Path, Path]:
    """Return the files of touches and conversions of so many journeys; make them if they are not there."""
    folder = ROOT / "build" / "bench" / f"journeys-{journeys}"
    touches, conversions = folder / "touches.parquet", folder / "conversions.parquet"
    if not conversions.exists():
        folder.mkdir(parents=True, exist_ok=True)
        made = make(journeys)
        pq.write_table(made[0], touches)
        pq.write_table(made[1], conversions)
    return touches, conversions


def make(journeys: int, seed: int = 1) -> tuple[pa.Table, pa.Table]:
    """Return touches and conversions: one to 20 touches a journey, 3 in the mean; four of ten end in a purchase.

    A customer is a journey. No two touches of one customer have the same time.
    """
    rng = np.random.default_rng(seed)
    length = np.minimum(rng.geometric(1 / 3, journeys), MOST_TOUCHES)
    owner = np.repeat(np.arange(journeys, dtype=np.int64), length)
    position = np.arange(len(owner)) - np.repeat(np.cumsum(length) - length, length)
    step = SPAN // (MOST_TOUCHES + 1)
    at = position * step + rng.integers(0, step, len(owner))
    popularity = rng.dirichlet(np.full(len(CHANNELS), 2.0))
    order = rng.permutation(len(owner))
    touches = pa.table(
        {
            "customer_id": owner[order],
            "channel": _texts(rng.choice(len(CHANNELS), len(owner), p=popularity), CHANNELS),
            "kind": _texts(rng.integers(0, len(KINDS), len(owner)), KINDS),
            "at": pa.array(OPENING + at[order].astype("timedelta64[us]")),
        }
    )
    buyers = rng.permutation(np.flatnonzero(rng.random(journeys) < CONVERTING))
    sold_at = length[buyers] * step + rng.integers(0, step, len(buyers))
    conversions = pa.table(
        {
            "customer_id": buyers,
            "at": pa.array(OPENING + sold_at.astype("timedelta64[us]")),
            "value": rng.integers(800, 6_000, len(buyers)),
        }
    )
    return touches, conversions


def _texts(codes: np.ndarray, names: tuple[str, ...]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8()), pa.array(names)).cast(pa.string())
