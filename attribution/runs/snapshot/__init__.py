"""The one door from rows to columns: every Fact as Parquet, all read in one read transaction."""

from attribution.runs.snapshot.marks import take as take_marks
from attribution.runs.snapshot.parts import checksum, fact_checksum
from attribution.runs.snapshot.write import Snapshot, check_facts, write_facts

__all__ = ["Snapshot", "check_facts", "checksum", "fact_checksum", "take_marks", "write_facts"]
