"""The benchmarks write their tables, and nothing else, into the page."""

from pathlib import Path

import pytest

from benchmarks.pages import PAGE as OURS
from benchmarks.pages import table, write

PAGE = """\
# Benchmarks

## one
Before.

| a | b |
|---|---|
| 1 | 2 |

Between.

| c |
|---|

## two
| d |
|---|
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "benchmarks.md"
    path.write_text(PAGE)
    return path


def test_a_table_is_markdown() -> None:
    assert table(["a", "b"], [["x", 1.5]]) == ["| a | b |", "|---|---|", "| x | 1.5 |"]


def test_the_tables_of_a_section_are_replaced_in_turn_and_the_rest_stays(page: Path) -> None:
    write("one", [table(["e"], [[1], [2]]), table(["f"], [])], page)

    assert page.read_text() == PAGE.replace("| a | b |\n|---|---|\n| 1 | 2 |", "| e |\n|---|\n| 1 |\n| 2 |").replace(
        "| c |", "| f |"
    )


def test_the_last_table_of_a_page_is_replaced(page: Path) -> None:
    write("two", [table(["e"], [])], page)

    assert page.read_text() == PAGE.replace("| d |", "| e |")


def test_a_table_that_is_not_there_is_missed(page: Path) -> None:
    with pytest.raises(ValueError, match="one has too few tables"):
        write("one", [table(["e"], [])] * 3, page)
    with pytest.raises(ValueError, match="three"):
        write("three", [], page)


@pytest.mark.parametrize("section", ["accuracy", "engine", "run"])
def test_our_page_has_a_place_for_both_tables(section: str, page: Path) -> None:
    page.write_text(OURS.read_text(encoding="utf-8"), encoding="utf-8")

    write(section, [table(["new"], [])] * 2, page)

    assert page.read_text(encoding="utf-8").count("| new |") == 2
