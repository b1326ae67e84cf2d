"""The API against its own schema: whatever is sent, it answers as the schema says, and never breaks."""

from typing import Any

import hypothesis
import pytest
import schemathesis
from django.test import Client
from rest_framework.authtoken.models import Token

pytestmark = pytest.mark.django_db
MODERATE = hypothesis.settings(max_examples=25, suppress_health_check=list(hypothesis.HealthCheck))


@pytest.fixture
def api(manager: Client, store: Any) -> Any:
    document = manager.get("/api/schema/?format=json").json()
    return schemathesis.openapi.from_dict(document)


def test_the_schema_names_every_endpoint(api: Any) -> None:
    paths = {operation.ok().path for operation in api.get_all_operations()}
    assert {
        "/api/v1/orders/",
        "/api/v1/redemptions/",
        "/api/v1/responses/",
        "/api/v1/reports/{key}/",
    } <= paths


@pytest.mark.parametrize("path", ["/api/v1/orders/", "/api/v1/redemptions/", "/api/v1/responses/"])
def test_whatever_is_sent_is_answered_and_never_breaks(api: Any, manager: Client, path: str) -> None:
    token = Token.objects.create(user=manager.staff)  # type: ignore[attr-defined]
    client = Client(raise_request_exception=False, headers={"authorization": f"Token {token.key}"})
    seen: set[int] = set()

    @MODERATE
    @hypothesis.given(case=api[path]["POST"].as_strategy())
    def send(case: Any) -> None:
        headers = {name: str(value) for name, value in (case.headers or {}).items() if name != "Content-Type"}
        answer = client.post(path, case.body, content_type="application/json", headers=headers)
        seen.add(answer.status_code)
        assert answer.status_code < 500, answer.content[:300]
        if answer.status_code >= 400:
            assert set(answer.json()["error"]) == {"code", "message", "field", "row"}

    send()
    assert seen
