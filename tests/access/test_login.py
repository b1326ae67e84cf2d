"""Logging in, being locked out, and changing a password."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client

pytestmark = pytest.mark.django_db
GOOD = "bamboo-kettle-42"


@pytest.fixture(autouse=True)
def _no_earlier_failures(db: None, settings: Any) -> None:
    cache.clear()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # slow ones are slow on purpose


@pytest.fixture
def ann(db: None) -> Any:
    return get_user_model().objects.create_user("ann", password=GOOD, role="marketer")


def log_in(client: Client, name: str, password: str) -> Any:
    return client.post("/login/", {"username": name, "password": password})


def test_the_right_password_opens_the_page_that_suits_the_role(outsider: Client, ann: Any, store: Any) -> None:
    assert log_in(outsider, "ann", GOOD)["Location"] == "/"
    assert outsider.get("/")["Location"] == "/reports/channels/"
    clerk = get_user_model().objects.create_user("bo", password=GOOD, role="clerk", store=store)
    outsider.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    assert outsider.get("/")["Location"] == "/till/"


def test_a_wrong_password_keeps_the_name_and_says_so(outsider: Client, ann: Any) -> None:
    page = log_in(outsider, "ann", "wrong")
    assert page.status_code == 200
    assert 'value="ann"' in page.content.decode()
    assert 'role="alert"' in page.content.decode()


def test_too_many_wrong_passwords_lock_that_account_at_that_address_and_no_other(
    outsider: Client, ann: Any, settings: Any
) -> None:
    get_user_model().objects.create_user("colleague", password=GOOD, role="marketer")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        locked = log_in(outsider, "ann", "wrong")
    assert locked.status_code == 429
    assert "Too many attempts" in locked.content.decode()
    assert log_in(outsider, "ann", GOOD).status_code == 429  # even the right one, until the quarter of an hour is over
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert log_in(elsewhere, "ann", GOOD).status_code == 302
    assert log_in(Client(), "colleague", GOOD).status_code == 302


def test_a_log_in_leads_to_our_own_pages_only(outsider: Client, ann: Any) -> None:
    answer = outsider.post("/login/?next=https://evil.example/", {"username": "ann", "password": GOOD})
    assert answer["Location"] == "/"


@pytest.mark.parametrize(
    ("new", "told"), [("short-1", "too short"), ("password123", "too common"), ("4815162342", "entirely numeric")]
)
def test_a_weak_password_is_refused_in_words(outsider: Client, ann: Any, new: str, told: str) -> None:
    outsider.force_login(ann, backend="django.contrib.auth.backends.ModelBackend")
    fields = {"old_password": GOOD, "new_password1": new, "new_password2": new}
    assert told in outsider.post("/password/", fields).content.decode()
    ann.refresh_from_db()
    assert ann.check_password(GOOD)


def test_a_password_is_changed_and_other_devices_are_logged_out(ann: Any) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        log_in(client, "ann", GOOD)
    new = "quiet-harbour-77"
    answer = here.post("/password/", {"old_password": GOOD, "new_password1": new, "new_password2": new})
    assert answer["Location"] == "/password/done/"
    assert here.get("/reports/channels/").status_code == 200
    assert there.get("/reports/channels/").status_code == 302
    assert log_in(Client(), "ann", new).status_code == 302
