"""The evidence model: what it takes in, what it finds where the truth is known, and when it declines."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from attribution.engine import Judgement, ModelError, judge
from attribution.engine.evidence import EvidenceFit, Patterns, em, fit_evidence
from attribution.engine.evidence.model import Priors, cells_of
from attribution.engine.evidence.patterns import NOTHING, said_of, words_of
from attribution.warehouse import InputError
from tests.engine.shop import Sale, Touch, sale_table, touch_table

CHANNELS = ("a", "b", "c", "unknown")
NONE = len(CHANNELS)  # the survey was answered and names no channel
SHARES = (0.5, 0.3, 0.2)
ANSWERS = (0.2, 0.4, 0.6)  # who answers depends on the channel
COUPONS, LINKS = (0.5, 0.3, 0.4), (0.3, 0.3, 0.1)
RIGHT = 0.8  # of what a source says; the rest is shared evenly
CAPABILITIES = pa.table({"channel": ["a"], "kind": ["link"]})


def expected_patterns(customers: int, sources: int = 3) -> Patterns:
    """Return every pattern of survey, coupon and link with its expected count: so the truth is all there is to find."""
    said, counts = [], []
    rates = (ANSWERS, COUPONS, LINKS)[:sources]
    for pattern in np.ndindex(*[4] * sources):  # 3 channels, or nothing
        chance = np.array(SHARES)
        for source, word in enumerate(pattern):
            speaks = np.array(rates[source])
            right = np.where(np.arange(3) == word, RIGHT, (1 - RIGHT) / 2)
            chance = chance * (1 - speaks if word == 3 else speaks * right)
        said.append([NOTHING if word == 3 else word for word in pattern] + [NOTHING] * (5 - sources))
        counts.append(round(customers * chance.sum()))
    able = np.ones((5, 4), dtype=bool)
    able[:, 3] = False
    return Patterns(np.array(said), np.array(counts), CHANNELS, able)


def patterns(*rows: tuple[int, int, int]) -> Patterns:
    """Return patterns from (what the survey says, what the coupon says, how many)."""
    said = np.array([[survey, coupon, NOTHING, NOTHING, NOTHING] for survey, coupon, _ in rows], dtype=np.int64)
    able = np.ones((5, 4), dtype=bool)
    return Patterns(said.reshape(-1, 5), np.array([many for *_, many in rows], dtype=np.int64), CHANNELS, able)


@pytest.fixture(scope="module")
def fitted() -> EvidenceFit:
    return fit_evidence(expected_patterns(40_000))


def kept(judgement: Judgement) -> list[dict[str, object]]:
    rows = judgement.evidence.patterns.table().to_pylist()
    return [{name: value for name, value in row.items() if value is not None and name != "pattern_id"} for row in rows]


def test_the_first_channel_that_a_source_names_counts(tmp_path: Path):
    touches = [
        Touch(1, "b", "link", -3),
        Touch(1, "a", "link", -1),
        Touch(1, "c", "survey", 0),
        Touch(1, "a", "coupon", 0),
    ]

    judgement = judge(touch_table(touches), sale_table([Sale(1, 0)]), tmp_path / "out")

    assert kept(judgement) == [{"survey": "c", "coupon": "a", "link": "b", "conversions": 1}]


def test_an_answer_that_names_none_is_heard_but_is_no_touch(tmp_path: Path):
    touches = [
        Touch(1, "dont_remember", "survey", 0),
        Touch(1, "a", "link", -1),
        Touch(2, "dont_remember", "survey", 1),
    ]

    judgement = judge(touch_table(touches), sale_table([Sale(1, 0), Sale(2, 0), Sale(3, 0)]), tmp_path / "out")

    assert kept(judgement) == [
        {"survey": "dont_remember", "link": "a", "conversions": 1},
        {"survey": "dont_remember", "conversions": 1},
        {"conversions": 1},
    ]
    assert judgement.channels == ("a", "unknown")
    assert judgement.summary("linear")["customers"].to_pylist() == [1.0, 2.0]
    assert judgement.counts["answers_naming_no_channel"] == 2


def test_an_answer_that_names_a_channel_wins_over_one_that_names_none(tmp_path: Path):
    touches = [Touch(1, "dont_remember", "survey", 0), Touch(1, "a", "survey", 1)]

    judgement = judge(touch_table(touches), sale_table([Sale(1, 0)]), tmp_path / "out")

    assert kept(judgement) == [{"survey": "a", "conversions": 1}]


def test_only_a_survey_can_say_that_it_does_not_know(tmp_path: Path):
    with pytest.raises(InputError, match="column channel: 'dont_remember' is a reserved name; only a survey answer"):
        judge(touch_table([Touch(1, "dont_remember", "link", 0)]), sale_table([Sale(1, 0)]), tmp_path / "out")


def test_patterns_are_words_and_come_back():
    said = np.array([[NOTHING] * 5, [0, 1, 2, NOTHING, 65_000]])

    assert said_of(words_of(said)).tolist() == said.tolist()


def test_the_truth_is_found_where_the_assumptions_hold(fitted: EvidenceFit):
    shares = fitted.shares().to_pylist()

    assert (fitted.status, fitted.reason, fitted.sources) == ("identified", "", ("survey", "coupon", "link"))
    assert [row["channel"] for row in shares] == ["a", "b", "c"]
    assert [row["share"] for row in shares] == pytest.approx(SHARES, abs=0.01)
    for row, truth in zip(shares, SHARES, strict=True):
        assert row["low"] < truth < row["high"]
        assert 0 < row["high"] - row["low"] < 0.15
    assert not any(row["only_survey"] for row in shares)


def test_who_answers_and_what_they_say_is_found(fitted: EvidenceFit):
    response = {(row["channel"], row["source"]): row["rate"] for row in fitted.response().to_pylist()}
    recall = {(row["channel"], row["said"]): row["share"] for row in fitted.recall().to_pylist()}

    assert [response[name, "survey"] for name in "abc"] == pytest.approx(ANSWERS, abs=0.02)
    assert [response[name, "coupon"] for name in "abc"] == pytest.approx(COUPONS, abs=0.02)
    assert [response[name, "link"] for name in "abc"] == pytest.approx(LINKS, abs=0.02)
    assert [recall[name, name] for name in "abc"] == pytest.approx([RIGHT] * 3, abs=0.02)
    assert recall["a", "b"] == pytest.approx((1 - RIGHT) / 2, abs=0.02)


def test_agreement_is_counted_and_expected(fitted: EvidenceFit):
    table = fit_evidence(patterns((0, 0, 20), (0, 1, 5), (1, 1, 10), (NONE, 1, 7), (0, NOTHING, 3))).agreement()
    found = fitted.agreement().to_pylist()

    # both name a channel on 20 + 5 + 10, the same one on 20 + 10
    assert table.to_pylist()[0]["both"] == 35
    assert table.to_pylist()[0]["agree"] == 30
    assert table.to_pylist()[0]["share"] == pytest.approx(30 / 35)
    # 0.8 × 0.8 + 2 × 0.1 × 0.1 whoever brought them
    assert [row["expected"] for row in found] == pytest.approx([0.66] * 3, abs=0.01)
    assert [row["share"] for row in found] == pytest.approx([0.66] * 3, abs=0.01)


def test_the_posterior_of_a_pattern_sums_to_one_and_the_silent_are_inferred(fitted: EvidenceFit):
    posterior = fitted.posterior().to_pandas()
    silent = posterior[posterior["pattern_id"] == len(fitted.patterns) - 1].set_index("channel")["credit"]

    assert posterior.groupby("pattern_id")["credit"].sum().to_numpy() == pytest.approx(np.ones(64), abs=1e-9)
    # P(nothing | z) π: a 0.8 × 0.5 × 0.7 × 0.5, b 0.6 × 0.7 × 0.7 × 0.3, c 0.4 × 0.6 × 0.9 × 0.2
    weights = np.array([0.14, 0.0882, 0.0432])
    assert silent.loc[["a", "b", "c"]].to_numpy() == pytest.approx(weights / weights.sum(), abs=0.02)


def test_the_estimate_leaps_to_where_plain_steps_would_creep(monkeypatch: pytest.MonkeyPatch):
    cells = cells_of(expected_patterns(40_000, sources=2))
    taken = []
    step = em._step
    monkeypatch.setattr(em, "_step", lambda *given: taken.append(step(*given)) or taken[-1])

    parameters = em.maximise(cells, Priors()).parameters

    plain = [taken[0]]
    for _ in range(30 * len(taken)):
        plain.append(step(cells, Priors(), plain[-1]))
    there, far = plain[-1].parameters.share, plain[len(taken)].parameters.share
    np.testing.assert_allclose(parameters.share, there, atol=1e-3)
    assert np.abs(far - there).max() > 1e-2  # as many plain steps are not there yet


def test_draws_are_the_same_when_asked_again_and_sum_to_the_conversions(fitted: EvidenceFit):
    some = fitted.patterns.conversions // 3

    drawn = fitted.drawn(some)

    assert drawn.sum(axis=1).tolist() == [some.sum()] * len(drawn)
    assert (drawn == fitted.drawn(some)).all()
    assert drawn.std(axis=0).min() > 0
    assert (fit_evidence(expected_patterns(40_000)).drawn(some) == drawn).all()


def test_what_is_kept_is_what_is_read(fitted: EvidenceFit, tmp_path: Path):
    fitted.keep(tmp_path)

    read = EvidenceFit.read(tmp_path, fitted.patterns)

    for one, other in (
        (read.shares(), fitted.shares()),
        (read.recall(), fitted.recall()),
        (read.check(), fitted.check()),
    ):
        assert one == other
    assert (read.status, read.p_value, read.mixing.tolist()) == (fitted.status, fitted.p_value, fitted.mixing.tolist())


def test_chains_meet_where_the_data_decide(fitted: EvidenceFit):
    assert fitted.mixing is not None
    assert fitted.mixing.max() < 1.3


def test_data_that_the_model_can_make_pass_the_check(fitted: EvidenceFit):
    assert fitted.p_value is not None
    assert fitted.p_value > 0.05
    assert max(abs(row["z"]) for row in fitted.check().to_pylist()) < 3


def test_data_that_the_model_cannot_make_fail_the_check():
    # Whoever answers uses no coupon, whichever channel brought them: the two are far from independent.
    apart = expected_patterns(40_000)
    both = (apart.said[:, 0] != NOTHING) & (apart.said[:, 1] != NOTHING) & (apart.said[:, 0] != apart.said[:, 1])
    counts = np.where(both, apart.conversions * 6, apart.conversions)
    silent = np.flatnonzero((apart.said == NOTHING).all(axis=1))
    counts[silent] = counts[silent] // 20

    fit = fit_evidence(Patterns(apart.said, counts, apart.channels, apart.able))

    assert fit.p_value is not None
    assert fit.p_value < 0.02
    assert abs(fit.check().to_pylist()[0]["z"]) > 3


def test_two_sources_depend_on_the_priors_and_say_so():
    fit = fit_evidence(expected_patterns(4_000, sources=2))

    assert (fit.status, fit.reason) == ("prior_dependent", "two_sources")
    rows = fit.shares().to_pylist()
    assert all(row["half_prior"] != row["double_prior"] for row in rows)
    assert sum(row["half_prior"] for row in rows) == pytest.approx(1)
    assert sum(row["double_prior"] for row in rows) == pytest.approx(1)


def test_a_channel_that_only_the_survey_can_name_is_marked():
    plain = expected_patterns(4_000)
    plain.able[1:, 2] = False

    shares = fit_evidence(plain).shares().to_pylist()

    assert [row["only_survey"] for row in shares] == [False, False, True]


def test_a_channel_that_has_no_coupons_is_heard_there_by_mistake_only():
    # c has no coupon: whoever answers c and uses one of b's is c's nevertheless, now and then.
    plain = patterns((0, 0, 400), (1, 1, 300), (2, 1, 20), (2, NOTHING, 300), (NOTHING, 1, 200), (NOTHING, 0, 200))
    plain.able[1, 2] = False

    rates = {(row["channel"], row["source"]): row for row in fit_evidence(plain).response().to_pylist()}

    assert not rates["c", "coupon"]["can_speak"]
    assert rates["c", "coupon"]["rate"] < 0.2


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ((), "no_conversions"),
        (((NOTHING, NOTHING, 50),), "no_conversions"),
        (((0, NOTHING, 50), (1, NOTHING, 50)), "one_source"),
        (((0, 0, 500), (0, NOTHING, 50)), "one_channel"),
        (((0, 0, 15), (0, 1, 14), (1, NOTHING, 500)), "few_overlaps"),
    ],
)
def test_what_cannot_be_identified_falls_back_and_says_why(rows: tuple[tuple[int, int, int], ...], reason: str):
    fit = fit_evidence(patterns(*rows))

    assert (fit.status, fit.reason, fit.is_fallback, fit.p_value) == ("fallback", reason, True, None)
    for table in (fit.shares(), fit.recall(), fit.response(), fit.check(), fit.posterior()):
        assert table.num_rows == 0


def test_thirty_overlaps_are_enough():
    assert fit_evidence(patterns((0, 0, 15), (0, 1, 15), (1, NOTHING, 500))).status == "prior_dependent"


def test_a_fallback_answers_by_precedence(tmp_path: Path):
    touches = touch_table([Touch(1, "a", "coupon", 0), Touch(1, "b", "survey", 0)])

    judgement = judge(touches, sale_table([Sale(1, 0), Sale(2, 0)]), tmp_path / "out", capabilities=CAPABILITIES)

    assert (judgement.default_model, judgement.used("evidence")) == ("precedence", "precedence")
    assert judgement.summary("evidence") == judgement.summary("precedence")
    assert judgement.intervals("evidence") == judgement.intervals("precedence")
    assert judgement.evidence.overlaps == 1
    assert judgement.evidence.agreement().to_pylist()[0]["expected"] is None


def test_a_run_that_was_not_asked_for_evidence_has_none(tmp_path: Path):
    touches = touch_table([Touch(1, "a", "coupon", 0)])

    judgement = judge(touches, sale_table([Sale(1, 0)]), tmp_path / "out", models=["linear"])

    assert judgement.default_model == "precedence"
    with pytest.raises(ModelError, match="did not keep evidence"):
        judgement.summary("evidence")


def test_a_fitted_run_credits_everybody_and_leaves_nobody_unknown(tmp_path: Path):
    touches, sales = [], []
    for customer in range(120):
        said = "abc"[customer % 3]
        sales.append(Sale(customer, 0))
        if customer % 2:
            touches.append(Touch(customer, said, "survey", 0))
        if customer % 4 in (1, 2):
            touches.append(Touch(customer, said, "coupon", 0))

    judgement = judge(touch_table(touches), sale_table(sales), tmp_path / "out")

    assert judgement.default_model == "evidence"
    summary = {row["channel"]: row["customers"] for row in judgement.summary("evidence").to_pylist()}
    assert summary["unknown"] == 0
    assert sum(summary.values()) == pytest.approx(120)
    intervals = judgement.intervals("evidence").to_pylist()
    assert all(row["low"] <= row["customers"] <= row["high"] for row in intervals)
    some = np.arange(120) < 30
    assert sum(judgement.summary("evidence", some)["customers"].to_pylist()) == pytest.approx(30)
    assert judgement.draws("evidence", some).sum(axis=1).tolist() == [30.0] * len(judgement.draws("evidence", some))
