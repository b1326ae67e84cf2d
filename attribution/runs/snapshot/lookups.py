"""What a Fact's query reads besides its main table: derived from the query itself, so that nobody has to declare it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from django.db import connection
from django.db.models import Subquery
from django.db.models.expressions import Col
from django.db.models.sql.datastructures import Join

from attribution.customers.models import Customer
from attribution.facts import Fact


@dataclass
class Lookup:
    """A table in which the rows of the main table look something up: how they get there, and what they read."""

    table: str
    path: str  # as filters write it: "link__channel"
    columns: set[str] = field(default_factory=set)


def main_table(fact: Fact) -> str:
    return str(fact.rows().model._meta.db_table)


def lookups(fact: Fact) -> list[Lookup]:
    """Return the tables that the Fact's rows look up in by their id, and the columns read there.

    Raises
    ------
    TypeError : the query reads in a way whose changes could not be traced to rows of the main table
    """
    query = fact.rows().query.clone()
    query.get_compiler(connection=connection).as_sql()  # sets up what the order needs
    if query.combinator:
        raise TypeError(f"{fact.name} is a union, and cannot be cut")
    found: dict[str, Lookup] = {}
    for alias, joined in query.alias_map.items():
        if not isinstance(joined, Join) or not query.alias_refcount[alias]:
            continue
        [(near, far)] = joined.join_cols
        if far != "id":
            raise TypeError(f"{fact.name} looks up {joined.table_name}.{far}, not its id, and cannot be cut")
        before = found.get(joined.parent_alias)
        if before is not None:
            before.columns.add(near)
        step = cast("Any", joined.join_field).name
        path = f"{before.path}__{step}" if before else step
        found[alias] = Lookup(joined.table_name, path)
    roots = (*query.select, *query.annotation_select.values(), query.where)
    for alias, column in (pair for root in roots for pair in _columns(root, fact)):
        if alias in found:
            found[alias].columns.add(column)
    people = [Lookup(Customer._meta.db_table, relation, {"merged_into_id"}) for relation in fact.people.values()]
    return [*people, *found.values()]


def _columns(node: Any, fact: Fact) -> Iterator[tuple[str, str]]:
    if isinstance(node, Subquery):
        raise TypeError(f"{fact.name} reads a subquery, and cannot be cut")
    if isinstance(node, Col):
        yield node.alias, str(node.target.column)
        return
    for child in node.get_source_expressions():
        if child is not None:
            yield from _columns(child, fact)
