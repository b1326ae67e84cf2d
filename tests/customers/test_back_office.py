"""The back office: a manager sets stores and staff up, and can only look at what was recorded."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from rest_framework.authtoken.models import Token

from attribution import facts
from attribution.customers.actions import Line, record_order, resolve_customer
from attribution.customers.models import Customer, Order, Staff, Store

pytestmark = pytest.mark.django_db
PASSWORD = "quite-a-long-one-7"
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


def test_a_manager_adds_a_store_and_the_bell_rings(manager, monkeypatch):
    heard = []
    monkeypatch.setattr(facts, "CHANGED", [lambda: heard.append(1)])
    said = {"code": "pudong", "name_en": "Pudong", "name_zh_hans": "浦东店", "zone": "Asia/Shanghai", "is_active": "on"}
    assert manager.post("/admin/customers/store/add/", said).status_code == 302
    assert (Store.objects.get().code, heard) == ("pudong", [1])
    wrong = manager.post("/admin/customers/store/add/", said | {"code": "x", "zone": "Asia/Shanghigh"})
    assert "is no time zone" in wrong.text


def add(manager, **said):
    said = {"username": "wang", "password1": PASSWORD, "password2": PASSWORD, "role": "clerk", "store": ""} | said
    return manager.post("/admin/customers/staff/add/", said)


def test_a_clerk_needs_a_store_and_a_password_is_checked(manager, store):
    assert "A clerk works in a store" in add(manager).text
    assert "too common" in add(manager, store=store.pk, password1="password12", password2="password12").text
    assert Staff.objects.count() == 1
    assert add(manager, store=store.pk).status_code == 302
    clerk = Staff.objects.get(username="wang")
    assert (clerk.check_password(PASSWORD), clerk.is_staff, clerk.store) == (True, False, store)


def test_who_becomes_a_manager_may_come_in_and_who_ceases_may_not(manager, store):
    add(manager, store=store.pk)
    wang = Staff.objects.get(username="wang")
    said = {"username": "wang", "role": "manager", "store": "", "is_active": "on"}
    for role, may in (("manager", True), ("marketer", False)):
        assert manager.post(f"/admin/customers/staff/{wang.pk}/change/", said | {"role": role}).status_code == 302
        wang.refresh_from_db()
        assert wang.is_staff is may
    assert "A clerk works in a store" in manager.post(
        f"/admin/customers/staff/{wang.pk}/change/", said | {"role": "clerk"}
    ).text  # fmt: skip


def test_a_password_can_be_set_anew(manager, store):
    add(manager, store=store.pk)
    wang = Staff.objects.get(username="wang")
    said = {"password1": "another-long-one-8", "password2": "another-long-one-8", "usable_password": "true"}
    assert manager.post(f"/admin/customers/staff/{wang.pk}/password/", said).status_code == 302
    wang.refresh_from_db()
    assert wang.check_password("another-long-one-8")


def test_no_manager_reaches_the_owners_account(manager):
    owner = Staff.objects.create(username="owner", is_superuser=True, is_staff=True)
    token = Token.objects.create(user=owner)
    assert manager.get(f"/admin/customers/staff/{owner.pk}/change/").status_code == 302  # not there: back to the list
    assert manager.get(f"/admin/customers/staff/{owner.pk}/password/").status_code in {302, 404}
    assert "owner" not in manager.get("/admin/customers/staff/").text
    assert token.key not in manager.get("/admin/authtoken/tokenproxy/").text
    manager.post("/admin/authtoken/tokenproxy/add/", {"user": owner.pk})
    assert Token.objects.get() == token


def test_the_owner_sees_all(client, store):
    owner = Staff.objects.create(username="owner", is_superuser=True, is_staff=True)
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/admin/customers/staff/{owner.pk}/change/").status_code == 200
    assert client.post("/admin/authtoken/tokenproxy/add/", {"user": owner.pk}).status_code == 302
    assert client.get("/admin/authtoken/tokenproxy/").status_code == 200


def test_a_token_lets_a_till_system_in(manager, store):
    add(manager, store=store.pk, role="manager", username="pos")
    pos = Staff.objects.get(username="pos")
    assert manager.post("/admin/authtoken/tokenproxy/add/", {"user": pos.pk}).status_code == 302
    token = Token.objects.get(user=pos)
    assert token.key in manager.get(f"/admin/authtoken/tokenproxy/{pos.pk}/change/").text


def test_what_was_recorded_can_be_seen_and_not_changed(manager, store):
    customer = resolve_customer(identities=[("phone", "13800138000")], at=NOON)
    line = Line("MT01", "Milk tea", "", Decimal(1), 1800)
    order, _ = record_order(
        store=store, number="A1", placed_at=NOON, amount_minor=1800, customer=customer, source="api", lines=[line]
    )
    for name, row in (("customer", customer), ("order", order)):
        page = manager.get(f"/admin/customers/{name}/{row.pk}/change/")
        assert page.status_code == 200
        assert "13800138000" not in page.text
        assert manager.get(f"/admin/customers/{name}/add/").status_code == 403
        assert manager.post(f"/admin/customers/{name}/{row.pk}/change/", {}).status_code == 403
        assert manager.post(f"/admin/customers/{name}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert manager.get("/admin/customers/importfile/").status_code == 200
    assert (Order.objects.count(), Customer.objects.count()) == (1, 1)


def test_a_customer_is_found_by_a_whole_phone_number_only(manager):
    customer = resolve_customer(identities=[("phone", "13800138000")], at=NOON)
    assert str(customer.uuid) in manager.get("/admin/customers/customer/?q=138+0013+8000").text
    assert str(customer.uuid) not in manager.get("/admin/customers/customer/?q=1380013").text
    assert str(customer.uuid) in manager.get("/admin/customers/customer/").text


def test_the_back_office_is_closed_to_others(marketer, clerk, outsider, manager):
    for who in (marketer, clerk, outsider):
        assert who.get("/admin/customers/staff/").status_code == 302
    assert manager.get("/admin/auth/group/").status_code == 404
