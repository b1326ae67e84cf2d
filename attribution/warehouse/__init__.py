"""Reads Parquet, CSV, frames or queries: sorted partitions for the engine, views and frames for the metrics."""

from attribution.warehouse.errors import InputError
from attribution.warehouse.evidence import Evidence, open_evidence
from attribution.warehouse.partitions import Partition
from attribution.warehouse.snapshot import frames, snapshot
from attribution.warehouse.sources import KINDS, UNKNOWN, Query, Source

__all__ = [
    "KINDS",
    "UNKNOWN",
    "Evidence",
    "InputError",
    "Partition",
    "Query",
    "Source",
    "frames",
    "open_evidence",
    "snapshot",
]
