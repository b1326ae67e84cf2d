"""Puts the tables of the benchmarks where they are read: docs/benchmarks.md."""

from collections.abc import Iterable, Sequence
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


def table(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return the lines of a Markdown table."""
    lines = [list(heading), ["---"] * len(heading), *([str(cell) for cell in row] for row in rows)]
    return [f"| {' | '.join(cells)} |".replace("| --- ", "|---").replace("--- |", "---|") for cells in lines]


def write(section: str, tables: Iterable[Sequence[str]], page: Path = PAGE) -> None:
    """Replace the tables of a section, in turn; what stands between them stays.

    Raises
    ------
    ValueError : the page has no such section, or the section has fewer tables
    """
    lines = page.read_text(encoding="utf-8").splitlines()
    start = lines.index(f"## {section}") + 1
    for new in tables:
        start = _next(lines, start, section)
        end = start
        while end < len(lines) and lines[end].startswith("|"):
            end += 1
        lines[start:end] = new
        start += len(new)
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _next(lines: Sequence[str], start: int, section: str) -> int:
    for number in range(start, len(lines)):
        if lines[number].startswith("|"):
            return number
        if lines[number].startswith("## "):
            break
    raise ValueError(f"the section {section} has too few tables")
