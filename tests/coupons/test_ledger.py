"""Whatever is redeemed and voided, in whatever order, the rows agree with a ledger kept by hand."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from attribution.coupons import actions
from attribution.coupons.models import Attempt, Coupon, CouponBatch, Redemption, Void
from attribution.customers.models import Order
from attribution.evidence.models import Touchpoint
from tests.coupons.conftest import NOON

BILL = 20000


class Ledger(RuleBasedStateMachine):
    """Two codes, one of a single use and one of two; two order numbers."""

    store: Any
    staff: Any
    batches: list[CouponBatch]

    @initialize()
    def begin(self) -> None:
        self.frame = transaction.atomic()
        self.frame.__enter__()
        self.codes = [actions.issue_coupon(batch=batch, at=NOON).code for batch in self.batches]
        self.standing: dict[Redemption, tuple[int, str]] = {}
        self.voided = self.refused = 0

    def teardown(self) -> None:
        if hasattr(self, "frame"):
            transaction.set_rollback(True)
            self.frame.__exit__(None, None, None)

    @rule(which=st.integers(0, 1), number=st.sampled_from(["", "A1", "A2"]), again=st.booleans())
    def redeem(self, which: int, number: str, again: bool) -> None:
        def act() -> Redemption:
            return actions.redeem_coupon(
                code=self.codes[which], store=self.store, staff=self.staff, request_id=request_id, amount_minor=BILL,
                order_number=number, phone="13800138000", at=NOON,
            )  # fmt: skip

        request_id = uuid4()
        if sum(used == which for used, _ in self.standing.values()) < (1, 2)[which]:
            redemption = act()
            self.standing[redemption] = (which, number)
            if again:
                assert act() == redemption
            return
        try:
            act()
        except actions.CouponAlreadyRedeemed:
            self.refused += 1
        else:
            raise AssertionError("used once too often")

    @precondition(lambda self: self.standing)
    @rule(data=st.data())
    def void(self, data: Any) -> None:
        redemption = data.draw(st.sampled_from(sorted(self.standing, key=lambda one: one.pk)))
        actions.void_redemption(redemption=redemption, reason="mistake", staff=self.staff, request_id=uuid4())
        del self.standing[redemption]
        self.voided += 1

    @invariant()
    def the_rows_agree(self) -> None:
        if not hasattr(self, "standing"):
            return
        assert set(Redemption.objects.standing()) == set(self.standing)
        assert Redemption.objects.count() == len(self.standing) + self.voided
        assert (Void.objects.count(), Attempt.objects.count()) == (self.voided, self.refused)
        assert Touchpoint.objects.standing().count() == len(self.standing)
        for which, batch in enumerate(CouponBatch.objects.order_by("pk")):
            uses = sum(used == which for used, _ in self.standing.values())
            assert (batch.redeemed_count, batch.spent_minor) == (uses, uses * 1500)
        for number in ("A1", "A2"):
            uses = sum(used == number for _, used in self.standing.values())
            orders = Order.objects.standing().filter(number=number).values_list("amount_minor", "discount_minor")
            assert list(orders) == ([(BILL - uses * 1500, uses * 1500)] if uses else [])


def test_redemptions_minus_voids_stand(store: Any, clerk: Any, batch: CouponBatch, channels: Callable) -> None:
    double = CouponBatch.objects.get(pk=batch.pk)
    double.pk, double.claim_token, double.uses_per_code = None, "twice", 2
    double.save()

    machine = type("Machine", (Ledger,), {"store": store, "staff": clerk.staff, "batches": [batch, double]})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )

    assert Coupon.objects.count() == 0
