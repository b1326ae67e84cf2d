"""What is usual at a place, and what is not."""

from datetime import date, timedelta

import pytest

from surveys.usual import Counts, unusual

MONDAY = date(2026, 3, 30)
LONG_AGO = date(2026, 1, 1)


def month(*week: Counts) -> dict[date, Counts]:
    """The 28 days before MONDAY: the given counts over and over, from a Monday on."""
    return {MONDAY - timedelta(days=28 - number): week[number % len(week)] for number in range(28)}


# 40 or 44 views, of which a quarter finish: the median is 42, the MAD 2; chance alone does 3 × √42 = 19.4.
STEADY = month((40, 10), (44, 11))


@pytest.mark.parametrize(
    ("counts", "kinds"),
    [
        ((42, 10), []), ((23, 6), []), ((61, 15), []),  # within 42 ± 19.4
        ((22, 5), ["few"]), ((62, 15), ["many"]), ((0, 0), ["silent"]),
        ((42, 19), ["rate_high"]),  # 45 %, where 25 % ± 3 × √(0.25 × 0.75 ÷ 42) ends at 45.0 %
        ((42, 18), []), ((42, 2), ["rate_low"]), ((42, 3), []),
    ],
)  # fmt: skip
def test_a_day_is_unusual_beyond_what_chance_does(counts: Counts, kinds: list[str]) -> None:
    assert [one.kind for one in unusual(STEADY | {MONDAY: counts}, MONDAY, LONG_AGO)] == kinds


def test_the_ends_of_what_is_usual_are_told() -> None:
    [found] = unusual(STEADY, MONDAY, LONG_AGO)

    assert (found.value, round(found.low, 1), round(found.high, 1)) == (0, 22.6, 61.4)


def test_where_days_differ_much_more_is_usual() -> None:
    restless = month((10, 2), (40, 10), (70, 20))  # median 40, MAD 30: from 0 to 160

    assert unusual(restless | {MONDAY: (120, 30)}, MONDAY, LONG_AGO) == []
    assert [one.kind for one in unusual(restless | {MONDAY: (161, 40)}, MONDAY, LONG_AGO)] == ["many"]


def test_a_place_that_rests_on_mondays_is_silent_as_usual() -> None:
    assert unusual(month((0, 0), *[(40, 10)] * 6), MONDAY, LONG_AGO) == []


def test_too_little_history_and_too_few_views_raise_no_alarm() -> None:
    two_weeks = MONDAY - timedelta(days=14)

    assert unusual(STEADY, MONDAY, two_weeks + timedelta(days=1)) == []
    assert [one.kind for one in unusual(STEADY, MONDAY, two_weeks)] == ["silent"]
    assert unusual(month((9, 2)), MONDAY, LONG_AGO) == []
    assert unusual(month((9, 2), (12, 3)) | {MONDAY: (12, 12)}, MONDAY, two_weeks) == []  # 7 busy days are too few
    assert unusual(STEADY | {MONDAY: (9, 9)}, MONDAY, LONG_AGO)[0].kind == "few"
