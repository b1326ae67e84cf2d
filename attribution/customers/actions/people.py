"""Customers and what they are recognised by.

The one rule: a customer holds at most one identity of each strong kind, and any number of devices. So two customers
become one only where that leaves the rule standing, and a phone borrowed from a friend joins nobody to the friend.
A merge only marks the row that gave way (``merged_into``, never a chain): orders and answers stay where they were
recorded, and are read through the mark.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest

from attribution import facts
from attribution.customers.identities import DEVICE, STRONG, digest, normalise, seal
from attribution.customers.models import Consent, Customer, Identity
from attribution.rows import has_row

MOST_TRIES = 5


@dataclass(frozen=True)
class Known:
    """An identity as it was given: its kind, normalised value and digest."""

    kind: str
    value: str
    digest: str

    @property
    def is_strong(self) -> bool:
        return self.kind in STRONG

    def row(self, customer: Customer, at: datetime) -> Identity:
        sealed = None if self.kind == DEVICE else seal(self.value)
        return Identity(customer=customer, kind=self.kind, digest=self.digest, sealed=sealed, created_at=at)


def find_customer(*, kind: str, value: str) -> Customer | None:
    """Return the customer with this identity, or None; raises BadPhone and the like for what cannot be one."""
    found = Identity.objects.filter(kind=kind, digest=digest(kind, value)).select_related("customer__merged_into")
    identity = found.first()
    return None if identity is None else living(identity.customer)


def living(customer: Customer) -> Customer:
    """Return the customer that this one was merged into, or itself."""
    return customer.merged_into or customer


def resolve_customer(*, identities: list[tuple[str, str]], at: datetime) -> Customer:
    """Return the one customer that these identities speak of, found by any of them or made.

    The surest identity that is known decides; a device decides only if its owner holds no other identity of a kind
    that was given. Missing identities are attached, and other owners merged, as far as the rule above allows.

    Parameters
    ----------
    identities : (kind, value as typed) pairs, at least one
    at : when; a customer has joined at the earliest time they were seen
    """
    return resolve_known(as_known(identities), at)


def resolve_known(given: list[Known], at: datetime) -> Customer:
    for attempt in range(MOST_TRIES):
        try:
            with transaction.atomic():
                return _resolve(given, at)
        except IntegrityError:  # somebody else wrote one of these identities meanwhile: look again, it is there now
            if attempt == MOST_TRIES - 1:
                raise
    raise AssertionError  # pragma: no cover


def as_known(identities: list[tuple[str, str]]) -> list[Known]:
    """Return what was given, the surest first, each once, and of each strong kind the first only."""
    if not identities:
        raise ValueError("resolve_customer needs at least one identity")
    known: dict[tuple[str, str], Known] = {}
    for kind, value in sorted(identities, key=lambda pair: (*STRONG, DEVICE).index(pair[0])):
        mark = digest(kind, value)
        known.setdefault((kind, mark if kind == DEVICE else ""), Known(kind, normalise(kind, value), mark))
    return list(known.values())


def _resolve(given: list[Known], at: datetime) -> Customer:
    if not any(has_row(Identity, kind=one.kind, digest=one.digest) for one in given):
        # As of most guests, who are then not compared with anybody.
        customer = Customer.objects.create(joined_at=at)
        Identity.objects.bulk_create([one.row(customer, at) for one in given])
        return customer
    owners = _owners(given)
    winner = _winner(given, owners, _strong_kinds(set(owners.values())))
    if winner is None:
        winner = Customer.objects.create(joined_at=at)
    others = {owner for owner in owners.values() if owner != winner}
    held = _strong_kinds({winner, *others})
    mine = held[winner.pk]
    missing = [one for one in given if one not in owners and not (one.is_strong and one.kind in mine)]
    mine |= {one.kind: one.digest for one in missing if one.is_strong}
    for other in sorted(others, key=lambda customer: customer.pk):
        if mine.keys().isdisjoint(held[other.pk]):
            _merge(other, winner)
            mine |= held[other.pk]
    if at < winner.joined_at:
        winner.joined_at = at
        winner.save(update_fields=["joined_at"])
    Identity.objects.bulk_create([one.row(winner, at) for one in missing])
    return winner


def _owners(given: list[Known]) -> dict[Known, Customer]:
    """Return the living customer of each identity that is known, locked in one order so that no two wait in a ring."""
    rows = Identity.objects.filter(kind__in={one.kind for one in given}, digest__in=[one.digest for one in given])
    living_ids = {
        (row.kind, row.digest): row.customer.merged_into_id or row.customer_id
        for row in rows.select_related("customer")
    }
    locked = Customer.objects.select_for_update().filter(pk__in=set(living_ids.values())).order_by("pk")
    customers = {customer.pk: customer for customer in locked}
    if any(customer.merged_into_id for customer in customers.values()):  # merged while we waited for the lock
        raise IntegrityError("an owner was merged meanwhile")
    return {one: customers[living_ids[one.kind, one.digest]] for one in given if (one.kind, one.digest) in living_ids}


def _strong_kinds(customers: set[Customer]) -> dict[int, dict[str, str]]:
    """Return the strong identities of each customer and of those merged into it: customer id → kind → digest."""
    held: dict[int, dict[str, str]] = {customer.pk: {} for customer in customers}
    for row in identities_of(*customers).filter(kind__in=STRONG).select_related("customer"):
        held[row.customer.merged_into_id or row.customer_id][row.kind] = row.digest
    return held


def identities_of(*customers: Customer) -> QuerySet[Identity]:
    ids = [customer.pk for customer in customers]
    return Identity.objects.filter(Q(customer__in=ids) | Q(customer__merged_into__in=ids))


def _winner(given: list[Known], owners: dict[Known, Customer], held: dict[int, dict[str, str]]) -> Customer | None:
    for one in given:
        if one in owners and one.is_strong:
            return owners[one]
    strong = {one.kind: one.digest for one in given if one.is_strong}
    for one in given:
        owner = owners.get(one)
        if owner and all(held[owner.pk].get(kind, mark) == mark for kind, mark in strong.items()):
            return owner
    return None


def _merge(other: Customer, winner: Customer) -> None:
    Customer.objects.filter(Q(pk=other.pk) | Q(merged_into=other)).update(merged_into=winner)
    if other.joined_at < winner.joined_at:
        winner.joined_at = other.joined_at
        winner.save(update_fields=["joined_at"])
    facts.ring()


def grant_consent(
    *, customer: Customer, purpose: str, text_version: str, language: str, where: str, at: datetime
) -> None:
    """Record a consent, unless one for the same text stands already."""
    consent = Consent(
        customer=customer, purpose=purpose, text_version=text_version, language=language, where=where, granted_at=at
    )
    Consent.objects.bulk_create([consent], ignore_conflicts=True)


def withdraw_consents(*, customer: Customer, at: datetime) -> int:
    """Withdraw every consent of this person, under whichever of their merged rows; return how many stood."""
    mine = Q(customer=living(customer)) | Q(customer__merged_into=living(customer))
    return Consent.objects.filter(mine, withdrawn_at=None).update(withdrawn_at=Greatest(F("granted_at"), at))
