"""Writes a simulated shop into an empty database, in bulk and in one transaction; then rings the bell."""

import secrets
import uuid
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from analytics.demo import counted, setup
from analytics.demo.truth import CHANNELS, COUPON_MINOR, DONT_REMEMBER, THANK_YOU_MINOR
from analytics.demo.world import SLUGS, World, simulate
from attribution.coupons.actions import count_anew
from attribution.coupons.codes import new_code
from attribution.coupons.models import Coupon, CouponBatch, Redemption
from attribution.customers.identities import digest, seal
from attribution.customers.models import Customer, Identity, Order, OrderLine
from attribution.evidence.models import Spend, Touchpoint, Visit
from attribution.facts import ring
from surveys.definition import Question
from surveys.firstvisit import FIRST_HEARD
from surveys.models import Response
from surveys.tickets import Ticket
from surveys.walk import walked

BATCH = 2_000
TRUTH = "truth.parquet"


def load_demo(*, customers: int, seed: int, until: date, truth: Path) -> dict[str, int]:
    """Fill the database with a shop of so many customers; return how many rows of what there are now.

    The truth (``customer_id``, ``channel``) goes to the file ``truth``, for checking; nothing in the product reads it.
    """
    world = simulate(customers=customers, seed=seed, until=until)
    with transaction.atomic():
        shop = setup.make_shop()
        loader = Loader(world, shop)
        loader.customers()
        loader.orders()
        loader.answers()
        loader.coupons()
        loader.visits()
        loader.spend()
        ring()
    truth.parent.mkdir(parents=True, exist_ok=True)
    true_channel = [CHANNELS[number].slug for number in world.customers["channel"]]
    ids = [customer.pk for customer in loader.buyers]
    pd.DataFrame({"customer_id": ids, "channel": true_channel}).to_parquet(truth)
    return {name: len(frame) for name, frame in vars(world).items()}


def _utc(moments: pd.Series) -> list[Any]:
    """Return times in the business's zone as aware datetimes; NaT becomes None."""
    aware = moments.dt.tz_localize(settings.BUSINESS_ZONE).dt.tz_convert("UTC")
    return [None if pd.isna(moment) else moment.to_pydatetime() for moment in aware]


def _rows(frame: pd.DataFrame) -> Iterator[Any]:
    return frame.itertuples()


def _write(rows: Iterable[Model]) -> list[Any]:
    made = list(rows)
    if made:
        type(made[0])._default_manager.bulk_create(made, batch_size=BATCH)
    return made


class Loader:
    """Keeps the rows that others point to; its methods are called in the order of ``load_demo``."""

    def __init__(self, world: World, shop: setup.Shop) -> None:
        self.world, self.shop = world, shop
        self.buyers: list[Customer] = []
        self.touched: list[Touchpoint] = []
        self.placed: list[Any] = []  # when, and what, by the row of the world's orders
        self.made_orders: list[Order] = []
        self.leads: dict[int, Customer] = {}  # who claimed a coupon and never came, by the row of the world's coupons
        self.known_devices: set[int] = set()  # customers (by number) who answered or claimed with their own phone

    def customers(self) -> None:
        joined = _utc(self.world.customers["first_at"])
        self.buyers = _write(Customer(joined_at=at) for at in joined)
        _write(
            Identity(
                customer=customer, kind="member", digest=digest("member", number), sealed=seal(number), created_at=at
            )
            for customer, number, at in zip(self.buyers, self._member_numbers(), joined, strict=True)
        )

    def _member_numbers(self) -> list[str]:
        return [f"V{number:07d}" for number in range(1, len(self.buyers) + 1)]

    def _strangers(self, moments: list[Any]) -> list[Customer]:
        """People known by their phone's token alone."""
        people = _write(Customer(joined_at=at) for at in moments)
        self._devices(people)
        return people

    def _devices(self, people: list[Customer]) -> None:
        # The token itself is the phone's affair; here its digest is as good as any.
        _write(
            Identity(customer=one, kind="device", digest=secrets.token_hex(32), created_at=one.joined_at)
            for one in people
        )

    def orders(self) -> None:
        frame = self.world.orders
        self.placed = _utc(frame["at"])
        made = [
            Order(
                kind="refund" if row.refund_of >= 0 else "sale",
                store=self.shop.stores[row.store],
                number=f"{at:%y%m%d}-{number:06d}",
                customer=self.buyers[row.customer] if row.customer >= 0 else None,
                placed_at=at,
                amount_minor=row.amount,
                discount_minor=row.discount,
                source="import",
            )
            for number, (row, at) in enumerate(zip(_rows(frame), self.placed, strict=True), start=1)
        ]
        originals = int((frame["refund_of"] < 0).sum())
        self.made_orders = _write(made[:originals])
        for order, refunded in zip(made[originals:], frame["refund_of"][originals:], strict=True):
            order.refund_of = self.made_orders[refunded]
        self.made_orders += _write(made[originals:])
        _write(
            OrderLine(
                order=self.made_orders[row.order],
                position=row.position,
                sku=row.sku,
                name=row.name,
                category=row.category,
                quantity=row.quantity,
                amount_minor=row.amount,
            )
            for row in _rows(self.world.lines)
        )

    def answers(self) -> None:
        frame, moments = self.world.answers, _utc(self.world.answers["at"])
        strangers = iter(self._strangers([at for at, who in zip(moments, frame["customer"], strict=True) if who < 0]))
        self.known_devices.update(frame.loc[frame["customer"] >= 0, "customer"])
        whose = [self.buyers[who] if who >= 0 else next(strangers) for who in frame["customer"]]
        coupons = _write(self._thank_you(customer, at) for customer, at in zip(whose, moments, strict=True))
        responses = [
            self._response(row, customer, coupon, at)
            for row, customer, coupon, at in zip(_rows(frame), whose, coupons, moments, strict=True)
        ]
        _write(responses)
        for row, response in zip(_rows(frame), responses, strict=True):
            if row.said in SLUGS:
                key = self.shop.choices[row.said].mapping_key
                self._touch(
                    "survey", row.said, response.customer, response.submitted_at, f"response:{response.uuid}", key
                )
        used = [(coupon, order) for coupon, order in zip(coupons, frame["thank_you_order"], strict=True) if order >= 0]
        _write(self._redemption(self.shop.thank_you, order, THANK_YOU_MINOR, coupon=coupon) for coupon, order in used)
        self._count_issued(self.shop.thank_you, len(coupons))
        count_anew(self.shop.thank_you)
        shown, places = list(_rows(self.world.shown)), self.shop.placements
        _write(counted.days(places, shown))
        _write(counted.hours(places, shown))
        _write(counted.left(places, self.shop.version, shown))

    def _response(self, row: Any, customer: Customer, coupon: Coupon, at: Any) -> Response:
        name, shown = self._shown(row)
        place = self._heard.place_of(row.said, shown[FIRST_HEARD])
        return Response(
            uuid=name,
            placement=self.shop.placements[row.store],
            version=self.shop.version,
            language=row.language,
            shown_order=shown,
            shown_at=at - timedelta(seconds=50 + name.int % 80),
            started_at=at - timedelta(seconds=45),
            submitted_at=at,
            received_at=at,
            customer=customer,
            answers={FIRST_HEARD: row.said, "nps": row.nps},
            steps=walked(self.shop.definition, {FIRST_HEARD: row.said, "nps": row.nps}),
            choice=self.shop.choices.get(row.said),
            nps=row.nps,
            has_dont_remember=row.said == DONT_REMEMBER,
            chosen_place=place[0] if place else None,
            places=place[1] if place else None,
            coupon=coupon,
        )

    @property
    def _heard(self) -> Question:
        question = self.shop.definition.question(FIRST_HEARD)
        assert question is not None
        return question

    def _shown(self, row: Any) -> tuple[uuid.UUID, dict[str, list[str]]]:
        """Return a response's id and the order that it draws; who is hasty was shown first what they said."""
        while True:
            ticket = Ticket(uuid.uuid4(), self.shop.version.pk, row.at)
            shown = self.shop.definition.shown_order(ticket.seed)
            if not row.hasty or shown[FIRST_HEARD][0] == row.said:
                return ticket.uuid, shown

    def _thank_you(self, customer: Customer, at: Any) -> Coupon:
        expires = at + timedelta(days=self.shop.thank_you.days_valid or 0)
        return Coupon(
            batch=self.shop.thank_you,
            code=new_code(),
            issued_to=customer,
            issued_at=at,
            claimed_at=at,
            expires_at=expires,
        )

    def coupons(self) -> None:
        frame, moments = self.world.coupons, _utc(self.world.coupons["claimed_at"])
        idle = frame.index[frame["customer"] < 0]
        self.leads = dict(zip(idle, self._strangers([moments[number] for number in idle]), strict=True))
        for number, batch in self.shop.batches.items():
            rows = [
                (row, at, self.leads.get(row.Index) or self.buyers[row.customer])
                for row, at in zip(_rows(frame), moments, strict=True)
                if row.channel == number
            ]
            own = batch.issuer == "own"
            claimed = [self._claimed(batch, customer, at) if own else None for _, at, customer in rows]
            if own:
                _write(coupon for coupon in claimed if coupon is not None)
                self._count_issued(batch, len(rows))
                self.known_devices.update(row.customer for row, *_ in rows if row.customer >= 0)
            redeemed = _write(
                self._redemption(batch, row.order, COUPON_MINOR[SLUGS[number]], coupon=coupon)
                for (row, *_), coupon in zip(rows, claimed, strict=True)
                if row.order >= 0
            )
            count_anew(batch)
            for one in redeemed:
                self._touch(
                    "coupon", SLUGS[number], one.customer, one.redeemed_at, f"redemption:{one.pk}", batch.mapping_key
                )

    def _claimed(self, batch: CouponBatch, customer: Customer, at: Any) -> Coupon:
        expires = at + timedelta(days=batch.days_valid or 0)
        return Coupon(batch=batch, code=new_code(), issued_to=customer, issued_at=at, claimed_at=at, expires_at=expires)

    def _redemption(self, batch: CouponBatch, order: int, minor: int, *, coupon: Coupon | None) -> Redemption:
        placed = self.made_orders[order]
        return Redemption(
            coupon=coupon,
            batch=batch,
            issuer=batch.issuer,
            outside_code="" if coupon else f"{secrets.randbelow(10**12):012d}",
            store=placed.store,
            staff=self.shop.clerks[placed.store_id],
            customer=placed.customer,
            order=placed,
            bill_minor=placed.amount_minor + placed.discount_minor,
            discount_minor=minor,
            request_id=uuid.uuid4(),
            request_digest=secrets.token_hex(32),
            redeemed_at=placed.placed_at,
        )

    def _count_issued(self, batch: CouponBatch, issued: int) -> None:
        CouponBatch.objects.filter(pk=batch.pk).update(issued_count=issued)

    def visits(self) -> None:
        """A visit is a touch where the device is known: its owner has answered or claimed with it."""
        frame, moments = self.world.visits, _utc(self.world.visits["at"])
        self._devices([self.buyers[number] for number in sorted(self.known_devices)])
        digests = dict(Identity.objects.filter(kind="device").values_list("customer", "digest"))
        owners = [self._device_owner(row) for row in _rows(frame)]
        visits = _write(
            Visit(
                link=self.shop.links[row.channel],
                device_digest=digests[owner.pk] if owner else secrets.token_hex(32),
                at=at,
            )
            for row, owner, at in zip(_rows(frame), owners, moments, strict=True)
        )
        for row, owner, visit in zip(_rows(frame), owners, visits, strict=True):
            if owner:
                mapping = self.shop.links[row.channel].mapping_key
                self._touch("link", SLUGS[row.channel], owner, visit.at, f"visit:{visit.pk}", mapping)
        _write(self.touched)

    def _device_owner(self, row: Any) -> Customer | None:
        if row.lead >= 0:
            return self.leads[row.lead]
        return self.buyers[row.customer] if row.customer in self.known_devices else None

    def _touch(self, kind: str, slug: str, customer: Customer | None, at: Any, source: str, mapping: str) -> None:
        self.touched.append(
            Touchpoint(
                customer=customer,
                channel=self.shop.channels[slug],
                kind=kind,
                occurred_at=at,
                source_key=source,
                mapping_key=mapping,
                recorded_at=timezone.now(),
            )
        )

    def spend(self) -> None:
        _write(
            Spend(
                channel=self.shop.channels[SLUGS[row.channel]],
                store=self.shop.stores[row.store] if row.store >= 0 else None,
                first_day=row.first_day,
                last_day=row.last_day,
                amount_minor=row.amount,
                source_key=f"demo:{number}",
            )
            for number, row in enumerate(_rows(self.world.spend))
        )
