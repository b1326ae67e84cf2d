"""The simulated shops of the benchmarks are what they say, within four standard errors."""

import numpy as np
import pandas as pd
import pytest

from attribution.warehouse import DONT_REMEMBER
from benchmarks.shops import CHANNELS, KINDS, SAID, SOURCES, natures, simulate

SIZE = 40_000
STILL = [kind for kind in KINDS if kind not in {"drift", "demo"}]


def heard(kind: str, seed: int, customers: int = SIZE) -> pd.DataFrame:
    """Return ``truth`` and what each source says of each customer, or NaN."""
    shop = simulate(kind, customers, seed)
    said = shop.touches.to_pandas().pivot(index="customer_id", columns="kind", values="channel")  # one touch a source
    return shop.truth.to_pandas().set_index("customer_id").rename(columns={"channel": "truth"}).join(said)


def error_of(rate: np.ndarray, size: np.ndarray | float) -> np.ndarray:
    return 4 * np.sqrt(rate * (1 - rate) / size) + 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_gives_one_shop_and_another_seed_another(kind: str) -> None:
    one, same, other = (simulate(kind, 300, seed) for seed in (1, 1, 2))

    assert all(getattr(one, name).equals(table) for name, table in vars(same).items())
    assert not one.touches.equals(other.touches)
    assert sum(one.shares().values()) == pytest.approx(1)
    assert one.truth["customer_id"].equals(one.conversions["customer_id"])


@pytest.mark.parametrize("kind", STILL)
def test_shares_rates_and_errors_are_those_of_the_nature(kind: str) -> None:
    rows, (nature, _) = heard(kind, 3), natures(kind, 3)
    size = rows.groupby("truth").size().reindex(CHANNELS).to_numpy()

    assert (abs(size / SIZE - nature.shares) < error_of(nature.shares, SIZE)).all()
    for source in SOURCES:
        speaks = rows[source].notna().groupby(rows["truth"]).mean().reindex(CHANNELS).to_numpy()
        assert (abs(speaks - nature.speaks[source]) < error_of(nature.speaks[source], size)).all()
        spoken = rows[rows[source].notna()]
        table = pd.crosstab(spoken["truth"], spoken[source]).reindex(index=CHANNELS, columns=SAID, fill_value=0)
        totals = table.sum(axis=1).to_numpy()[:, None]
        says = nature.says[source]
        assert (abs(table.to_numpy() / totals - says) < error_of(says, totals)).all()


@pytest.mark.parametrize("seed", range(20))
def test_the_rates_are_in_their_ranges(seed: int) -> None:
    nature, later = natures("assumed", seed)
    coupon, link = nature.able["coupon"], nature.able["link"]
    own = nature.speaks["coupon"][:, None] * nature.says["coupon"][:, :8]

    assert later is nature
    assert 4 <= coupon.sum() <= 6
    assert (~coupon & ~link).any()
    assert ((np.diag(own)[coupon] >= 0.2) & (np.diag(own)[coupon] <= 0.6)).all()
    strays = own.sum(axis=1) - np.diag(own)
    assert ((strays >= 0.02 - 1e-12) & (strays <= 0.1 + 1e-12)).all()
    wrong = 1 - np.diag(nature.says["survey"])
    assert ((wrong >= 0.08) & (wrong <= 0.4)).all()
    assert ((nature.speaks["survey"] >= 0.15) & (nature.speaks["survey"] <= 0.6)).all()


def correlation(rows: pd.DataFrame) -> float:
    """Return how coupon and link go together among customers of one channel."""
    both = rows.assign(coupon=rows["coupon"].notna(), link=rows["link"].notna())
    within = both[["coupon", "link"]] - both.groupby("truth")[["coupon", "link"]].transform("mean")
    return float(np.corrcoef(within["coupon"], within["link"])[0, 1])


def test_one_trait_drives_coupon_and_link_and_nothing_does_otherwise() -> None:
    assert abs(correlation(heard("assumed", 3))) < 0.02
    assert correlation(heard("trait", 3)) > 0.1


def test_shares_drift_from_one_truth_to_the_other() -> None:
    rows, (first, last) = heard("drift", 3), natures("drift", 3)

    # Customers are numbered by time, and times are even over the year.
    for late, half in ((0.25, rows[: SIZE // 2]), (0.75, rows[SIZE // 2 :])):
        share = half["truth"].value_counts(normalize=True).reindex(CHANNELS).to_numpy()
        expected = (1 - late) * first.shares + late * last.shares
        assert (abs(share - expected) < error_of(expected, SIZE / 2)).all()


def test_the_herd_names_one_channel_and_a_leaky_coupon_is_everybodys() -> None:
    wrong = natures("herd", 3)[0].says["survey"] * (1 - np.eye(8, 9))
    famous = wrong.sum(axis=0).argmax()
    others = np.arange(8) != famous
    assert (wrong[others, famous] > 0.85 * wrong[others].sum(axis=1)).all()
    nature = natures("leaky", 3)[0]
    used = nature.speaks["coupon"][:, None] * nature.says["coupon"][:, :8] * (1 - np.eye(8))
    leaking = np.sort(used, axis=0)[1]  # the lowest but the channel itself
    assert (leaking >= 0.15).sum() == 1
    assert natures("no_coupons", 3)[0].able["coupon"].sum() == 2


@pytest.mark.parametrize("kind", KINDS)
def test_each_touch_has_its_time_and_its_capability(kind: str) -> None:
    shop = simulate(kind, 2_000, 4)
    sold = shop.conversions.to_pandas().set_index("customer_id")["at"]
    touches = shop.touches.to_pandas()
    after = (touches["at"] - touches["customer_id"].map(sold)).dt.total_seconds()
    spans = after.groupby(touches["kind"]).agg(["min", "max"])

    assert spans.loc["coupon"].tolist() == [0, 0]
    assert 120 <= spans.loc["survey", "min"] <= spans.loc["survey", "max"] <= 2_400
    assert -21 * 86_400 <= spans.loc["link", "min"] <= spans.loc["link", "max"] <= -60
    able = set(map(tuple, shop.capabilities.to_pandas().to_numpy()))
    spoken = touches.loc[touches["kind"] != "survey", ["channel", "kind"]]
    assert set(map(tuple, spoken.to_numpy())) <= able
    assert DONT_REMEMBER in set(touches.loc[touches["kind"] == "survey", "channel"])


def test_a_link_of_the_demo_is_known_of_those_only_who_answered_or_claimed() -> None:
    touches = simulate("demo", 5_000, 4).touches.to_pandas()
    by_kind = {kind: set(rows["customer_id"]) for kind, rows in touches.groupby("kind")}

    silent = by_kind["link"] - by_kind["survey"] - by_kind["coupon"]
    # A few answered with something of their own: an answer that names nobody is no touch.
    assert len(silent) < 0.05 * len(by_kind["link"])
