"""Calls that can be repeated, errors in one shape, and orders through the API."""

import threading
from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection
from django.http import Http404
from django.test import Client
from rest_framework import exceptions
from rest_framework.authtoken.models import Token

from attribution.customers.api import error_response, shared
from attribution.customers.models import Customer, IdempotencyKey, Order, Staff

pytestmark = pytest.mark.django_db
ORDER = {
    "store": "xuhui",
    "number": "A1",
    "placed_at": "2026-03-02T12:05:00",
    "customer": {"phone": "13800138000"},
    "lines": [{"sku": "MT01", "name": "Milk tea", "quantity": "2", "amount_minor": 3600}, {"amount_minor": 2650}],
}


@pytest.fixture
def till_system(store):
    """A client with a manager's token."""
    staff = Staff.objects.create(username="till-system", role="manager")
    return Client(headers={"authorization": f"Token {Token.objects.create(user=staff).key}", "accept-language": "en"})


def send(client, order=ORDER, key="key-00000001"):
    return client.post("/api/v1/orders/", order, content_type="application/json", headers={"idempotency-key": key})


def refusal(response):
    error = response.json()["error"]
    return response.status_code, error["code"], error["field"]


def test_an_order_is_recorded_with_lines_buyer_and_the_stores_time(till_system):
    response = send(till_system)
    order = Order.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "store": "xuhui", "number": "A1", "outcome": "inserted", "refund_of": None,
        "customer": str(order.customer.uuid),
    }  # fmt: skip
    assert (order.amount_minor, order.source, order.lines.count()) == (6250, "api", 2)
    assert order.placed_at == datetime(2026, 3, 2, 4, 5, tzinfo=UTC)


def test_the_same_call_again_gets_the_same_answer_and_does_nothing(till_system):
    first, again = send(till_system), send(till_system)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert (Order.objects.count(), IdempotencyKey.objects.count()) == (1, 1)


def test_a_key_is_good_for_one_body_only(till_system):
    send(till_system)
    assert refusal(send(till_system, ORDER | {"number": "A2"})) == (422, "key_reused", "Idempotency-Key")
    assert Order.objects.count() == 1


def test_a_key_is_its_senders_own(till_system, manager):
    send(till_system)
    assert send(manager, ORDER | {"number": "A2"}).status_code == 201


def test_another_key_brings_the_order_up_to_date_or_says_that_it_is(till_system):
    send(till_system)
    assert send(till_system, key="key-00000002").json()["outcome"] == "skipped"
    response = send(till_system, ORDER | {"amount_minor": 6000}, key="key-00000003")
    assert (response.status_code, response.json()["outcome"]) == (200, "updated")
    assert Order.objects.get().amount_minor == 6000


@pytest.mark.parametrize("key", ["", "short", "k" * 81, "key with space", "ключ-ключ"])
def test_a_call_without_a_proper_key_is_refused(till_system, key):
    headers = {"idempotency-key": key.encode().decode("latin-1")}
    response = till_system.post("/api/v1/orders/", ORDER, content_type="application/json", headers=headers)
    assert refusal(response) == (400, "bad_key", "Idempotency-Key")
    assert Order.objects.count() == 0


def test_a_refused_call_leaves_no_key_behind_and_can_be_mended(till_system):
    bad = ORDER | {"customer": {"phone": "123"}}
    assert refusal(send(till_system, bad)) == (400, "bad_phone", "phone")
    assert (IdempotencyKey.objects.count(), Customer.objects.count()) == (0, 0)
    assert send(till_system).status_code == 201


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"store": "moon"}, "does_not_exist", "store"),
        ({"store": "xu\0hui"}, "does_not_exist", "store"),
        ({"placed_at": "yesterday"}, "invalid", "placed_at"),
        ({"placed_at": "2199-01-01T00:00:00Z"}, "future", "placed_at"),
        ({"lines": []}, "required", "amount_minor"),
        ({"lines": [{"amount_minor": 1}, {"amount_minor": "x"}]}, "invalid", "lines.1.amount_minor"),
        ({"amount_minor": -1}, "min_value", "amount_minor"),
        ({"currency": "USD"}, "other_currency", "currency"),
        ({"refund_of": "A0"}, "bad_order", "refund_of"),
        ({"kind": "refund", "lines": [{"amount_minor": -5}]}, "bad_order", "amount"),
        ({"kind": "gift"}, "invalid_choice", "kind"),
    ],
)
def test_what_is_wrong_is_named_by_code_and_field(till_system, change, code, field):
    assert refusal(send(till_system, ORDER | change)) == (400, code, field)
    assert Order.objects.count() == 0


def test_a_refund_names_its_order_whether_or_not_it_is_known(till_system):
    send(till_system, ORDER | {"currency": "cny"})
    refund = ORDER | {"number": "R1", "kind": "refund", "amount_minor": 100, "refund_of": "A1", "customer": {}}
    assert send(till_system, refund, key="key-00000002").json()["refund_of"] == "A1"
    unknown = refund | {"number": "R2", "refund_of": "A9", "placed_at": "2026-03-02T12:05:00+00:00"}
    answer = send(till_system, unknown, key="key-00000003").json()
    assert (answer["refund_of"], answer["customer"]) == (None, None)


def test_orders_come_in_through_managers_only(manager, marketer, clerk, outsider):
    assert send(manager).status_code == 201
    assert refusal(send(marketer))[:2] == (403, "permission_denied")
    assert refusal(send(clerk))[:2] == (403, "permission_denied")
    assert refusal(send(outsider))[:2] == (401, "not_authenticated")
    assert send(outsider)["WWW-Authenticate"] == "Token"
    assert Order.objects.count() == 1


def test_the_schema_describes_the_endpoint_and_is_for_staff(clerk, outsider):
    assert "/api/v1/orders/" in clerk.get("/api/schema/").content.decode()
    assert outsider.get("/api/schema/").status_code == 401


def test_every_error_has_one_shape_and_a_servers_error_stays_one():
    assert error_response(Http404(), {}).data["error"]["code"] == "not_found"
    assert error_response(PermissionDenied(), {}).status_code == 403
    throttled = error_response(exceptions.Throttled(wait=7), {})
    assert (throttled.status_code, throttled.headers["Retry-After"]) == (429, "7")
    assert error_response(RuntimeError(), {}) is None
    whole = error_response(exceptions.ValidationError({"non_field_errors": ["No."]}), {})
    assert whole.data == {"error": {"code": "invalid", "message": "No.", "field": None, "row": None}}


def calls_at_once(client, count):
    """Send the same call from many threads at once; return the responses."""
    barrier, responses = threading.Barrier(count), []

    def call():
        barrier.wait(5)
        responses.append(send(Client(headers=client.defaults_headers)))
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return responses


@pytest.fixture
def racing(till_system):
    token = Token.objects.get().key
    till_system.defaults_headers = {"authorization": f"Token {token}"}
    return till_system


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_call_sent_eight_times_at_once_is_done_once(racing):
    responses = calls_at_once(racing, 8)
    assert {response.status_code for response in responses} == {201}
    assert len({response.content for response in responses}) == 1
    assert sum("Idempotent-Replayed" not in response for response in responses) == 1
    assert Order.objects.count() == IdempotencyKey.objects.count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_the_key_kept_the_same_calls_are_all_done(racing, monkeypatch):
    """The control: what holds the test above is the key."""

    def forgetful(request, route, act):
        status, answer = act()
        return shared.Response(answer, status=status)

    monkeypatch.setattr("attribution.customers.api.orders.idempotently", forgetful)
    responses = calls_at_once(racing, 8)
    assert sum("Idempotent-Replayed" not in response for response in responses) == 8


def test_a_call_that_lost_the_race_reads_the_winners_answer(till_system, monkeypatch):
    first = send(till_system)
    kept, seen = IdempotencyKey.objects.get(), iter([False, True])
    monkeypatch.setattr(shared, "has_row", lambda *_, **__: next(seen))
    again = send(till_system)
    assert (again.json(), again["Idempotent-Replayed"]) == (first.json(), "true")
    assert IdempotencyKey.objects.get() == kept


def test_an_error_of_the_database_that_is_not_the_keys_is_not_hidden(till_system, monkeypatch):
    def fail(said):
        raise IntegrityError("another constraint")

    monkeypatch.setattr("attribution.customers.api.orders._record", fail)
    with pytest.raises(IntegrityError, match="another constraint"):
        send(till_system)
    assert IdempotencyKey.objects.count() == 0
