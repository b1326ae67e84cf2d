"""What every test can ask for: people, a shop, a whole running stack, a browser."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client
from django.utils import translation

from tests.stack import Stack

hypothesis.settings.register_profile("house", deadline=None, database=None)
hypothesis.settings.load_profile("house")

DATABASE_FIXTURES = {"db", "transactional_db", "django_db_serialized_rollback"}
CHROMIUM_ARGUMENTS = [
    "--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip


def pytest_configure() -> None:
    # Pages are rendered without collecting static files first; a live stack collects and compresses them.
    django_settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a cluster (see `make cluster-test`) its tests are not chosen, and pytest says how many were not."""
    if "TEST_WAREHOUSE" not in os.environ:
        left = [item for item in items if item.get_closest_marker("cluster")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Messages are read in the source language, whether or not the translations are compiled."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _own_files(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test with a database has files and snapshots of its own: ids start anew, and so must what they name."""
    if not (request.node.get_closest_marker("django_db") or DATABASE_FIXTURES & set(request.fixturenames)):
        yield
        return
    from surveys.models.survey import PARSED

    settings, folder = request.getfixturevalue("settings"), request.getfixturevalue("tmp_path")
    settings.MEDIA_ROOT, settings.SNAPSHOT_DIR = folder / "files", folder / "runs"
    yield
    cache.clear()
    PARSED.clear()


# ── A shop ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def store(db: None) -> Any:
    from attribution.customers.models import Store

    return Store.objects.create(code="xuhui", name_zh_hans="徐汇店", name_en="Xuhui", zone="Asia/Shanghai")


@pytest.fixture
def other_store(db: None) -> Any:
    from attribution.customers.models import Store

    return Store.objects.create(code="jingan", name_zh_hans="静安店", name_en="Jing’an", zone="Asia/Shanghai")


@pytest.fixture
def channels(db: None) -> dict[str, Any]:
    """Three channels by slug: ``douyin`` and ``metro`` cost money, ``friends`` does not."""
    from attribution.evidence.models import Channel

    rows = [
        Channel(slug="douyin", name_zh_hans="抖音", name_en="Douyin", kind="short_video", position=1),
        Channel(slug="metro", name_zh_hans="地铁海报", name_en="Metro posters", kind="out_of_home", position=2),
        Channel(slug="friends", name_zh_hans="朋友", name_en="Friends", kind="referral", is_paid=False, position=3),
    ]
    return {channel.slug: channel for channel in Channel.objects.bulk_create(rows)}


# ── The people ──────────────────────────────────────────────────────────────────────────────────────────────────────


def person(name: str, role: str, store: Any = None) -> Client:
    """Return a test client logged in as a new staff member; ``client.staff`` is the person."""
    from attribution.customers.models import Staff

    staff = Staff(username=name, role=role, store=store, is_staff=role == "manager")
    staff.set_unusable_password()
    staff.save()
    client = Client(headers={"accept-language": "en"})
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    client.staff = staff  # type: ignore[attr-defined]
    return client


@pytest.fixture
def marketer(db: None) -> Client:
    """Sees figures, enters spend, imports files."""
    return person("marketer", "marketer")


@pytest.fixture
def clerk(store: Any) -> Client:
    """Works the till of ``store``, and nothing else."""
    return person("clerk", "clerk", store)


@pytest.fixture
def manager(db: None) -> Client:
    """May do all that the others may, in every store, and set the shop up in the back office."""
    return person("manager", "manager")


@pytest.fixture
def outsider(db: None) -> Client:
    """Has no account."""
    return Client(headers={"accept-language": "en"})


# ── The whole thing ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def live_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running Wanamaker without data, shared by the tests of one process: each makes rows of its own in it."""
    with Stack(tmp_path_factory.mktemp("stack"), LOOK_EVERY_SECONDS="5") as stack:
        yield stack


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[Stack]:
    """A running Wanamaker for one test alone: for what kills processes, or counts all rows."""
    with Stack(tmp_path / "stack") as stack:
        yield stack


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium."""
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop running in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any, live_stack: Stack) -> Iterator[Any]:
    """A fresh English browser window on ``live_stack``. Script errors, and requests to other hosts, fail the test."""
    context = browser.new_context(base_url=live_stack.url, locale="en-GB", timezone_id="Asia/Shanghai")
    page, problems = context.new_page(), watch(context, live_stack.url)
    yield page
    context.close()
    assert problems == []


def watch(context: Any, url: str) -> list[str]:
    """Return a list that fills with what no page of ours may do: break a script or the policy, or call elsewhere."""
    problems: list[str] = []

    def on_console(message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            problems.append(message.text)

    def on_request(request: Any) -> None:
        if not request.url.startswith((f"{url}/", "data:", "blob:")):
            problems.append(f"asked another host: {request.url}")

    context.on("console", on_console)
    context.on("weberror", lambda error: problems.append(str(error.error)))
    context.on("request", on_request)
    return problems
