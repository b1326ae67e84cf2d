"""The customers behind a number, worked by hand."""

import pytest

from analytics.metrics.members import Members
from tests.analytics.shop import march, rows, shop

JUDGED = "customer customer_id first_at next_at store_id group_id path_id pattern_id"
CREDITS = "group_id channel credit"
# Groups: 7 are metro's for sure, 8 are metro's by 3/4.
SHARED = rows(CREDITS, (7, "metro", 1.0), (8, "metro", 0.75), (8, "radio", 0.25))
PEOPLE = [
    (0, 11, "2026-03-04 12:00", None, 1, 8, 8, 80),
    (1, 12, "2026-03-02 12:00", None, 1, 7, 7, 70),
    (2, 13, "2026-03-09 12:00", None, 2, 8, 8, 80),
    (3, 14, "2026-03-08 12:00", None, 2, 8, 8, 81),
    (4, 15, "2026-02-28 12:00", None, 1, 7, 7, 70),  # not of March
]


def members(channel=None, patterns=None, people=PEOPLE, **question):
    con = shop(judged=rows(JUDGED, *people), credits=SHARED)
    return Members(con, march(**question), channel, patterns)


def listed(found):
    return [(row["customer_id"], row["channel"], row["credit"]) for row in found.to_pylist()]


def test_the_most_certain_come_first_then_the_latest():
    assert listed(members("metro").page(10)) == [
        (12, "metro", 1.0), (13, "metro", 0.75), (14, "metro", 0.75), (11, "metro", 0.75),
    ]  # fmt: skip


def test_a_page_goes_on_where_the_last_one_ended():
    pages = [listed(members("metro").page(3, start)) for start in (0, 3, 6)]

    assert [len(page) for page in pages] == [3, 1, 0]
    assert pages[0] + pages[1] == listed(members("metro").page(10))


def test_the_stream_is_all_pages():
    batches = list(members("metro").stream(3, size=2))

    assert [row for batch in batches for row in listed(batch)] == listed(members("metro").page(3))


def test_only_who_is_credited_to_the_channel_is_listed():
    assert [who for who, *_ in listed(members("radio").page(10))] == [13, 14, 11]
    assert listed(members("tea").page(10)) == []


def test_without_a_channel_everybody_stands_under_the_likeliest():
    assert {(who, channel) for who, channel, _ in listed(members().page(10))} == {
        (12, "metro"), (13, "metro"), (14, "metro"), (11, "metro"),
    }  # fmt: skip


def test_of_equally_likely_channels_the_first_by_name_stands():
    con = shop(
        judged=rows(JUDGED, *PEOPLE[:1]), credits=rows(CREDITS, (8, "radio", 0.5), (8, "metro", 0.5), (8, "tea", 0.0))
    )

    assert listed(Members(con, march()).page(10)) == [(11, "metro", 0.5)]


def test_the_sums_by_pattern_are_the_channel_s_customers():
    table = members("metro").by_pattern()

    assert table.to_numpy().tolist() == [[70, 1, 1.0], [80, 2, 1.5], [81, 1, 0.75]]


@pytest.mark.parametrize(("patterns", "who"), [([81], [14]), ([70, 81], [12, 14]), ([], [])])
def test_only_customers_with_the_wanted_evidence_are_listed(patterns, who):
    assert [one for one, *_ in listed(members("metro", patterns).page(10))] == who


def test_a_store_has_its_own_customers():
    assert [who for who, *_ in listed(members("metro", store_id=2).page(10))] == [13, 14]


def test_the_credits_of_a_group_come_with_the_greatest_first():
    assert members().credits_of([8, 8]).to_pylist() == [
        {"group_id": 8, "channel": "metro", "credit": 0.75}, {"group_id": 8, "channel": "radio", "credit": 0.25},
    ]  # fmt: skip
