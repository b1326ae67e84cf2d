"""Two sorted streams, cut between customers: partitions in bounded memory."""

import bisect
from collections.abc import Iterator
from typing import Any, NamedTuple

import pyarrow as pa


class Partition(NamedTuple):
    """All rows of some consecutive customers; each table sorted by customer and time, both may be empty."""

    touches: pa.Table
    conversions: pa.Table


class _Stream:
    """Rows of a reader sorted by customer, of which the last customer may be incomplete."""

    def __init__(self, reader: pa.RecordBatchReader) -> None:
        self._reader = reader
        self._rows = pa.Table.from_batches([], schema=reader.schema)
        self.is_over = False

    def fill(self, rows: int) -> None:
        """Hold at least this many rows, unless the stream is over."""
        batches = []
        missing = rows - self._rows.num_rows
        while missing > 0 and not self.is_over:
            try:
                batch = self._reader.read_next_batch()
            except StopIteration:
                self.is_over = True
            else:
                batches.append(batch)
                missing -= batch.num_rows
        if batches:
            self._rows = pa.concat_tables([self._rows, pa.Table.from_batches(batches)])

    def edge(self, rows: int) -> Any:
        """Return the first customer beyond so many rows, or who may be incomplete; None if all may go."""
        held = self._rows.num_rows
        if self.is_over and held <= rows:
            return None
        return self._rows["customer_id"][min(rows, held - 1)].as_py()

    def take_before(self, customer: Any) -> pa.Table:
        """Give away the rows of all customers before this one."""
        ids = self._rows["customer_id"]
        end = bisect.bisect_left(range(len(ids)), customer, key=lambda row: ids[row].as_py())
        taken, self._rows = self._rows.slice(0, end), self._rows.slice(end)
        return taken.combine_chunks()

    def take_all(self) -> pa.Table:
        taken, self._rows = self._rows, self._rows.slice(0, 0)
        return taken.combine_chunks()


def cut(touches: pa.RecordBatchReader, conversions: pa.RecordBatchReader, rows: int) -> Iterator[Partition]:
    """Yield partitions of about ``rows`` rows a side; no customer is cut in two, so a large one makes a larger one.

    Without rows there is one empty partition, so that a reader learns the columns. Both readers have the column
    ``customer_id`` and are sorted by it: numbers by size, texts by their UTF-8 bytes.
    """
    streams = _Stream(touches), _Stream(conversions)
    wanted = rows
    while True:
        for stream in streams:
            stream.fill(wanted)
        edges = [edge for edge in (stream.edge(wanted) for stream in streams) if edge is not None]
        if not edges:
            break
        customer = min(edges)
        partition = Partition(*(stream.take_before(customer) for stream in streams))
        if any(table.num_rows for table in partition):
            wanted = rows
            yield partition
        else:  # one customer has all these rows
            wanted *= 2
    yield Partition(*(stream.take_all() for stream in streams))
