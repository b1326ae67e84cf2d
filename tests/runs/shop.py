"""A shop in which anything may happen next: real actions, and hands on the database."""

import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from django.db import connection

from attribution.coupons import actions as coupons
from attribution.coupons.models import Coupon, CouponBatch, Redemption, Void
from attribution.customers.actions import record_order, resolve_customer
from attribution.customers.models import Customer, Order, OrderLine, Staff, Store
from attribution.errors import DomainError
from attribution.evidence import actions as evidence
from attribution.evidence.models import Channel, Touchpoint, TrackedLink, Visit
from surveys import actions as surveys
from surveys.definition import Text
from surveys.firstvisit import ChannelChoice, first_visit
from surveys.models import ChoiceChannel, Placement, Response, Survey

START = datetime(2026, 1, 10, 12, tzinfo=UTC)
COUNTED = (
    "customers_order", "customers_customer", "evidence_touchpoint", "evidence_visit", "coupons_coupon",
    "coupons_redemption",
)  # fmt: skip


def leap(table: str) -> None:
    """Go on counting in the table's next part, as if it had filled this one."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("UPDATE sqlite_sequence SET seq = seq + 65536 WHERE name = %s", [table])
        else:
            cursor.execute(f"SELECT setval('{table}_id_seq', nextval('{table}_id_seq') + 65536)")


class RandomShop:
    """``shop.act()`` does one thing, chosen by the seed, and returns its name."""

    def __init__(self, seed: int, channels: dict[str, Channel]) -> None:
        self.random, self.now = random.Random(seed), START
        self.channels = list(channels.values())
        self.stores = [Store.objects.create(code=code, name_en=code, zone="Asia/Shanghai") for code in ("east", "west")]
        self.staff = Staff.objects.create(username="clerk", role="manager")
        self.link = TrackedLink.objects.create(name_en="Poster", channel=self.channels[0], destination="/")
        self.batch = CouponBatch.objects.create(
            name_en="Ten off", channel=self.channels[1], face_value_minor=1000, is_claimable=True, uses_per_code=3
        )
        self.survey = Survey.objects.create(name_en="First visit")
        choices = [ChannelChoice(channel.slug, Text(channel.slug, channel.slug), "other") for channel in self.channels]
        surveys.publish_version(survey=self.survey, definition=first_visit(choices))
        self.placement = Placement.objects.create(survey=self.survey, store=self.stores[0])
        self.acts = sorted(name for name in vars(type(self)) if name.startswith("do_"))

    def act(self) -> str:
        self.now += timedelta(hours=self.random.choice([1, 30, 500]))
        if self.random.random() < 0.3:
            leap(self.random.choice(COUNTED))
        name = self.random.choice(self.acts)
        with time_machine.travel(self.now, tick=False):
            try:
                getattr(self, name)()
            except DomainError:
                name += " (refused)"
        return name

    def any_of(self, model: type) -> Any:
        found = list(model._default_manager.order_by("pk"))  # type: ignore[attr-defined]
        return self.random.choice(found) if found else None

    def phone(self) -> str:
        return f"1380013800{self.random.randrange(6)}"

    def device(self) -> str:
        return f"device-token-number-{self.random.randrange(4)}"

    # ── What people do ──────────────────────────────────────────────────────────────────────────────────────────────

    def do_order(self) -> None:
        customer = self.random.choice([None, resolve_customer(identities=[("phone", self.phone())], at=self.now)])
        self.order(number=uuid.uuid4().hex[:8], customer=customer)

    def do_correct_an_order(self) -> None:
        if order := self.any_of(Order):
            self.order(number=order.number, customer=order.customer, store=order.store)

    def order(self, *, number: str, customer: Customer | None, store: Store | None = None) -> None:
        record_order(
            store=store or self.random.choice(self.stores),
            number=number,
            kind=self.random.choice(["sale", "sale", "refund"]),
            placed_at=self.now,
            amount_minor=self.random.randrange(1000, 9000),
            discount_minor=0,
            source="import",
            customer=customer,
        )

    def do_scan(self) -> None:
        evidence.record_visit(link=self.link, device=self.device(), at=self.now)

    def do_claim(self) -> None:
        coupons.claim_coupon(batch=self.batch, device=self.device(), at=self.now)

    def do_print(self) -> None:
        coupons.print_coupons(batch=self.batch, count=3, at=self.now)

    def do_redeem(self) -> None:
        if coupon := self.any_of(Coupon):
            coupons.redeem_coupon(
                code=coupon.code, store=self.stores[0], staff=self.staff, request_id=uuid.uuid4(), amount_minor=4000,
                order_number=self.random.choice(["", uuid.uuid4().hex[:8]]), at=self.now,
                phone=self.random.choice(["", self.phone()]),
            )  # fmt: skip

    def do_void(self) -> None:
        if redemption := self.any_of(Redemption):
            coupons.void_redemption(redemption=redemption, reason="mistake", staff=self.staff, request_id=uuid.uuid4())

    def do_answer(self) -> None:
        said = self.random.choice(["dont_remember", "other", "douyin", "metro", "friends"])
        version = self.survey.latest_version()
        surveys.record_response(
            placement=self.placement,
            answered=surveys.Answered(
                uuid=uuid.uuid4(), version=version, answers={"first_heard": said}, language="en",
                shown_at=self.now, shown_order={}, submitted_at=self.now, device=self.device(),
                phone=self.random.choice(["", self.phone()]),
            ),
        )  # fmt: skip

    def do_merge(self) -> None:
        identities = [("phone", self.phone()), ("device", self.device())]
        resolve_customer(identities=identities, at=self.now)

    # ── What a manager puts right ───────────────────────────────────────────────────────────────────────────────────

    def do_correct_the_link(self) -> None:
        evidence.correct_link_channel(link=self.link, channel=self.random.choice(self.channels))

    def do_correct_the_batch(self) -> None:
        coupons.correct_batch_channel(batch=self.batch, channel=self.random.choice([None, *self.channels]))

    def do_correct_a_choice(self) -> None:
        choice = self.any_of(ChoiceChannel)
        surveys.correct_choice_channel(
            survey=self.survey, question_key=choice.question_key, option_key=choice.option_key,
            channel=self.random.choice([None, *self.channels]),
        )  # fmt: skip

    def do_retract(self) -> None:
        if touch := self.any_of(Touchpoint):
            evidence.retract_touch(kind=touch.kind, source_key=touch.source_key)

    def do_rename_a_channel(self) -> None:
        channel = self.random.choice(self.channels)
        channel.slug = f"{channel.slug.partition('-')[0]}-{self.random.randrange(100)}"
        channel.save()

    def do_move_the_placement(self) -> None:
        self.placement.store = self.random.choice(self.stores)
        self.placement.save()

    # ── Hands on the database ───────────────────────────────────────────────────────────────────────────────────────

    def do_change_amounts_in_sql(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE customers_order SET amount_minor = amount_minor + 1 WHERE id % 3 = 0")

    def do_void_orders_in_sql(self) -> None:
        Order.objects.filter(pk__in=self.some(Order)).update(voided_at=self.random.choice([None, self.now]))

    def do_merge_in_sql(self) -> None:
        alone = list(Customer.objects.filter(merged_into=None, merged=None).order_by("pk").values_list("pk", flat=True))
        with connection.cursor() as cursor:
            if len(alone) > 1:
                pair = self.random.sample(alone, 2)
                cursor.execute("UPDATE customers_customer SET merged_into_id = %s WHERE id = %s", pair)
            else:
                cursor.execute("UPDATE customers_customer SET merged_into_id = NULL")

    def do_delete(self) -> None:
        orders = self.some(Order)
        OrderLine.objects.filter(order__in=orders).delete()
        Order.objects.filter(refund_of__in=orders).update(refund_of=None)
        Redemption.objects.filter(order__in=orders).update(order=None)
        Order.objects.filter(pk__in=orders).delete()
        Touchpoint.objects.filter(pk__in=self.some(Touchpoint)).delete()
        Visit.objects.filter(pk__in=self.some(Visit)).delete()
        gone = Redemption.objects.filter(pk__in=self.some(Redemption))
        Void.objects.filter(redemption__in=gone).delete()
        gone.delete()
        Response.objects.filter(pk__in=self.some(Response)).delete()

    def do_renumber_in_sql(self) -> None:
        if touch := self.any_of(Touchpoint):
            with connection.cursor() as cursor:
                cursor.execute("SELECT max(id) + 70000 FROM evidence_touchpoint")
                (free,) = cursor.fetchone()
                cursor.execute("UPDATE evidence_touchpoint SET id = %s WHERE id = %s", [free, touch.pk])

    def do_move_an_answer_in_time(self) -> None:
        if response := self.any_of(Response):
            later = self.now - timedelta(days=self.random.randrange(60))
            Response.objects.filter(pk=response.pk).exclude(received_at=None).update(received_at=later)

    def some(self, model: type) -> list[Any]:
        found = list(model._default_manager.order_by("pk").values_list("pk", flat=True))  # type: ignore[attr-defined]
        return self.random.sample(found, min(len(found), 2))
