"""``POST /api/v1/responses/``: answers from a device of the shop's own that collected them itself."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response as ApiResponse
from rest_framework.views import APIView

from attribution.coupons.codes import display
from attribution.customers.access import IsManager
from attribution.customers.api import idempotently
from surveys.actions import Answered, record_response
from surveys.definition import LANGUAGES
from surveys.errors import BadClock, NoSuchSurvey, SurveyClosed
from surveys.models import Placement, Response, SurveyVersion
from surveys.placements import SOURCE
from surveys.tickets import LONGEST_RECEIPT

CLOCKS_DISAGREE = timedelta(minutes=5)
OLDEST = timedelta(days=90)
KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, required=True, description="New for each request, 8–80 characters."
)


class ResponseInSerializer(serializers.Serializer):
    placement = serializers.CharField(max_length=22, help_text="The token in the address of the guest's page.")
    uuid = serializers.UUIDField(required=False, help_text="The response's id, if the device has given it one.")
    version = serializers.IntegerField(
        min_value=1, required=False, help_text="Which version was answered; else the newest."
    )
    answers = serializers.DictField(
        help_text="Question key → option key, list of them, number, date or text; “<key>.text” beside an option."
    )
    language = serializers.ChoiceField(LANGUAGES)
    submitted_at = serializers.DateTimeField(help_text="By the device's clock: at most 90 days ago.")
    phone = serializers.CharField(max_length=40, allow_blank=True, default="")
    email = serializers.CharField(max_length=128, allow_blank=True, default="")
    consent = serializers.BooleanField(default=False, help_text="Ticked: may be sent offers there.")
    receipt = serializers.CharField(max_length=LONGEST_RECEIPT, allow_blank=True, default="")
    source = serializers.RegexField(  # type: ignore[assignment]  # a field’s own attribute of that name is another
        rf"^{SOURCE.pattern}\Z", allow_blank=True, default="", help_text="Where it was found: a-z, 0-9, “.”, “_”, “-”."
    )


class ResponseOutSerializer(serializers.Serializer):
    uuid = serializers.UUIDField()
    submitted_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    coupon = serializers.CharField(allow_null=True)
    repeats = serializers.CharField(help_text="By what the guest had answered before: contact, receipt; else empty.")


class Responses(APIView):
    permission_classes = (IsManager,)

    @extend_schema(request=ResponseInSerializer, responses={201: ResponseOutSerializer}, parameters=[KEY])
    def post(self, request: Request) -> ApiResponse:
        """Record one guest's answers. The same key with the same body, or the same uuid, is the same response."""
        form = ResponseInSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return idempotently(request, "responses", _record, first=lambda: _read(form.validated_data))


def _record(read: tuple[Placement, Answered]) -> tuple[int, dict[str, Any]]:
    placement, answered = read
    return 201, _out(record_response(placement=placement, answered=answered))


def _read(said: dict[str, Any]) -> tuple[Placement, Answered]:
    placement = (
        Placement.objects.select_related("survey__reward_batch", "store").filter(token=said["placement"]).first()
    )
    if placement is None:
        raise NoSuchSurvey(field="placement")
    at = _moment(said["submitted_at"])
    if placement.has_ended_at(at):  # a device of the shop's own sends what it was told, at whatever hour
        raise SurveyClosed(field="placement")
    return placement, Answered(
        uuid=said.get("uuid") or uuid.uuid4(),
        version=_version(placement, said.get("version")),
        answers=said["answers"],
        language=said["language"],
        shown_at=at,
        shown_order={},  # the device drew it
        submitted_at=at,
        phone=said["phone"],
        email=said["email"],
        has_consent=said["consent"],
        receipt=said["receipt"],
        source=said["source"],
    )


def _moment(submitted_at: datetime) -> datetime:
    """Return when it was answered, as far as the device's clock can be believed."""
    now = timezone.now()
    if not now - OLDEST <= submitted_at <= now + CLOCKS_DISAGREE:
        raise BadClock(field="submitted_at", days=OLDEST.days)
    return min(submitted_at, now)


def _version(placement: Placement, number: int | None) -> SurveyVersion:
    versions = placement.survey.versions.defer("definition").order_by("-number")
    version = (versions if number is None else versions.filter(number=number)).first()
    if version is None:
        raise NoSuchSurvey(field="version")
    return version


def _out(response: Response) -> dict[str, Any]:
    coupon = display(response.coupon.code) if response.coupon else None
    values: dict[str, Any] = {"uuid": response.pk, "coupon": coupon, "repeats": response.repeats}
    values |= {"submitted_at": response.submitted_at, "received_at": response.received_at}
    return dict(ResponseOutSerializer(values).data)
