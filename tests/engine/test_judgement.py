"""What a run keeps, and what may be asked of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from attribution.engine import MODELS, Judgement, ModelError, ParameterError, Parameters, judge
from attribution.warehouse import InputError
from tests.engine.shop import Sale, Touch, days, judged, moment, sale_table, touch_table

TOUCHES = [Touch(1, "a", "link", -7), Touch(1, "b", "coupon", 0), Touch(2, "b", "link", 0), Touch(3, "c", "link", 0)]
SALES = [Sale(1, 0, 300), Sale(2, 1, 40), Sale(4, 2, 5)]


def test_the_conversions_keep_all_columns_and_their_path(tmp_path: Path):
    judge(touch_table(TOUCHES), sale_table(SALES, store_id=[8, 9, 8]), tmp_path)

    assert pq.read_table(tmp_path / "conversions.parquet").to_pylist() == [
        {"customer_id": 1, "at": utc(0), "value": 300, "weight": 1.0, "store_id": 8, "path_id": 0, "pattern_id": 0},
        {"customer_id": 2, "at": utc(1), "value": 40, "weight": 1.0, "store_id": 9, "path_id": 1, "pattern_id": 1},
        {"customer_id": 4, "at": utc(2), "value": 5, "weight": 1.0, "store_id": 8, "path_id": None, "pattern_id": 2},
    ]


def utc(day: float) -> datetime:
    return moment(day).replace(tzinfo=UTC)


def test_the_paths_are_kept_once_with_their_counts(tmp_path: Path):
    judge(touch_table(TOUCHES), sale_table(SALES, weight=[0.5, 2.0, 1.0]), tmp_path)

    assert pq.read_table(tmp_path / "paths.parquet").to_pylist() == [
        {"path_id": 0, "position": 0, "channel": "a", "kind": "link"},
        {"path_id": 0, "position": 1, "channel": "b", "kind": "coupon"},
        {"path_id": 1, "position": 0, "channel": "b", "kind": "link"},
        {"path_id": 2, "position": 0, "channel": "c", "kind": "link"},
    ]
    assert pq.read_table(tmp_path / "path_counts.parquet").to_pylist() == [
        {"path_id": 0, "conversions": 1, "weight": 0.5, "value": 150.0, "ended_in_nothing": 0},
        {"path_id": 1, "conversions": 1, "weight": 2.0, "value": 80.0, "ended_in_nothing": 0},
        {"path_id": 2, "conversions": 0, "weight": 0.0, "value": 0.0, "ended_in_nothing": 1},
    ]


def test_what_the_path_does_not_decide_is_kept_per_conversion(tmp_path: Path):
    judged(TOUCHES, SALES, tmp_path)

    # Ages 7 and 0 days: weights 1/2 and 1. The conversion without touch is not there.
    assert pq.read_table(tmp_path / "time_decay.parquet").to_pylist() == [
        {"conversion": 0, "channel": "a", "credit": pytest.approx(1 / 3)},
        {"conversion": 0, "channel": "b", "credit": pytest.approx(2 / 3)},
        {"conversion": 1, "channel": "b", "credit": 1.0},
    ]


def test_the_manifest_says_what_was_judged_and_how(tmp_path: Path):
    judgement = judged(TOUCHES, SALES, tmp_path, parameters=days(lookback=30), watermark=moment(3))

    assert judgement.channels == ("a", "b", "c", "unknown")
    assert judgement.manifest["watermark"] == "2024-03-04T00:00:00+00:00"
    assert judgement.manifest["parameters"] == {
        "lookback": 30 * 86_400,
        "coupon_grace": 86_400,
        "survey_grace": 30 * 86_400,
        "half_life": 7 * 86_400,
    }
    assert judgement.counts["conversions"] == 3
    assert Judgement(tmp_path).manifest == judgement.manifest


@pytest.mark.parametrize("model", [model for model in MODELS if MODELS[model].by_path])
def test_totals_alone_need_no_folder_and_are_the_same(model: str, tmp_path: Path):
    sales = sale_table([*SALES, Sale(2, 2, 70)], weight=[0.1, 0.7, 0.3, 1 / 3])
    kept = judge(touch_table(TOUCHES), sales, tmp_path)

    totals = judge(touch_table(TOUCHES), sales, None, models=[model], partitions=3)

    assert totals.summary(model) == kept.summary(model)
    everybody = np.ones(len(sales), dtype=bool)
    assert totals.summary(model) == kept.summary(model, everybody)
    assert (totals.counts, totals.channels) == (kept.counts, kept.channels)


def test_totals_alone_say_nothing_of_a_single_conversion_nor_of_other_models():
    totals = judge(touch_table(TOUCHES), sale_table(SALES), None, models=["linear", "time_decay"])

    for ask in (totals.conversions, lambda: totals.credits("linear")):
        with pytest.raises(ModelError, match="only totals were kept: judge into a folder"):
            ask()
    for model in ("coupon", "time_decay", "evidence"):
        with pytest.raises(ModelError):
            totals.summary(model)


@pytest.mark.parametrize("model", MODELS)
def test_a_summary_adds_up_some_shares_at_a_time_where_there_are_many(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    at_once = judged(TOUCHES, SALES, tmp_path / "once").summary(model).to_pylist()
    monkeypatch.setattr("attribution.engine.judgement.MOST_KEPT", 1)
    monkeypatch.setattr("attribution.engine.gathered.MOST_PATHS", 1)

    judgement = judged(TOUCHES, SALES, tmp_path / "parts")

    assert judgement.summary(model).to_pylist() == [pytest.approx(row) for row in at_once]
    chosen = np.array([False, True, True])
    assert sum(judgement.summary("time_decay", chosen)["customers"].to_pylist()) == pytest.approx(2)


def test_a_folder_without_manifest_is_not_a_judgement(tmp_path: Path):
    judged(TOUCHES, SALES, tmp_path)
    (tmp_path / "judgement.json").unlink()

    with pytest.raises(FileNotFoundError):
        Judgement(tmp_path)


def test_a_refused_file_leaves_no_trace(tmp_path: Path):
    with pytest.raises(InputError):
        judge(touch_table(TOUCHES), touch_table(TOUCHES), tmp_path / "out")

    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("out", [".", "touches.parquet"])
def test_a_judgement_never_overwrites_its_input(out: str, tmp_path: Path):
    pq.write_table(touch_table(TOUCHES), tmp_path / "touches.parquet")

    with pytest.raises(InputError, match="lies where the judgement goes"):
        judge(tmp_path / "touches.parquet", sale_table(SALES), tmp_path / out)


def test_judging_again_into_the_same_folder_replaces_it(tmp_path: Path):
    judged(TOUCHES, SALES, tmp_path)

    judgement = judged([], SALES[:1], tmp_path)

    assert judgement.summary("linear").to_pylist() == [{"channel": "unknown", "customers": 1.0, "value": 300.0}]


def test_the_credits_of_paths_are_those_of_their_conversions(tmp_path: Path):
    judgement = judged(TOUCHES, SALES, tmp_path)

    assert judgement.path_credits("linear").to_pylist() == [
        {"path_id": 0, "channel": "a", "credit": 0.5},
        {"path_id": 0, "channel": "b", "credit": 0.5},
        {"path_id": 1, "channel": "b", "credit": 1.0},
        {"path_id": 2, "channel": "c", "credit": 1.0},
    ]
    with pytest.raises(ModelError, match="time_decay needs more than the path"):
        judgement.path_credits("time_decay")


def test_a_selection_is_one_boolean_a_conversion(tmp_path: Path):
    judgement = judged(TOUCHES, SALES, tmp_path)

    chosen = judgement.credits("linear", np.array([False, True, True])).to_pylist()

    assert chosen == [
        {"conversion": 1, "channel": "b", "credit": 1.0},
        {"conversion": 2, "channel": "unknown", "credit": 1.0},
    ]
    with pytest.raises(ValueError, match="2 booleans select among 3 conversions"):
        judgement.credits("linear", np.array([True, True]))


def test_the_credit_table_has_the_columns_of_the_text_and_the_inputs_zone(tmp_path: Path):
    naive, sales = touch_table(TOUCHES), sale_table(SALES)
    aware = sales.set_column(1, "at", sales["at"].cast(pa.timestamp("us", "UTC")))

    tables = [next(judge(naive, each, tmp_path).credit_tables("linear")) for each in (sales, aware)]

    assert tables[0].to_pylist()[:2] == [
        {"customer_id": 1, "conversion_at": moment(0), "channel": "a", "credit": 0.5, "value": 150.0},
        {"customer_id": 1, "conversion_at": moment(0), "channel": "b", "credit": 0.5, "value": 150.0},
    ]
    assert tables[1]["conversion_at"].to_pylist()[0] == utc(0)


def test_credit_tables_may_be_small(tmp_path: Path):
    judgement = judged(TOUCHES, SALES, tmp_path)

    for model in (model for model in MODELS if MODELS[model].per_customer):
        small = [*judgement.credit_tables(model, rows=1)]
        assert len(small) == 3
        assert pa.concat_tables(small).equals(next(judgement.credit_tables(model)))


def test_a_model_that_is_not_known_is_refused_by_name(tmp_path: Path):
    judgement = judged(TOUCHES, SALES, tmp_path)

    with pytest.raises(ModelError, match="'magic' is not a model; there are first_touch, "):
        judgement.summary("magic")
    with pytest.raises(ModelError, match="'magic' is not a model"):
        judged(TOUCHES, SALES, tmp_path, models=["magic"])


def test_a_model_that_was_not_kept_is_refused_by_name(tmp_path: Path):
    judgement = judged(TOUCHES, SALES, tmp_path, models=["linear"])

    assert not (tmp_path / "time_decay.parquet").exists()
    assert judgement.summary("precedence")["customers"].to_pylist() == [0.0, 2.0, 0.0, 1.0]
    with pytest.raises(ModelError, match="this run did not keep time_decay"):
        judgement.summary("time_decay")


def test_capabilities_are_kept(tmp_path: Path):
    table = pa.table({"channel": ["a"], "kind": ["link"]})

    judge(touch_table(TOUCHES), sale_table(SALES), tmp_path, capabilities=table)

    assert pq.read_table(tmp_path / "capabilities.parquet") == table


@pytest.mark.parametrize(
    ("name", "span"), [("lookback", -1), ("coupon_grace", -1), ("survey_grace", -1), ("half_life", 0)]
)
def test_a_parameter_that_makes_no_sense_is_refused_by_name(name: str, span: int):
    with pytest.raises(ParameterError, match=name):
        Parameters(**{name: timedelta(days=span)})
