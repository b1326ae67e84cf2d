"""Which touches stand on the path of which conversion, and in which order: METRICS §2, "Paths"."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from attribution.engine import judge
from tests.engine.shop import Sale, Touch, channels_by_path, days, judged, moment, path_of, paths_of, sale_table
from tests.engine.shop import touch_table as table

SECOND = 1 / 86_400
MICROSECOND = SECOND / 1_000_000


def test_touches_stand_in_the_order_of_time():
    late, early = Touch(1, "wechat", "link", -1), Touch(1, "douyin", "coupon", -2)

    assert path_of(late, early) == ["douyin", "wechat"]


def test_touches_of_equal_time_stand_as_link_referral_import_coupon_then_by_name():
    touches = [
        Touch(1, "a", "coupon", -1),
        Touch(1, "b", "import", -1),
        Touch(1, "c", "referral", -1),
        Touch(1, "e", "link", -1),
        Touch(1, "d", "link", -1),
    ]

    assert path_of(*touches) == ["d", "e", "c", "b", "a"]


def test_names_are_ordered_by_their_characters_in_any_script():
    touches = [Touch(1, name, "link", -1) for name in ("微信", "wechat", "Zhihu", "抖音")]

    assert path_of(*touches) == ["Zhihu", "wechat", "微信", "抖音"]


def test_a_touch_counts_until_the_lookback_and_not_a_microsecond_longer():
    exactly = Touch(1, "douyin", "link", -90)

    assert path_of(exactly) == ["douyin"]
    assert path_of(exactly, until=0.001) == []
    assert path_of(Touch(1, "douyin", "link", -7), parameters=days(lookback=7)) == ["douyin"]
    assert path_of(Touch(1, "douyin", "link", -7 - SECOND), parameters=days(lookback=7)) == []


def test_a_touch_at_the_very_time_of_the_conversion_counts():
    assert path_of(Touch(1, "douyin", "link", 0)) == ["douyin"]


@pytest.mark.parametrize("kind", ["link", "referral", "import"])
def test_a_link_referral_or_import_after_the_conversion_does_not_count(kind: str):
    assert path_of(Touch(1, "douyin", kind, SECOND)) == []


def test_a_coupon_counts_until_a_day_after_the_conversion():
    assert path_of(Touch(1, "meituan", "coupon", 1)) == ["meituan"]
    assert path_of(Touch(1, "meituan", "coupon", 1 + SECOND)) == []
    assert path_of(Touch(1, "meituan", "coupon", 2), parameters=days(coupon_grace=2)) == ["meituan"]


def test_coupons_after_the_conversion_stand_at_its_time_by_name():
    before, at_once = Touch(1, "z-link", "link", 0), Touch(1, "m", "coupon", 0)
    after = [Touch(1, "b", "coupon", 0.2), Touch(1, "n", "coupon", 0.1)]

    assert path_of(before, at_once, *after) == ["z-link", "b", "m", "n"]


def test_a_late_coupon_goes_to_the_nearest_earlier_conversion():
    coupon = Touch(1, "meituan", "coupon", 0.9)
    sales = [Sale(1, 0), Sale(1, 0.5), Sale(1, 200)]

    assert paths_of([coupon], sales) == [[], ["meituan"], []]


def test_a_coupon_with_a_later_conversion_within_the_lookback_belongs_to_that_one():
    coupon = Touch(1, "meituan", "coupon", 0.5)

    assert paths_of([coupon], [Sale(1, 0), Sale(1, 30)]) == [[], ["meituan"]]


def test_a_survey_answer_counts_until_thirty_days_after_the_first_conversion():
    assert path_of(Touch(1, "friends", "survey", 30)) == ["friends"]
    assert path_of(Touch(1, "friends", "survey", 30 + SECOND)) == []
    assert path_of(Touch(1, "friends", "survey", 40), parameters=days(survey_grace=40)) == ["friends"]


def test_a_late_survey_answer_goes_to_the_first_conversion_and_not_to_the_nearest():
    answer = Touch(1, "friends", "survey", 20)

    assert paths_of([answer], [Sale(1, 0), Sale(1, 10)]) == [["friends"], []]


def test_a_survey_answer_with_a_later_conversion_within_the_lookback_belongs_to_that_one():
    answer = Touch(1, "friends", "survey", 5)

    assert paths_of([answer], [Sale(1, 0), Sale(1, 10)]) == [[], ["friends"]]


def test_a_survey_answer_stands_first_whenever_it_was_given():
    link = Touch(1, "douyin", "link", -10)

    assert path_of(link, Touch(1, "friends", "survey", -1)) == ["friends", "douyin"]
    assert path_of(link, Touch(1, "friends", "survey", 3)) == ["friends", "douyin"]


def test_of_several_survey_answers_the_earliest_counts_then_the_first_by_name():
    late, b, a = Touch(1, "0", "survey", -1), Touch(1, "b", "survey", -2), Touch(1, "a", "survey", -2)

    assert path_of(late, b, a, Touch(1, "douyin", "link", -3)) == ["a", "douyin"]


def test_each_touch_is_on_one_path_only():
    touches = [Touch(1, "a", "link", -1), Touch(1, "b", "link", 1), Touch(1, "c", "link", 3)]

    assert paths_of(touches, [Sale(1, 0), Sale(1, 2), Sale(1, 4)]) == [["a"], ["b"], ["c"]]


def test_two_conversions_at_one_time_are_two_and_the_smaller_has_the_touches():
    touches = [Touch(1, "a", "link", -1), Touch(1, "b", "coupon", 0.5), Touch(1, "c", "survey", 2)]

    assert paths_of(touches, [Sale(1, 0, 300), Sale(1, 0, 200)]) == [["c", "a", "b"], []]


def test_customers_do_not_share_touches():
    touches = [Touch(2, "b", "link", 0), Touch(1, "a", "link", 0)]

    assert paths_of(touches, [Sale(3, 0), Sale(2, 0), Sale(1, 0)]) == [["a"], ["b"], []]


def test_rows_equal_in_customer_time_and_value_are_counted_and_refused(tmp_path: Path):
    stores = {"store": ["b", "a", "c"]}
    sales = sale_table([Sale(1, 0, 500), Sale(1, 0, 500), Sale(2, 0, 500)], **stores)

    judgement = judge(table([]), sales, tmp_path)

    assert judgement.conversions(["customer_id", "store"]).to_pylist() == [
        {"customer_id": 1, "store": "a"},
        {"customer_id": 2, "store": "c"},
    ]
    assert judgement.counts["conversions_duplicated"] == 1
    assert judgement.summary("linear")["value"].to_pylist() == [1000.0]


def test_equal_touches_are_not_duplicates():
    link = Touch(1, "a", "link", -1)

    assert path_of(link, link) == ["a", "a"]


def test_touches_of_customers_without_a_conversion_are_a_path_that_ended_in_nothing(tmp_path: Path):
    # The watermark is day 0, from customer 1's sale; customer 3's touch is older than the lookback.
    touches = [Touch(2, "b", "link", -90), Touch(2, "a", "survey", -1), Touch(3, "c", "link", -91)]

    judgement = judged(touches, [Sale(1, 0)], tmp_path)

    assert channels_by_path(judgement) == [["a", "b"]]
    assert path_counts(judgement.directory) == [(0, 0, 1)]
    assert judgement.counts["touches_on_no_path"] == 1


def test_touches_after_a_customers_last_conversion_are_no_path(tmp_path: Path):
    judgement = judged([Touch(1, "a", "link", 5)], [Sale(1, 0)], tmp_path)

    assert channels_by_path(judgement) == []
    assert judgement.counts["touches_on_no_path"] == 1


def test_equal_paths_are_one_with_counts_in_the_order_of_names(tmp_path: Path):
    touches = [
        Touch(1, "b", "link", -1),
        Touch(2, "a", "link", -2),
        Touch(2, "b", "link", -1),
        Touch(3, "b", "link", -5),
        Touch(4, "b", "link", -5),
    ]

    judgement = judged(touches, [Sale(1, 0), Sale(2, 0), Sale(3, 0)], tmp_path)

    assert channels_by_path(judgement) == [["a", "b"], ["b"]]
    assert judgement.conversions(["path_id"])["path_id"].to_pylist() == [1, 0, 1]
    assert path_counts(tmp_path) == [(0, 1, 0), (1, 2, 1)]


def test_paths_are_in_the_order_of_names_whatever_the_number_of_channels(tmp_path: Path):
    # 60 channels with 5 kinds are more than one byte can tell apart.
    touches = [Touch(number, f"channel {number:02}", "link", -1) for number in range(60)]

    judgement = judged(touches, [Sale(number, 0) for number in range(60)], tmp_path)

    assert channels_by_path(judgement) == [[f"channel {number:02}"] for number in range(60)]


def test_a_given_watermark_leaves_out_what_is_later_and_counts_it(tmp_path: Path):
    touches = [Touch(1, "a", "link", 0), Touch(2, "b", "link", 5 + SECOND)]

    judgement = judged(touches, [Sale(1, 5), Sale(2, 5 + SECOND)], tmp_path, watermark=moment(5))

    assert judgement.conversions(["customer_id"])["customer_id"].to_pylist() == [1]
    assert judgement.counts["touches_after_watermark"] == 1
    assert judgement.counts["conversions_after_watermark"] == 1
    assert judgement.channels == ("a", "b", "unknown")


def test_every_touch_and_conversion_is_accounted_for(tmp_path: Path):
    rng = np.random.default_rng(5)
    touches = [
        Touch(int(rng.integers(60)), "abc"[rng.integers(3)], str(rng.choice(["link", "survey"])), float(day))
        for day in rng.integers(-150, 20, 400)
    ]
    sales = [Sale(int(rng.integers(5, 65)), float(rng.integers(-3, 12)), 5) for _ in range(70)]

    nameless = Touch(7, "dont_remember", "survey", 0)

    counts = judged([*touches, nameless], sales, tmp_path, watermark=moment(8)).counts

    used = ("touches_on_paths", "touches_ended_in_nothing", "touches_repeating_a_survey", "touches_on_no_path")
    left = ("touches_after_watermark", "answers_naming_no_channel")
    assert sum(counts[name] for name in (*used, *left)) == counts["touches_read"] == 401
    left_out = counts["conversions_duplicated"] + counts["conversions_after_watermark"]
    assert counts["conversions"] + left_out == counts["conversions_read"] == 70
    assert min(counts.values()) > 0


def path_counts(folder: Path) -> list[tuple[int, int, int]]:
    rows = pq.read_table(folder / "path_counts.parquet").to_pylist()
    return [(row["path_id"], row["conversions"], row["ended_in_nothing"]) for row in rows]
