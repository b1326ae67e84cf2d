"""How a cell of a table reads on a page: where it leads, and how dark it is."""

from typing import Any

from analytics.templatetags.tables import Cell, shown
from sheets.table import Column, Table


def cells(*columns: Column, row: tuple[Any, ...], totals: bool = False) -> list[Cell]:
    table = Table("t", "T", columns, [row])
    found = shown(table.with_totals("Total") if totals else table)
    return (found.totals or []) if totals else found.rows[0]


NAME = Column("name", "Name")
SLUG = Column("slug", "Slug", hidden=True)


def test_a_cell_leads_to_an_address_made_of_its_row():
    found = cells(NAME, SLUG, Column("n", "N", "integer", link="/who/?channel={slug}"), row=("Metro", "metro", 3))

    assert [(cell.text, cell.link) for cell in found] == [("Metro", ""), ("3", "/who/?channel=metro")]


def test_what_is_not_known_leads_nowhere():
    link = "/who/?channel={slug}"
    assert cells(NAME, SLUG, Column("n", "N", "integer", link=link), row=("Metro", "metro", None))[1].link == ""
    assert cells(Column("name", "Name", link=link), SLUG, row=("Others", None))[0].link == ""


def test_a_total_leads_nowhere():
    found = cells(NAME, Column("n", "N", "integer", total=True, link="/who/"), row=("Metro", 3), totals=True)

    assert [cell.link for cell in found] == ["", ""]


def test_a_share_is_darker_the_larger_it_is():
    columns = [Column(f"c{n}", "C", "ratio", shade=True) for n in range(5)]
    found = cells(*columns, Column("plain", "P", "ratio"), row=(0.0, 0.01, 0.25, 1.0, None, 0.5))

    # Six times the root, rounded
    assert [cell.shade for cell in found] == [0, 1, 3, 6, None, None]
