"""Why a customer is credited to a channel, in words; shops written as touches, judged by the engine."""

import pyarrow as pa
import pytest
from django.utils import translation

from analytics.reports.customers_words import RULES, EvidenceWhy, Heard, RuleWhy, joined, named_shares, percent
from attribution.warehouse import DONT_REMEMBER
from tests.engine.shop import Sale, Touch, judged

ALL = "said Friends, followed a Metro posters link and used a Douyin coupon."
NAMES = {"douyin": "Douyin", "friends": "Friends", "meituan": "Meituan", "metro": "Metro posters"}


def test_shares_are_said_as_people_say_them():
    assert [percent(share) for share in (0.0, 0.004, 0.006, 0.314, 0.994, 0.996, 1.0)] == [
        "0%", "under 1%", "1%", "31%", "99%", "over 99%", "100%",
    ]  # fmt: skip
    with translation.override("zh-hans"):
        assert percent(0.999) == "99% 以上"


def test_words_are_joined_as_in_a_sentence():
    assert [joined("a"), joined("ab"), joined("abc")] == ["a", "a and b", "a, b and c"]


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ([("douyin", 0.93), ("metro", 0.07)], "Douyin 93%"),  # what is sure stands alone
        ([("douyin", 0.6), ("metro", 0.36), ("friends", 0.04)], "Douyin 60%, Metro posters 36%"),
        ([("a", 0.3), ("b", 0.28), ("c", 0.22), ("d", 0.2)], "a 30%, b 28%, c 22%"),
        ([("a", 0.04), ("b", 0.03)], "a 4%"),
    ],
)
def test_of_the_shares_the_greatest_are_named(shares, said):
    assert named_shares(shares, NAMES) == said


# ── Rules ───────────────────────────────────────────────────────────────────────────────────────────────────────────

ONE = [
    Touch(1, "metro", "link", 0), Touch(1, "douyin", "coupon", 1), Touch(1, "douyin", "coupon", 2),
    Touch(1, "friends", "survey", 3),
]  # fmt: skip


@pytest.mark.parametrize(
    ("model", "why"),
    [
        # An answer says how somebody first heard, so it stands first.
        ("first_touch", "What came first counts: said Friends."),
        ("last_touch", "What came last counts: used a Douyin coupon."),
        ("linear", f"All that is on record counts alike: {ALL}"),
        ("position_based", f"The first and the last count 40% each, what is between shares 20%: {ALL}"),
        ("time_decay", f"What lies 7 days further back counts half as much: {ALL}"),
        ("shapley", f"Each channel that was met counts alike: {ALL}"),
        ("survey", "Only answers count: said Friends."),
        ("coupon", "Only coupons count: used a Douyin coupon."),
        ("link", "Only tracked links count: followed a Metro posters link."),
        ("precedence", "The strongest evidence counts: used a Douyin coupon."),
    ],
)  # fmt: skip
def test_a_rule_is_named_with_what_it_looks_at(model, why, tmp_path):
    assert model in RULES
    assert RuleWhy(judged(ONE, [Sale(1, 4)], tmp_path), model, NAMES).of(0) == why


def test_where_a_rule_finds_nothing_the_customer_is_unknown(tmp_path):
    judgement = judged(ONE[:1], [Sale(1, 4)], tmp_path)

    assert RuleWhy(judgement, "survey", NAMES).of(0) == "Left no evidence that counts here: unknown."
    assert RuleWhy(judgement, "linear", NAMES).of(None) == "Left no evidence that counts here: unknown."


# ── All evidence weighed ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def weighed(tmp_path):
    """60 whom Douyin's coupon and answer name, 60 Meituan's; 6 with Meituan's coupon say Douyin, 4 do not remember,
    one came by a referral that nothing else names, 9 left nothing."""
    touches, sales = [], []
    crowd = [
        *[("douyin", "douyin")] * 60, *[("meituan", "meituan")] * 60, *[("meituan", "douyin")] * 6,
        *[("meituan", DONT_REMEMBER)] * 4, *[(None, None)] * 9,
    ]  # fmt: skip
    for who, (coupon, said) in enumerate(crowd):
        if coupon:
            touches += [Touch(who, coupon, "coupon", who), Touch(who, said, "survey", who)]
        sales.append(Sale(who, who))
    return judged(touches, sales, tmp_path)


def pattern(judgement, **said):
    rows = judgement.evidence.patterns.table().to_pylist()
    kinds = ("survey", "coupon", "link", "referral", "import")
    [found] = [row["pattern_id"] for row in rows if all(row[kind] == said.get(kind) for kind in kinds)]
    return found


def why(judgement, **said):
    wanted = pattern(judgement, **said)
    return EvidenceWhy(judgement, [wanted], NAMES).of(wanted)


def test_where_all_evidence_agrees_the_channel_is_named(weighed):
    assert why(weighed, survey="douyin", coupon="douyin") in {
        f"Said Douyin and used a Douyin coupon: Douyin {share}." for share in ("99%", "over 99%")
    }


def test_what_contradicts_comes_with_how_often_that_happens(weighed):
    text = why(weighed, survey="douyin", coupon="meituan")
    truth = "Meituan" if "Of guests brought by Meituan" in text else "Douyin"
    shares = {
        row["channel"]: row["share"] for row in weighed.evidence.recall("survey").to_pylist() if row["said"] == "douyin"
    }

    assert text.startswith("Said Douyin and used a Meituan coupon: ")
    if truth == "Meituan":
        number = round(100 * shares["meituan"])
        assert text.endswith(f"Of guests brought by Meituan who answer, {number} in 100 say Douyin.")
    else:
        assert "Of guests brought by Douyin, " in text
        assert text.endswith("use a Meituan coupon.")


def test_not_to_remember_contradicts_nobody(weighed):
    text = why(weighed, survey=DONT_REMEMBER, coupon="meituan")

    assert text.startswith("Could not remember and used a Meituan coupon: Meituan ")
    assert "Of guests" not in text


def test_who_left_nothing_is_inferred(weighed):
    assert why(weighed).startswith("Left no evidence; inferred from customers like this: ")


def test_the_rate_of_an_error_through_coupons_is_of_all_guests_and_not_of_those_who_use_one(weighed):
    """So often somebody who came by the channel uses any coupon, times so often it is the other channel's."""
    fit = weighed.evidence
    speaks = {row["channel"]: row["rate"] for row in fit.response().to_pylist() if row["source"] == "coupon"}
    names = {(row["channel"], row["said"]): row["share"] for row in fit.recall("coupon").to_pylist()}
    errs = EvidenceWhy(weighed, [0], NAMES).errs

    assert errs["coupon", "douyin", "meituan"] == pytest.approx(speaks["douyin"] * names["douyin", "meituan"])


def test_what_was_heard_is_said_in_the_reader_s_language(weighed):
    wanted = pattern(weighed, survey="douyin", coupon="meituan")
    with translation.override("zh-hans"):
        assert Heard(weighed, [wanted], {"douyin": "抖音", "meituan": "美团"}).of(wanted) == "回答抖音、用了美团券"


def test_a_channel_that_has_no_name_any_more_is_called_by_its_code(weighed):
    wanted = pattern(weighed, survey="douyin", coupon="douyin")

    assert Heard(weighed, pa.array([wanted]).to_pylist(), {}).of(wanted) == "Said douyin and used a douyin coupon"
