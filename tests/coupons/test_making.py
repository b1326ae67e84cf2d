"""Codes by the hundred thousand: made once each, in the batch's stock, however often the worker dies."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError

from attribution.coupons import actions, codes, tasks
from attribution.coupons.actions import making
from attribution.coupons.models import CodeRun, Coupon, CouponBatch
from attribution.jobs import LostLease

Ask = Callable[[int], CodeRun]


@pytest.fixture
def ask(batch: CouponBatch, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Ask for so many codes of the batch, to be made ten at a time."""
    monkeypatch.setattr(making, "A_STEP", 10)
    monkeypatch.setattr(making, "A_TURN", 0)
    return lambda count: actions.request_codes(batch=batch, count=count, staff=None, language="en")


def test_drawn_codes_are_all_different_and_all_check() -> None:
    drawn = codes.new_codes(20_000)

    assert len(set(drawn)) == 20_000
    assert all(map(codes.check, drawn))
    # Each of 23 characters stands in each place about 20,000 ÷ 23 = 870 times; 6 standard deviations are 173.
    for place in range(codes.LENGTH):
        counts = [sum(code[place] == character for code in drawn) for character in codes.ALPHABET]
        assert min(counts) > 690
        assert max(counts) < 1050


def test_codes_that_come_out_alike_are_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([["A", "A", "B"], ["C"]])
    monkeypatch.setattr(codes, "_draw", lambda count: next(answers))

    assert sorted(codes.new_codes(3)) == ["A", "B", "C"]


def test_the_worker_makes_what_was_asked_for(batch: CouponBatch, ask: Ask) -> None:
    CouponBatch.objects.update(days_valid=7)
    row = ask(25)

    tasks.look()

    row.refresh_from_db()
    made = list(Coupon.objects.all())
    assert (row.state, row.progress, row.percent) == ("done", 25, 100)
    assert len({coupon.code for coupon in made}) == 25
    assert {(coupon.issued_at, coupon.claimed_at, coupon.issuer) for coupon in made} == {
        (row.requested_at, None, "own")
    }
    assert all(coupon.expires_at is not None for coupon in made)
    assert CouponBatch.objects.get().issued_count == 25


def test_a_worker_that_dies_leaves_whole_steps_and_the_next_goes_on(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    row, write, steps = ask(25), making._write_some, []

    def die_in_the_third(*values: Any) -> None:
        steps.append(values)
        if len(steps) == 3:
            raise LostLease
        write(*values)

    monkeypatch.setattr(making, "_write_some", die_in_the_third)
    making.make_waiting_codes()
    assert (Coupon.objects.count(), CouponBatch.objects.get().issued_count) == (20, 20)

    monkeypatch.setattr(making, "_write_some", write)
    CodeRun.objects.update(lease_until=row.requested_at)
    making.make_waiting_codes()

    row.refresh_from_db()
    assert (row.state, row.attempts, Coupon.objects.count()) == ("done", 2, 25)


def test_who_lost_the_run_to_another_worker_writes_nothing_more(ask: Ask) -> None:
    row = ask(25)
    row.claim()
    CodeRun.objects.update(attempts=2)

    with pytest.raises(LostLease):
        making.make_codes(row)

    assert (Coupon.objects.count(), CouponBatch.objects.get().issued_count) == (0, 0)


def test_a_code_that_is_there_already_has_its_step_drawn_again(
    batch: CouponBatch, coupon: Coupon, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh, draws = making.new_codes, []

    def clash_at_first(count: int) -> list[str]:
        draws.append(count)
        return [coupon.code, *fresh(count - 1)] if len(draws) == 1 else fresh(count)

    monkeypatch.setattr(making, "new_codes", clash_at_first)
    row = ask(15)
    tasks.look()

    row.refresh_from_db()
    assert (row.state, draws) == ("done", [10, 10, 5])
    assert Coupon.objects.count() == CouponBatch.objects.get().issued_count == 16


def test_an_unforeseen_conflict_fails_the_run(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ask(5)
    monkeypatch.setattr(making, "_INSERT", making._INSERT.replace("issuer", "issuer_id"))
    monkeypatch.setattr(making, "_write_some", lambda *_: (_ for _ in ()).throw(IntegrityError("another")))

    with pytest.raises(IntegrityError):
        tasks.look()

    row.refresh_from_db()
    assert (row.state, row.error_code) == ("failed", "codes_failed")


def test_a_pause_in_the_middle_ends_the_run_there(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    row, write = ask(25), making._write_some

    def pause_after_one(*values: Any) -> None:
        write(*values)
        CouponBatch.objects.update(is_paused=True)

    monkeypatch.setattr(making, "_write_some", pause_after_one)
    tasks.look()

    row.refresh_from_db()
    assert (row.state, row.error_code, row.progress) == ("failed", "batch_paused", 10)
    assert Coupon.objects.count() == CouponBatch.objects.get().issued_count == 10


def test_no_more_is_asked_for_than_the_stock_has_room_for(batch: CouponBatch, coupon: Coupon, ask: Ask) -> None:
    batch.refresh_from_db()
    batch.stock = 10
    batch.save()

    with pytest.raises(actions.TooFewLeft, match="room for 9 more"):
        ask(10)
    assert ask(9).total == 9


@pytest.mark.parametrize("count", [0, 1_000_001])
def test_a_count_has_its_bounds(ask: Ask, count: int) -> None:
    with pytest.raises(actions.BadCount, match="from 1 to 1,000,000"):
        ask(count)


def test_a_platforms_codes_are_not_ours_to_make(platform_batch: CouponBatch) -> None:
    with pytest.raises(actions.NotOurs):
        actions.request_codes(batch=platform_batch, count=1, staff=None, language="en")


def test_two_runs_of_a_batch_never_share_a_moment(ask: Ask) -> None:
    import time_machine

    with time_machine.travel("2026-03-10 12:00:00", tick=False):
        first, second = ask(1), ask(1)

    assert second.requested_at > first.requested_at
