"""The journeys that the engine is timed on are what they say."""

import numpy as np
import pytest

from benchmarks.journeys import CHANNELS, CONVERTING, KINDS, MOST_TOUCHES, make


def test_journeys_have_their_touches_in_no_order_and_buy_after_the_last() -> None:
    touches, conversions = (table.to_pandas() for table in make(20_000))
    by_customer = touches.groupby("customer_id")["at"]
    sold = conversions.set_index("customer_id")["at"]

    assert by_customer.size().between(1, MOST_TOUCHES).all()
    assert len(by_customer) == 20_000
    assert by_customer.size().mean() == pytest.approx(3, abs=0.08)
    assert not touches.duplicated(["customer_id", "at"]).any()
    assert np.corrcoef(touches.index, touches["customer_id"])[0, 1] == pytest.approx(0, abs=0.03)
    assert len(sold) == pytest.approx(20_000 * CONVERTING, abs=300)
    assert (by_customer.max().loc[sold.index] < sold).all()
    assert (set(touches["channel"]), set(touches["kind"])) == (set(CHANNELS), set(KINDS))


def test_all_journeys_are_within_the_lookback() -> None:
    touches, conversions = (table.to_pandas() for table in make(20_000))

    assert (max(touches["at"].max(), conversions["at"].max()) - touches["at"].min()).days < 90
