"""What a page may load: nothing from elsewhere, and nothing inline but in the back office."""

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def directives(answer: Any) -> dict[str, list[str]]:
    parts = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in parts}


@pytest.mark.parametrize("address", ["/login/", "/reports/channels/", "/spend/", "/imports/", "/runs/", "/nothing/"])
def test_pages_run_no_inline_script_and_ask_nobody_else(marketer: Client, address: str) -> None:
    policy = directives(marketer.get(address))
    assert policy["default-src"] == ["'none'"]
    assert policy["style-src"] == ["'self'"]
    assert "'unsafe-inline'" not in policy["script-src"]
    assert "'unsafe-eval'" not in policy["script-src"]
    assert policy["frame-ancestors"] == ["'none'"]


@pytest.mark.parametrize("address", ["/admin/login/", "/admin/", "/admin/customers/store/add/"])
def test_the_back_office_may_more_but_asks_nobody_else_either(manager: Client, address: str) -> None:
    policy = directives(manager.get(address))
    assert policy["default-src"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]
    assert all(
        value in {"'self'", "'none'", "'unsafe-inline'", "'unsafe-eval'", "data:"}
        for v in policy.values()
        for value in v
    )


def test_pages_stand_in_no_frame_and_types_are_not_guessed(outsider: Client) -> None:
    answer = outsider.get("/login/")
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_a_guests_first_page_needs_no_second_way_for_its_style(outsider: Client) -> None:
    answer = outsider.get("/s/nothing")  # says in the guest's design that there is no such questionnaire
    nonce = answer.text.split('<style nonce="')[1].split('"')[0]
    assert f"'nonce-{nonce}'" in directives(answer)["style-src"]
    assert "--paper:" in answer.text.split("</head>")[0]
    assert 'media="print"' in answer.text.split("stylesheet")[1]  # for the pages that follow
    outsider.cookies["guest"] = "a ticket"
    assert "--paper:" not in outsider.get("/s/nothing").text
