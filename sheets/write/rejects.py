"""The rows of an import that could not be taken, to be mended and handed in again."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

from sheets.table import Column, Table, Workbook
from sheets.write.book import write_workbook
from sheets.write.styles import words


def write_error_rows(
    target: Path | IO[bytes],
    headers: Sequence[str],
    rows: Iterable[tuple[int, str, Sequence[str | None]]],
    *,
    language: str = "zh-hans",
    about: Sequence[tuple[str, object]] = (),
) -> None:
    """Write the failed rows as they were typed, as text, with their number in the file and the reason.

    Parameters
    ----------
    headers : the columns of the file, as they stood there
    rows : row number, reason, and the values in column order (fewer or more than columns are made to fit)
    """
    said = words(language)
    columns = [Column(f"c{i}", header) for i, header in enumerate(headers)]
    columns += [Column("row", said["row"], "integer"), Column("reason", said["reason"], emphasis=True)]
    table = Table("rejected", said["rejected"], columns, _fitted(rows, len(headers)))
    write_workbook(Workbook(said["rejected"], [table], about=about, language=language), target, about_last=True)


def _fitted(
    rows: Iterable[tuple[int, str, Sequence[str | None]]], width: int
) -> Iterator[tuple[str | int | None, ...]]:
    for number, reason, values in rows:
        fitted = [*values[:width], *[None] * (width - len(values))]
        if len(values) > width and width:
            fitted[-1] = " | ".join(str(value) for value in values[width - 1 :])
        yield (*fitted, number, reason)
