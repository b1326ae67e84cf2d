"""What every API endpoint shares: one error shape, and calls that can be repeated."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from attribution.customers.models import IdempotencyKey
from attribution.errors import DomainError
from attribution.rows import has_row


class CodeField(serializers.SlugRelatedField):
    """A row by its code. PostgreSQL cannot even be asked for a text with a null character; there is no such row."""

    def __init__(self, **options: Any) -> None:
        super().__init__("code", **options)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str) and "\0" in data:
            self.fail("does_not_exist", slug_name="code", value=data.replace("\0", "\N{REPLACEMENT CHARACTER}"))
        return super().to_internal_value(data)


class KeyReused(DomainError):
    code = "key_reused"
    status = 422
    message = _("This Idempotency-Key was used for another request. Send a new key.")


class BadKey(DomainError):
    code = "bad_key"
    message = _("Send a header Idempotency-Key of 8 to 80 letters, digits or hyphens, new for each request.")


def error_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return every error in one shape: ``{"error": {"code", "message", "field", "row"}}``; a server error stays one."""
    headers: dict[str, str] = {}
    if isinstance(error, DomainError):
        return _response(error.status, error.code, str(error), error.field)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    field, detail = _first(error.detail)
    return _response(error.status_code, getattr(detail, "code", "invalid"), str(detail), field, headers)


def _first(detail: Any) -> tuple[str | None, Any]:
    """Return the path of the first field that is wrong, and what is wrong with it."""
    path: list[str] = []
    while isinstance(detail, dict | list) and detail:
        if isinstance(detail, dict):
            key, detail = next((k, v) for k, v in detail.items() if v)
            path.append(str(key))
        else:
            index = next(i for i, value in enumerate(detail) if value)
            if isinstance(detail[index], dict):
                path.append(str(index))
            detail = detail[index]
    return ".".join(part for part in path if part not in {"non_field_errors", "detail"}) or None, detail


def _response(
    status: int, code: str, message: str, field: str | None, headers: dict[str, str] | None = None
) -> Response:
    answer = {"error": {"code": code, "message": message, "field": field, "row": None}}
    return Response(answer, status=status, headers=headers)


def idempotently(
    request: Request,
    route: str,
    act: Callable[..., tuple[int, dict[str, Any]]],
    *,
    first: Callable[[], Any] | None = None,
) -> Response:
    """Do ``act`` once for the request's Idempotency-Key, and give its answer to every repetition of the same body.

    ``first`` reads what ``act`` is then given, before the transaction begins: on SQLite all who write wait for its end.

    The key is written in the same transaction as what was done. Two at once: the unique key lets one through; the other
    waits for it, then reads its answer. A refused request leaves no key behind, since it changed nothing.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not (8 <= len(key) <= 80 and key.isascii() and key.replace("-", "").replace("_", "").isalnum()):
        raise BadKey(field="Idempotency-Key")
    digest = hashlib.sha256(json.dumps(request.data, sort_keys=True, default=str).encode()).hexdigest()
    names = {"staff_id": request.user.pk, "route": route, "key": key}
    if has_row(IdempotencyKey, **names):
        return _repeat(names, digest)
    read = [] if first is None else [first()]
    try:
        with transaction.atomic():
            row = IdempotencyKey.objects.create(**names, body_digest=digest, status=0, answer={})
            row.status, row.answer = act(*read)
            row.save(update_fields=["status", "answer"])
    except IntegrityError:
        if not has_row(IdempotencyKey, **names):
            raise
        return _repeat(names, digest)
    return Response(row.answer, status=row.status)


def _repeat(names: dict[str, Any], digest: str) -> Response:
    kept = IdempotencyKey.objects.get(**names)
    if kept.body_digest != digest:
        raise KeyReused(field="Idempotency-Key")
    return Response(kept.answer, status=kept.status, headers={"Idempotent-Replayed": "true"})
