"""What marks a change: triggers for everything that a cut Fact reads."""

import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection
from django.db.models import Subquery

from attribution import facts
from attribution.customers.models import Customer, Order
from attribution.facts import Cut, Fact
from attribution.runs.snapshot.lookups import lookups, main_table
from attribution.runs.tracking import part_triggers, row_trigger

pytestmark = pytest.mark.django_db


def cut_facts() -> list[Fact]:
    return [fact for fact in facts.REGISTRY.values() if fact.cut is not None]


def trigger_texts() -> dict[str, str]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname, pg_get_functiondef(tgfoid) FROM pg_trigger WHERE NOT tgisinternal")
        return dict(cursor.fetchall())


@pytest.mark.parametrize("fact", cut_facts(), ids=lambda fact: fact.name)
def test_everything_that_a_cut_fact_reads_is_marked_when_it_changes(fact: Fact) -> None:
    """Whoever adds a column of another table to a Fact, or rebuilds a table, adds a `Track` to a migration."""
    texts = trigger_texts()
    assert part_triggers(main_table(fact), connection.vendor) <= texts.keys()
    for way in lookups(fact):
        words = set(re.findall(r"\w+", texts[row_trigger(way.table)]))
        assert way.columns <= words, f"a change of {way.table} is not marked"


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (lambda: Order.objects.values_list("id").union(Order.objects.values_list("id")), "is a union"),
        (lambda: Order.objects.values_list(Subquery(Customer.objects.values("pk")[:1])), "reads a subquery"),
        (lambda: Order.objects.values_list("lines__sku"), "looks up customers_orderline.order_id"),
    ],
)
def test_a_query_whose_changes_cannot_be_traced_cannot_be_cut(rows: Callable[[], Any], why: str) -> None:
    with pytest.raises(TypeError, match=f"tea {why}"):
        lookups(Fact("tea", {"id": pa.int64()}, rows, Cut()))
