from typing import Any

import pytest
from django.test import Client

from attribution.customers.models import Staff
from attribution.evidence.models import Channel, TrackedLink

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(
        Staff.objects.create_superuser("root", role="manager"), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


CHANNEL = {
    "slug": "radio",
    "name_en": "Radio",
    "kind": "other",
    "colour": "#112233",
    "position": "9",
    "is_active": "on",
}


def test_a_new_channel_is_a_fact_and_rings(admin: Client, bell: list[None]) -> None:
    response = admin.post("/admin/evidence/channel/add/", CHANNEL)

    assert response.status_code == 302
    assert Channel.objects.get().slug == "radio"
    assert bell


@pytest.mark.parametrize("slug", ["unknown", "dont_remember"])
def test_no_channel_can_be_called_as_the_engine_calls_what_is_none(admin: Client, slug: str) -> None:
    admin.post("/admin/evidence/channel/add/", CHANNEL | {"slug": slug})

    assert not Channel.objects.exists()


def test_deleting_a_channel_rings(admin: Client, channels: dict[str, Any], bell: list[None]) -> None:
    admin.post(f"/admin/evidence/channel/{channels['metro'].pk}/delete/", {"post": "yes"})
    admin.post(
        "/admin/evidence/channel/",
        {"action": "delete_selected", "_selected_action": [channels["douyin"].pk], "post": "yes"},
    )

    assert list(Channel.objects.values_list("slug", flat=True)) == ["friends"]
    assert len(bell) == 2


def test_the_channel_of_a_link_is_corrected_elsewhere(
    admin: Client, link: TrackedLink, channels: dict[str, Any]
) -> None:
    form = {"name_en": "Poster", "channel": channels["douyin"].pk, "destination": "/s/new", "is_active": "on"}

    assert admin.post(f"/admin/evidence/trackedlink/{link.pk}/change/", form).status_code == 302

    link.refresh_from_db()
    assert (link.channel.slug, link.destination) == ("metro", "/s/new")


@pytest.mark.parametrize("model", ["spend", "visit", "touchpoint"])
def test_what_was_recorded_can_only_be_looked_at(admin: Client, model: str) -> None:
    assert admin.get(f"/admin/evidence/{model}/").status_code == 200
    assert admin.get(f"/admin/evidence/{model}/add/").status_code == 403


@pytest.mark.parametrize("model", ["channel", "campaign", "trackedlink"])
def test_what_is_set_up_is_listed_and_can_be_added(admin: Client, link: TrackedLink, model: str) -> None:
    assert admin.get(f"/admin/evidence/{model}/").status_code == 200
    assert admin.get(f"/admin/evidence/{model}/add/").status_code == 200
