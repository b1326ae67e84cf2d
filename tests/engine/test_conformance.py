"""What every model promises, whatever its formula. A new model is held to it by being in the registry."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from attribution.engine import MODELS, Judgement, ModelError, judge
from attribution.engine.evidence import gibbs
from attribution.warehouse import KINDS
from tests.engine.shop import TEXT, Sale, Touch, sale_table, touch_table

every_model = pytest.mark.parametrize("model", MODELS)
with_credits = pytest.mark.parametrize("model", [model for model in MODELS if MODELS[model].per_customer])
# What a model that is fitted says of one customer depends on all of them.
by_itself = pytest.mark.parametrize(
    "model", [model for model in MODELS if MODELS[model].per_customer and not MODELS[model].is_fitted]
)
with_totals_only = pytest.mark.parametrize("model", [model for model in MODELS if not MODELS[model].per_customer])
CHANNELS = ("douyin", "friends", "meituan", "metro", "wechat")
Judge = Callable[..., Judgement]


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is promised here does not hang on how long the sampler draws."""
    monkeypatch.setattr(gibbs, "BURN_IN", 20)
    monkeypatch.setattr(gibbs, "STEPS", 40)


@pytest.fixture
def judge_into(tmp_path: Path, model: str) -> Judge:
    """Judge tables by the model, into a folder of its own each time."""
    number = count()
    return lambda touches, sales, **options: judge(
        touches, sales, tmp_path / str(next(number)), models=[model], **options
    )


def shop(customers: int = 80) -> tuple[list[Touch], list[Sale]]:
    """Return touches and sales of customers 0 to n - 1: many ties, some without touch, others without sale."""
    rng = np.random.default_rng(7)
    days = rng.integers(-100, 3, 300)
    kinds, channels, owners = rng.choice(KINDS, 300), rng.choice(CHANNELS, 300), rng.integers(0, customers, 300)
    columns = zip(owners, channels, kinds, days, strict=True)
    touches = [Touch(int(owner), str(channel), str(kind), float(day)) for owner, channel, kind, day in columns]
    sales = [
        Sale(customer, float(day), int(rng.integers(1, 9000)))
        for customer in range(0, customers, 2)
        for day in rng.choice([-40, -5, 0, 1], rng.integers(1, 4), replace=False)
    ]
    return touches, sales


def rows(judgement: Judgement, model: str) -> list[dict[str, Any]]:
    """Return all that the model says: the credits, or the totals where it has no credits."""
    if not MODELS[model].per_customer:
        return [row for row in judgement.summary(model).to_pylist() if row["customers"]]
    return pa.concat_tables(judgement.credit_tables(model)).to_pylist()


@with_credits
def test_the_credits_of_a_conversion_sum_to_one(model: str, judge_into: Judge):
    touches, sales = shop()

    given = judge_into(touch_table(touches), sale_table(sales)).credits(model)

    sums = np.bincount(given["conversion"].to_numpy(), weights=given["credit"].to_numpy())
    assert len(sums) == len(sales)
    assert np.abs(sums - 1).max() < 1e-9
    assert given["credit"].to_numpy().min() > 0


@with_credits
def test_the_summary_sums_to_the_conversions_and_their_value_and_is_sorted(model: str, judge_into: Judge):
    touches, sales = shop()

    summary = judge_into(touch_table(touches), sale_table(sales)).summary(model)

    assert summary["channel"].to_pylist() == sorted([*CHANNELS, "unknown"])
    assert sum(summary["customers"].to_pylist()) == pytest.approx(len(sales), abs=1e-9)
    assert sum(summary["value"].to_pylist()) == pytest.approx(sum(sale.value for sale in sales), abs=1e-6)


@with_credits
def test_the_summary_adds_up_the_credits(model: str, judge_into: Judge):
    touches, sales = shop()
    judgement = judge_into(touch_table(touches), sale_table(sales))

    totals = dict.fromkeys(judgement.channels, (0.0, 0.0))
    for row in rows(judgement, model):
        customers, value = totals[row["channel"]]
        totals[row["channel"]] = customers + row["credit"], value + row["value"]

    summary = {row["channel"]: (row["customers"], row["value"]) for row in judgement.summary(model).to_pylist()}
    assert summary == {channel: pytest.approx(total) for channel, total in totals.items()}


@every_model
def test_the_order_of_rows_is_irrelevant(model: str, judge_into: Judge):
    touches, sales = shop()
    straight = judge_into(touch_table(touches), sale_table(sales))

    turned = judge_into(touch_table(touches[::-1]), sale_table(sales[::-1]))

    assert rows(turned, model) == rows(straight, model)
    assert turned.conversions() == straight.conversions()
    assert turned.summary(model) == straight.summary(model)


@every_model
@pytest.mark.parametrize("partitions", [2, 7, 200])
def test_one_partition_or_many_is_the_same(model: str, partitions: int, judge_into: Judge):
    touches, sales = shop()
    whole = judge_into(touch_table(touches), sale_table(sales), partitions=1)

    cut = judge_into(touch_table(touches), sale_table(sales), partitions=partitions)

    assert rows(cut, model) == rows(whole, model)
    assert cut.conversions() == whole.conversions()
    assert cut.counts == whole.counts
    assert cut.summary(model) == whole.summary(model)


@by_itself
def test_shards_of_customers_add_up(model: str, judge_into: Judge):
    touches, sales = shop()
    whole = judge_into(touch_table(touches), sale_table(sales)).summary(model)

    shards = [
        judge_into(
            touch_table([touch for touch in touches if touch.customer % 3 == shard]),
            sale_table([sale for sale in sales if sale.customer % 3 == shard]),
        ).summary(model)
        for shard in range(3)
    ]

    added = sum(shard["customers"].to_numpy() for shard in shards)
    assert added == pytest.approx(whole["customers"].to_numpy(), abs=1e-9)


@every_model
def test_names_are_only_names_where_their_order_stays(model: str, judge_into: Judge):
    touches, sales = shop()
    new = {name: f"channel {place}" for place, name in enumerate(CHANNELS)} | {"unknown": "unknown"}
    plain = rows(judge_into(touch_table(touches), sale_table(sales)), model)

    renamed = [touch._replace(channel=new[touch.channel]) for touch in touches]

    assert rows(judge_into(touch_table(renamed), sale_table(sales)), model) == [
        row | {"channel": new[row["channel"]]} for row in plain
    ]


@with_credits
def test_customers_may_be_texts(model: str, judge_into: Judge):
    touches, sales = shop()
    numbered = rows(judge_into(touch_table(touches), sale_table(sales)), model)

    def named(rows: list[Any]) -> list[Any]:
        return [row._replace(customer=f"客-{row.customer:03}") for row in rows]

    judgement = judge_into(touch_table(named(touches), TEXT), sale_table(named(sales), TEXT), partitions=5)
    assert rows(judgement, model) == [row | {"customer_id": f"客-{row['customer_id']:03}"} for row in numbered]


@by_itself
def test_a_touch_of_one_customer_changes_nobody_elses_credit(model: str, judge_into: Judge):
    touches, sales = shop()
    before = rows(judge_into(touch_table(touches), sale_table(sales)), model)

    more = [*touches, *[Touch(0, "metro", kind, 0) for kind in KINDS]]
    after = rows(judge_into(touch_table(more), sale_table(sales)), model)

    assert [row for row in after if row["customer_id"]] == [row for row in before if row["customer_id"]]


@with_credits
def test_a_selection_has_the_same_credits_as_in_the_whole(model: str, judge_into: Judge):
    touches, sales = shop()
    judgement = judge_into(touch_table(touches), sale_table(sales))
    selection = np.arange(len(sales)) % 3 == 1
    chosen = {row["conversion"]: row for row in judgement.credits(model).to_pylist() if row["conversion"] % 3 == 1}

    given = judgement.credits(model, selection)

    assert set(given["conversion"].to_pylist()) == set(chosen)
    assert sum(judgement.summary(model, selection)["customers"].to_pylist()) == pytest.approx(selection.sum())
    whole = judgement.credits(model)
    assert given == whole.filter(pa.array(whole["conversion"].to_numpy() % 3 == 1))


@every_model
def test_no_conversions_are_no_credits(model: str, judge_into: Judge):
    judgement = judge_into(touch_table([Touch(1, "a", "link", 0)]), sale_table([]))

    assert rows(judgement, model) == []
    assert judgement.summary(model).to_pylist() == [
        {"channel": "a", "customers": 0.0, "value": 0.0},
        {"channel": "unknown", "customers": 0.0, "value": 0.0},
    ]


@every_model
def test_nothing_at_all_is_no_error(model: str, judge_into: Judge):
    judgement = judge_into(touch_table([]), sale_table([]))

    assert rows(judgement, model) == []
    assert judgement.summary(model).to_pylist() == [{"channel": "unknown", "customers": 0.0, "value": 0.0}]


@with_credits
def test_without_touches_all_is_unknown(model: str, judge_into: Judge):
    summary = judge_into(touch_table([]), sale_table([Sale(1, 0, 30), Sale(2, 0, 12)])).summary(model)

    assert summary.to_pylist() == [{"channel": "unknown", "customers": 2.0, "value": 42.0}]


@with_credits
def test_one_channel_gets_all_that_is_known(model: str, judge_into: Judge):
    touches, sales = shop()
    one = [touch._replace(channel="radio") for touch in touches]

    given = rows(judge_into(touch_table(one), sale_table(sales)), model)

    assert {row["channel"] for row in given} == {"radio", "unknown"}
    assert [row["credit"] for row in given] == pytest.approx([1.0] * len(sales), abs=1e-9)


@with_credits
def test_weights_count_in_the_summary(model: str, judge_into: Judge):
    weights = {"weight": [0.37, 2.0]}

    summary = judge_into(touch_table([]), sale_table([Sale(1, 0, 100), Sale(2, 0, 10)], **weights)).summary(model)

    # 0.37 + 2 customers; 0.37 × 100 + 2 × 10
    assert summary["customers"].to_pylist() == pytest.approx([2.37])
    assert summary["value"].to_pylist() == pytest.approx([57.0])


@with_totals_only
def test_totals_sum_to_the_conversions_that_have_a_touch_and_their_value(model: str, judge_into: Judge):
    touches, sales = shop()
    judgement = judge_into(touch_table(touches), sale_table(sales))
    known = judgement.conversions().filter(pc.field("path_id").is_valid())

    for order in MODELS[model].orders:
        summary = judgement.summary(model, order=order)

        assert summary["channel"].to_pylist() == sorted([*CHANNELS, "unknown"])
        assert sum(summary["customers"].to_pylist()) == pytest.approx(known.num_rows, abs=1e-9)
        assert sum(summary["value"].to_pylist()) == pytest.approx(sum(known["value"].to_pylist()), abs=1e-6)
        for row in summary.to_pylist():
            assert (row["customers"] > 0) == (row["value"] > 0) == (row["channel"] != "unknown")


@with_totals_only
def test_totals_of_a_selection_are_those_of_its_conversions_alone(model: str, judge_into: Judge):
    touches, sales = shop()
    judgement = judge_into(touch_table(touches), sale_table(sales))
    customers = judgement.conversions()["customer_id"].to_numpy()
    # The others neither buy nor see anything: what ended in nothing stays as it is.
    alone = judge_into(
        touch_table([touch for touch in touches if touch.customer % 4 == 0 or touch.customer % 2]),
        sale_table([sale for sale in sales if sale.customer % 4 == 0]),
    )

    for order in MODELS[model].orders:
        chosen = judgement.summary(model, customers % 4 == 0, order=order)
        assert chosen["customers"].to_pylist() == pytest.approx(
            alone.summary(model, order=order)["customers"].to_pylist()
        )


@with_totals_only
def test_weights_count_in_totals(model: str, judge_into: Judge):
    touches = touch_table([Touch(1, "a", "link", 0), Touch(2, "b", "link", 0)])

    summary = judge_into(touches, sale_table([Sale(1, 0, 100), Sale(2, 0, 10)], weight=[0.37, 2.0])).summary(model)

    assert summary["customers"].to_pylist() == pytest.approx([0.37, 2.0, 0.0])
    assert summary["value"].to_pylist() == pytest.approx([37.0, 20.0, 0.0])


@with_totals_only
def test_totals_without_touches_are_nobodys(model: str, judge_into: Judge):
    summary = judge_into(touch_table([]), sale_table([Sale(1, 0, 30)])).summary(model)

    assert summary.to_pylist() == [{"channel": "unknown", "customers": 0.0, "value": 0.0}]


@with_totals_only
def test_totals_are_refused_where_a_customers_credit_is_needed(model: str, judge_into: Judge):
    judgement = judge_into(touch_table([Touch(1, "a", "link", 0)]), sale_table([Sale(1, 0)]))

    for ask in (judgement.credits, judgement.path_credits, lambda model: next(judgement.credit_tables(model))):
        with pytest.raises(ModelError, match=f"{model} has totals per channel only"):
            ask(model)
