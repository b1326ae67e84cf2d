"""A real browser on the real server, before any page is looked at closely."""

from typing import Any

import pytest

from tests.stack import Stack

pytestmark = pytest.mark.browser


def test_the_login_page_opens_without_asking_another_host_or_breaking_the_policy(page: Any):
    page.goto("/login/")

    assert page.get_by_role("heading", level=1).count() == 1
    assert page.locator("html").get_attribute("lang") == "en"


def test_static_files_are_served_compressed_and_for_ever(page: Any):
    page.goto("/login/")
    address = page.locator("link[rel=stylesheet]").first.get_attribute("href")

    response = page.request.get(address, headers={"accept-encoding": "gzip"})

    assert response.status == 200
    assert response.headers["content-encoding"] == "gzip"
    assert "immutable" in response.headers["cache-control"]


def test_the_stack_keeps_its_data_apart_from_the_tests_own(live_stack: Stack):
    from django.db import connection

    name = live_stack.script("from django.db import connection; print(connection.settings_dict['NAME'])").strip()

    assert name != str(connection.settings_dict["NAME"])
