"""Reads Parquet, CSV, frames or queries: sorted partitions for the engine, views and frames for the metrics."""

from attribution.warehouse.cluster import check_cluster, map_on_cluster
from attribution.warehouse.errors import InputError, WarehouseError
from attribution.warehouse.evidence import Evidence, open_evidence
from attribution.warehouse.partitions import Partition
from attribution.warehouse.slices import Slice
from attribution.warehouse.snapshot import frames, snapshot
from attribution.warehouse.sources import DONT_REMEMBER, KINDS, UNKNOWN, Query, Source

__all__ = [
    "DONT_REMEMBER",
    "KINDS",
    "UNKNOWN",
    "Evidence",
    "InputError",
    "Partition",
    "Query",
    "Slice",
    "Source",
    "WarehouseError",
    "check_cluster",
    "frames",
    "map_on_cluster",
    "open_evidence",
    "snapshot",
]
