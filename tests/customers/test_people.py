"""Who is who: one customer per person, and never two people in one."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection

from attribution import facts
from attribution.customers.actions import find_customer, grant_consent, resolve_customer, withdraw_consents
from attribution.customers.identities import open_sealed
from attribution.customers.models import Consent, Customer, Identity

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
TUESDAY = datetime(2026, 3, 3, 10, tzinfo=UTC)
PHONE, OTHER_PHONE = ("phone", "13800138000"), ("phone", "13900139000")


def resolve(*identities, at=MONDAY):
    return resolve_customer(identities=list(identities), at=at)


@pytest.fixture
def rings(monkeypatch):
    heard = []
    monkeypatch.setattr(facts, "CHANGED", [lambda: heard.append(1)])
    return heard


def test_an_unknown_identity_makes_a_customer_and_a_known_one_finds_it():
    customer = resolve(PHONE)
    assert resolve(("phone", "+86 138 0013 8000"), at=TUESDAY) == customer
    assert customer.joined_at == MONDAY
    assert find_customer(kind="phone", value="138-0013-8000") == customer
    assert find_customer(kind="phone", value="13900139000") is None


def test_a_customer_seen_earlier_than_thought_joined_earlier():
    resolve(PHONE, at=TUESDAY)
    assert resolve(PHONE, at=MONDAY).joined_at == MONDAY


def test_missing_identities_are_attached():
    customer = resolve(PHONE)
    assert resolve(PHONE, ("device", "tablet"), ("email", "a@b.cn")) == customer
    assert find_customer(kind="device", value="tablet") == find_customer(kind="email", value="A@b.cn") == customer


def test_the_value_is_sealed_and_a_devices_is_not_kept():
    resolve(PHONE, ("device", "tablet"))
    assert open_sealed(bytes(Identity.objects.get(kind="phone").sealed or b"")) == "+8613800138000"
    assert Identity.objects.get(kind="device").sealed is None


def test_two_customers_become_one_when_they_share_an_identity(rings):
    guest, member = resolve(("device", "tablet")), resolve(PHONE, at=TUESDAY)
    assert resolve(PHONE, ("device", "tablet"), at=TUESDAY) == member
    guest.refresh_from_db()
    assert guest.merged_into == member
    assert find_customer(kind="device", value="tablet") == member
    assert Customer.objects.get(pk=member.pk).joined_at == MONDAY
    assert rings == [1]


def test_a_merge_leaves_no_chain():
    first, second = resolve(("device", "a")), resolve(("openid", "o"))
    resolve(("openid", "o"), ("device", "a"))
    third = resolve(PHONE)
    assert resolve(PHONE, ("openid", "o")) == third
    assert {row.merged_into for row in Customer.objects.filter(pk__in=[first.pk, second.pk])} == {third}
    assert resolve(("device", "a")) == third


def test_two_phones_are_two_people_even_on_one_device():
    owner, friend = resolve(PHONE, ("device", "tablet")), resolve(OTHER_PHONE)
    assert resolve(OTHER_PHONE, ("device", "tablet")) == friend
    assert find_customer(kind="device", value="tablet") == owner
    assert not Customer.objects.exclude(merged_into=None).exists()


def test_a_new_phone_on_somebodys_device_is_a_new_person():
    owner = resolve(PHONE, ("device", "tablet"))
    assert resolve(OTHER_PHONE, ("device", "tablet")) != owner
    assert find_customer(kind="device", value="tablet") == owner


def test_a_phone_joins_the_device_that_belongs_to_nobody_yet():
    guest = resolve(("device", "tablet"))
    assert resolve(PHONE, ("device", "tablet")) == guest


def test_the_surest_identity_decides_and_a_second_of_its_kind_is_not_attached():
    by_phone, by_member = resolve(PHONE, ("member", "M1")), resolve(("member", "M2"))
    assert resolve(("member", "M2"), PHONE) == by_phone
    assert find_customer(kind="member", value="M2") == by_member
    assert resolve(("member", "M1"), OTHER_PHONE) == by_phone
    assert find_customer(kind="phone", value="13900139000") is None


def test_of_two_phones_given_at_once_the_first_counts():
    resolve(PHONE, OTHER_PHONE)
    assert Identity.objects.count() == 1


def test_merging_through_one_customer_keeps_one_identity_of_each_strong_kind():
    phone, member, card = resolve(PHONE), resolve(("member", "M1"), ("device", "a")), resolve(("openid", "o"))
    rival = resolve(("member", "M2"), ("device", "b"))
    assert resolve(PHONE, ("member", "M1"), ("openid", "o"), ("device", "b")) == phone
    assert set(Customer.objects.filter(merged_into=phone)) == {member, card}
    assert Customer.objects.get(pk=rival.pk).merged_into is None


def test_nobody_is_found_by_nothing():
    with pytest.raises(ValueError, match="at least one"):
        resolve()


def _race(identities):
    """Resolve each list of identities in a thread of its own, all at once; return the customers' ids."""
    barrier, ids = threading.Barrier(len(identities)), []

    def one(mine):
        barrier.wait(5)
        ids.append(resolve_customer(identities=mine, at=MONDAY).pk)
        connection.close()

    threads = [threading.Thread(target=one, args=(mine,)) for mine in identities]
    [thread.start() for thread in threads]
    [thread.join(30) for thread in threads]
    return ids


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_person_who_comes_in_eight_times_at_once_is_one_customer():
    ids = _race([[PHONE, ("device", f"d{i % 2}")] for i in range(8)])
    assert len(ids) == 8
    assert len(set(ids)) == Customer.objects.count() == 1
    assert Identity.objects.count() == 3


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_an_identity_written_between_look_and_write_is_found_on_the_second_look(monkeypatch):
    from attribution.customers.actions import people

    look, raced = people._owners, []

    def look_then_lose_the_race(given):
        owners = look(given)
        if not raced:
            raced.append(Customer.objects.create())
            row = given[0].row(raced[0], MONDAY)
            monkeypatch.setattr(people, "_owners", look)
            people.Identity.objects.bulk_create([row])
        return owners

    monkeypatch.setattr(people, "_owners", look_then_lose_the_race)
    customer = resolve(PHONE)  # the rival's row goes with our savepoint, and we write it ourselves
    assert find_customer(kind="phone", value="13800138000") == customer
    assert Customer.objects.count() == 1


def test_an_error_of_the_database_that_stays_is_not_hidden(monkeypatch):
    def fail(given, at):
        raise IntegrityError("another constraint")

    monkeypatch.setattr("attribution.customers.actions.people._resolve", fail)
    with pytest.raises(IntegrityError, match="another constraint"):
        resolve(PHONE)


def test_an_owner_who_is_merged_between_look_and_lock_is_looked_for_again(monkeypatch):
    from django.db.models import QuerySet

    guest, member = resolve(("device", "tablet")), resolve(PHONE)
    lock = QuerySet.select_for_update

    def merged_meanwhile(queryset, *args, **kwargs):
        monkeypatch.setattr(QuerySet, "select_for_update", lock)
        Customer.objects.filter(pk=guest.pk).update(merged_into=member)
        return lock(queryset, *args, **kwargs)

    monkeypatch.setattr(QuerySet, "select_for_update", merged_meanwhile)
    Customer.objects.filter(pk=guest.pk).update(joined_at=TUESDAY)
    found = resolve(("device", "tablet"))
    assert found == guest  # our savepoint took the rival's merge with it; a real rival's is committed


def test_a_consent_stands_once_however_often_it_is_given():
    customer = resolve(PHONE)
    given = {"customer": customer, "purpose": "contact", "text_version": "1", "language": "en", "where": "survey"}
    for at in (MONDAY, TUESDAY):
        grant_consent(**given, at=at)
    assert Consent.objects.get().granted_at == MONDAY
    Consent.objects.update(withdrawn_at=TUESDAY)
    grant_consent(**given, at=TUESDAY)
    assert Consent.objects.count() == 2
    assert Consent.objects.filter(withdrawn_at=None).count() == 1


def test_a_withdrawal_ends_all_consents_of_a_person_and_of_nobody_else():
    survivor, bystander = Customer.objects.create(), Customer.objects.create()
    merged = Customer.objects.create(merged_into=survivor)
    for customer in (survivor, merged, bystander):
        grant_consent(
            customer=customer, purpose="contact", text_version="1", language="en", where="placement:1", at=MONDAY
        )
    assert withdraw_consents(customer=merged, at=TUESDAY) == 2
    assert withdraw_consents(customer=survivor, at=TUESDAY) == 0
    assert [consent.customer for consent in Consent.objects.filter(withdrawn_at=None)] == [bystander]


def test_a_manager_withdraws_the_consent_of_a_guest_who_asks(manager):
    customer = resolve_customer(identities=[("phone", "13812345678")], at=MONDAY)
    grant_consent(customer=customer, purpose="contact", text_version="1", language="en", where="placement:1", at=MONDAY)
    assert str(customer.uuid) in manager.get("/admin/customers/customer/?q=13812345678").text
    said = {"action": "withdraw", "_selected_action": customer.pk}
    answer = manager.post("/admin/customers/customer/", said, follow=True)
    assert "Consents withdrawn: 1." in answer.text
    assert not Consent.objects.filter(withdrawn_at=None).exists()
