"""What guests say, weighted, worked by hand."""

import pandas as pd
import pytest

from analytics.metrics.survey import DONT_REMEMBER, OTHER, chose_placebo, order_effect, said
from tests.analytics.shop import march, rows, shop

RESPONSES = "placement_id store_id customer_id channel submitted_at choice_id has_dont_remember chosen_place places"
ORDERS = "id kind store_id customer_id placed_at amount_minor refund_of_id"
JUDGED = "customer customer_id first_at next_at store_id"
NOON, EVENING = "2026-03-10 12:00", "2026-03-10 18:00"


def answer(customer, channel, at=NOON, *, store=1, choice=5, forgot=False, place=None, places=None):
    return (9, store, customer, channel, at, choice, forgot, place, places)


def sale(customer, at=NOON, *, store=1, kind="sale"):
    return (0, kind, store, customer, at, 1000, None)


def asked(answers, orders=(), firsts=(), zone="Asia/Shanghai", **question):
    con = shop(
        responses=rows(RESPONSES, *answers),
        orders=rows(ORDERS, *orders),
        judged=rows(JUDGED, *((customer, customer, at, None, 1) for customer, at in firsts)),
        stores=rows("id zone", (1, zone), (2, "Asia/Shanghai")),
    )
    return con, march(**question)


def cells(found):
    return [tuple(row) for row in found.cells[["store_id", "part", "status", "answers", "orders"]].to_numpy().tolist()]


def test_shares_are_raw_and_weighted_and_each_has_its_interval():
    # New guests: 3 answers at lunch, 1 in the evening; 20 orders at lunch, 20 in the evening.
    lunch = [answer(n, "metro") for n in (1, 2, 3)]
    evening = [answer(4, "douyin", EVENING)]
    firsts = [(n, EVENING) for n in range(1, 5)]
    orders = [sale(1, NOON)] * 20 + [sale(1, EVENING)] * 20
    found = said(*asked([*lunch, *evening], orders, firsts))

    assert cells(found) == [(1, 1, 0, 3, 20), (1, 3, 0, 1, 20)]
    # 0.5 ÷ 0.75 and 0.5 ÷ 0.25; 4² ÷ (3 × 4/9 + 4) = 3
    assert found.cells["weight"].tolist() == pytest.approx([2 / 3, 2])
    assert found.answers == 4
    assert found.effective == pytest.approx(3)
    douyin, metro = found.shares.to_dict("records")
    assert (douyin["said"], douyin["raw"], metro["raw"]) == ("douyin", 0.25, 0.75)
    assert [douyin["share"], metro["share"]] == pytest.approx([0.5, 0.5])
    # Wilson of 1.5 of 3, and of 1 of 4
    assert [douyin["low"], douyin["high"]] == pytest.approx([0.1253, 0.8747], abs=1e-4)
    assert [douyin["raw_low"], douyin["raw_high"]] == pytest.approx([0.0456, 0.6994], abs=1e-4)


def test_what_names_no_channel_is_an_answer_all_the_same():
    found = said(*asked([answer(1, None), answer(2, None, choice=None, forgot=True), answer(3, "metro")]))

    assert found.shares["said"].tolist() == [DONT_REMEMBER, OTHER, "metro"]


def test_who_was_not_asked_or_did_not_say_is_no_answer():
    found = said(*asked([answer(1, None, choice=None), answer(2, "metro")]))

    assert found.answers == 1


def test_of_a_guest_s_answers_the_earliest_counts():
    found = said(*asked([answer(1, "metro", EVENING), answer(1, "douyin", NOON), answer(2, "metro")]))

    assert dict(found.shares[["said", "answers"]].to_numpy().tolist()) == {"douyin": 1, "metro": 1}


def test_guests_and_orders_are_new_returning_or_not_identified():
    answers = [answer(1, "metro"), answer(2, "metro"), answer(3, "metro"), answer(4, "metro")]
    # 1 buys later that day, 2 in two days, 3 bought in February, 4 has not bought.
    firsts = [(1, EVENING), (2, "2026-03-12 12:00"), (3, "2026-02-01 12:00")]
    orders = [
        sale(1, EVENING), sale(1, "2026-03-11 18:30"), sale(3), sale(None), sale(None), sale(3, kind="refund"),
    ]  # fmt: skip
    found = said(*asked(answers, orders, firsts))

    assert cells(found) == [(1, 1, 0, 2, 0), (1, 1, 1, 1, 1), (1, 1, 2, 1, 2), (1, 3, 0, 0, 1), (1, 3, 1, 0, 1)]
    assert found.cells["joined"].tolist() == [pd.NA, pd.NA, pd.NA, 0, 1]


@pytest.mark.parametrize(
    ("at", "status"),
    [
        ("2026-03-10 00:00", 0), ("2026-03-10 23:59", 0),  # the day of the first sale, at noon
        ("2026-03-09 23:59", 0),  # before it
        ("2026-03-11 00:00", 1), ("2026-03-20 12:00", 1),
    ],
)  # fmt: skip
def test_a_guest_is_new_until_the_day_of_the_first_sale_is_over(at, status):
    found = said(*asked([answer(1, "metro", at)], firsts=[(1, NOON)]))

    assert found.cells["status"].tolist() == [status]


@pytest.mark.parametrize(
    ("hour", "part"),
    [("05:59", 4), ("06:00", 0), ("10:59", 0), ("11:00", 1), ("14:00", 2), ("17:00", 3), ("20:59", 3), ("21:00", 4)],
)
def test_the_parts_of_the_day_begin_at_their_hours(hour, part):
    found = said(*asked([answer(1, "metro", f"2026-03-10 {hour}")]))

    assert found.cells["part"].tolist() == [part]


def test_the_part_of_the_day_is_the_store_s():
    # Noon in Shanghai is four in the morning in London.
    found = said(*asked([answer(1, "metro"), answer(2, "metro", store=2)], zone="Europe/London"))

    assert cells(found) == [(1, 4, 2, 1, 0), (2, 1, 2, 1, 0)]


def test_only_the_period_s_and_the_store_s_answers_and_orders_count():
    answers = [
        answer(1, "metro", "2026-02-28 23:59"), answer(2, "metro", "2026-04-01 00:00"), answer(3, "metro", store=2),
        answer(4, "douyin"),
    ]  # fmt: skip
    orders = [sale(4), sale(4, store=2), sale(4, "2026-02-28 23:59"), sale(4, "2026-04-01 00:00")]
    found = said(*asked(answers, orders, [(4, NOON)], store_id=1))

    assert cells(found) == [(1, 1, 0, 1, 1)]
    assert found.shares["said"].tolist() == ["douyin"]


def test_a_status_that_only_buys_is_named():
    found = said(*asked([answer(1, "metro")], [sale(1), sale(None)], [(1, NOON)]))

    assert found.cells[["status", "is_unmatched"]].to_numpy().tolist() == [[0, False], [2, True]]


def test_without_answers_there_is_nothing_to_weigh():
    found = said(*asked([], [sale(1)], [(1, NOON)]))

    assert (found.answers, found.effective, len(found.shares)) == (0, 0.0, 0)
    assert found.cells["weight"].isna().all()


def test_the_place_of_the_choice_is_compared_with_chance():
    # Three places: 6 of 10 take the first; two places: 1 of 2 takes the first.
    taken = [(0, 3)] * 6 + [(1, 3)] * 3 + [(2, 3)] + [(0, 2), (1, 2)]
    table = order_effect(*asked([answer(n, "metro", place=k, places=m) for n, (k, m) in enumerate(taken)]))

    assert table[["place", "shown", "answers"]].to_numpy().tolist() == [[1, 12, 7], [2, 12, 4], [3, 10, 1]]
    # (10 ÷ 3 + 2 ÷ 2) ÷ 12, and 1/3 where only the ten had a third place
    assert table["expected"].tolist() == pytest.approx([13 / 36, 13 / 36, 1 / 3])
    assert table["rate"].tolist() == pytest.approx([7 / 12, 1 / 3, 1 / 10])
    assert [table["low"].iloc[2], table["high"].iloc[2]] == pytest.approx([0.0179, 0.4042], abs=1e-4)


def test_an_answer_whose_order_is_not_known_says_nothing_of_it():
    assert order_effect(*asked([answer(1, "metro")])).empty


def test_who_chose_a_placebo_is_counted_among_those_who_were_shown_one():
    # Shown to four, chosen by one; two were shown none, and one answered in another month.
    con = shop(
        responses=rows(
            "store_id submitted_at chose_placebo",
            *((1, NOON, chose) for chose in (True, False, False, False, None, None)),
            (1, "2026-04-10 12:00", True),
        )
    )

    [found] = chose_placebo(con, march()).to_dict("records")

    assert (found["chose"], found["shown"], found["rate"]) == (1, 4, 0.25)
    assert [found["low"], found["high"]] == pytest.approx([0.0456, 0.6994], abs=1e-4)  # Wilson of 1 of 4


def test_without_a_placebo_nothing_is_known_of_carelessness():
    con = shop(responses=rows("store_id submitted_at chose_placebo", (1, NOON, None)))

    assert chose_placebo(con, march())["rate"].isna().all()
