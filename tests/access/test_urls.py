"""Every address × every person: each is closed to those it is not for, whatever the method."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

EVERYBODY = frozenset({"outsider", "clerk", "marketer", "manager"})
STAFF = EVERYBODY - {"outsider"}
TILL = frozenset({"clerk", "manager"})
FIGURES = frozenset({"marketer", "manager"})
MANAGER = frozenset({"manager"})

# A new address fails the test below until somebody has said here whom it is for.
OPEN_TO = {
    "health": EVERYBODY, "icon": EVERYBODY, "set_language": EVERYBODY, "login": EVERYBODY, "logout": EVERYBODY,
    "guest:": EVERYBODY, "kiosk:": EVERYBODY, "claim": EVERYBODY, "go": EVERYBODY,
    "home": STAFF, "password_change": STAFF, "password_change_done": STAFF, "api-schema": STAFF, "api-docs": STAFF,
    "till:": TILL, "api-redemption": TILL,
    "spend:": FIGURES, "links:": FIGURES, "mappings:": FIGURES, "runs:": FIGURES, "imports:": FIGURES,
    "coupons:": FIGURES, "coupons:delete": MANAGER,
    "surveys:verbatims": MANAGER, "surveys:bursts": MANAGER, "surveys:burst_decide": MANAGER, "surveys:logo": MANAGER,
    "surveys:": FIGURES, "webhooks:": MANAGER, "reports:": FIGURES, "api-report": FIGURES,
    "api-orders": MANAGER, "api-responses": MANAGER,
}  # fmt: skip
SAMPLES: dict[str, Any] = {
    "IntConverter": 999_999,
    "UUIDConverter": UUID("01234567-89ab-4cde-8f01-23456789abcd"),
    "StringConverter": "nothing-is-called-so-22",
    "SlugConverter": "xuhui",
}
NAMED = {"key": "channels", "kind": "orders"}
ADMIN = (
    "admin:index",
    "admin:customers_staff_changelist",
    "admin:customers_order_changelist",
    "admin:evidence_channel_changelist",
)


def _walk(patterns: list[Any], namespace: str = "") -> list[tuple[str, URLPattern, dict[str, Any]]]:
    found = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                found += _walk(pattern.url_patterns, namespace + (f"{pattern.namespace}:" if pattern.namespace else ""))
            continue
        converters = pattern.pattern.converters
        arguments = {name: NAMED.get(name, SAMPLES[type(kind).__name__]) for name, kind in converters.items()}
        found.append((f"{namespace}{pattern.name}", pattern, arguments))
    return found


ROUTES = {name: arguments for name, _, arguments in _walk(get_resolver().url_patterns)}


def open_to(route: str) -> frozenset[str]:
    """The entry of the route itself, or the longest one that it begins with."""
    fitting = [prefix for prefix in OPEN_TO if route == prefix or (route.startswith(prefix) and prefix[-1] in ":ns")]
    assert fitting, f"{route}: say in OPEN_TO whom it is for"
    return OPEN_TO[max(fitting, key=len)]


@pytest.fixture
def people(outsider: Client, clerk: Client, marketer: Client, manager: Client) -> dict[str, Client]:
    return {"outsider": outsider, "clerk": clerk, "marketer": marketer, "manager": manager}


def refused(response: Any) -> bool:
    to_login = response.status_code == 302 and response["Location"].startswith("/login/")
    return response.status_code in {401, 403, 405} or to_login


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_an_address_is_closed_to_those_it_is_not_for(route: str, people: dict[str, Client]) -> None:
    address = reverse(route, kwargs=ROUTES[route])
    for person in people.keys() - open_to(route):
        for method in ("get", "post", "put", "patch", "delete"):
            response = getattr(people[person], method)(address)
            assert refused(response), f"{person} got {response.status_code} from {method} {address}"


# Logging out leads everybody to the log-in, which looks like a refusal.
@pytest.mark.parametrize("route", sorted(ROUTES.keys() - {"logout"}))
def test_an_address_is_open_to_those_it_is_for(route: str, people: dict[str, Client]) -> None:
    address = reverse(route, kwargs=ROUTES[route])
    for person in open_to(route):
        answers = [getattr(people[person], method)(address) for method in ("get", "post")]
        assert not all(refused(answer) for answer in answers), f"{person} is shut out of {address}"
        assert all(answer.status_code < 500 for answer in answers)


@pytest.mark.parametrize("route", ADMIN)
def test_the_back_office_is_the_managers(route: str, people: dict[str, Client]) -> None:
    for person, client in people.items():
        assert (client.get(reverse(route)).status_code == 200) is (person == "manager"), person


def test_a_manager_without_access_to_the_back_office_has_none(manager: Client) -> None:
    manager.staff.is_staff = False
    manager.staff.save()
    assert manager.get(reverse("admin:index")).status_code == 302


def test_a_staff_member_who_left_gets_in_nowhere(marketer: Client) -> None:
    marketer.staff.is_active = False
    marketer.staff.save()
    assert marketer.get(reverse("spend:list"))["Location"].startswith("/login/")


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("/runs/now/", "/runs/"),
        ("/surveys/first/", "/surveys/"),
        ("/reports/channels/excel/", "/reports/channels/"),
        ("/logout/", "/"),
    ],
)
def test_who_only_looks_at_what_a_button_does_is_led_to_its_page(address: str, leads_to: str, marketer: Client) -> None:
    """After logging in again in the middle, and after changing the language, browsers ask by GET."""
    assert marketer.get(address)["Location"] == leads_to
    assert marketer.get("/spend/").status_code == 200
    assert marketer.put(address).status_code == 405


def test_browsers_that_look_for_an_icon_find_one(outsider: Client) -> None:
    assert outsider.get("/favicon.ico")["Location"].endswith(".svg")
