"""``POST /api/v1/orders/``: an order from a till system that talks to us itself."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from attribution.customers.access import IsManager
from attribution.customers.actions import Line, record_order, resolve_customer
from attribution.customers.actions.orders import BadOrder
from attribution.customers.api.shared import CodeField, idempotently
from attribution.customers.identities import STRONG
from attribution.customers.models import Customer, Order, Store
from attribution.money import LARGEST_MINOR

AHEAD = timedelta(days=1)
MOST_LINES = 2_000
KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, required=True, description="New for each request, 8–80 characters."
)


class MomentField(serializers.DateTimeField):
    """A moment that may come without an offset: it is the store's own time then."""

    def enforce_timezone(self, value: datetime) -> datetime:
        return value


class LineSerializer(serializers.Serializer):
    sku = serializers.CharField(max_length=64, allow_blank=True, default="")
    name = serializers.CharField(max_length=200, allow_blank=True, default="")
    category = serializers.CharField(max_length=80, allow_blank=True, default="")
    quantity = serializers.DecimalField(max_digits=14, decimal_places=3, default=Decimal(1))
    amount_minor = serializers.IntegerField(min_value=-LARGEST_MINOR, max_value=LARGEST_MINOR)


class BuyerSerializer(serializers.Serializer):
    phone = serializers.CharField(max_length=40, required=False)
    member = serializers.CharField(max_length=128, required=False)
    openid = serializers.CharField(max_length=128, required=False)
    email = serializers.CharField(max_length=128, required=False)


class OrderInSerializer(serializers.Serializer):
    store = CodeField(queryset=Store.objects.all(), help_text="The store's code.")
    number = serializers.CharField(max_length=64, help_text="Unique within the store.")
    kind = serializers.ChoiceField(Order.Kind.choices, default=Order.Kind.SALE)
    placed_at = MomentField(help_text="Without an offset: the store's own time.")
    amount_minor = serializers.IntegerField(
        min_value=0,
        max_value=LARGEST_MINOR,
        required=False,
        help_text="What was paid, or given back for a refund, in minor units. Left out: the sum of the lines.",
    )
    discount_minor = serializers.IntegerField(min_value=0, max_value=LARGEST_MINOR, default=0)
    currency = serializers.CharField(max_length=3, required=False, help_text="Refused unless it is the business's own.")
    customer = BuyerSerializer(required=False)
    lines = serializers.ListField(child=LineSerializer(), default=list, max_length=MOST_LINES)
    refund_of = serializers.CharField(max_length=64, required=False, help_text="Number of the order given back.")

    def validate_currency(self, value: str) -> str:
        if value.upper() != settings.CURRENCY:
            raise serializers.ValidationError(
                _("“%(value)s” is another currency than %(currency)s.")
                % {"value": value, "currency": settings.CURRENCY},
                code="other_currency",
            )
        return value

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if "amount_minor" not in said:
            if not said["lines"]:
                message = _("Say what was paid, or send the lines.")
                raise serializers.ValidationError({"amount_minor": message}, code="required")
            said["amount_minor"] = sum(line["amount_minor"] for line in said["lines"])
        if timezone.is_naive(said["placed_at"]):
            said["placed_at"] = said["placed_at"].replace(tzinfo=said["store"].zoneinfo)
        if said["placed_at"] > timezone.now() + AHEAD:
            raise serializers.ValidationError({"placed_at": _("The order lies in the future.")}, code="future")
        return said


class OrderOutSerializer(serializers.Serializer):
    store = serializers.CharField()
    number = serializers.CharField()
    outcome = serializers.ChoiceField(["inserted", "updated", "skipped"])
    customer = serializers.UUIDField(allow_null=True)
    refund_of = serializers.CharField(allow_null=True, help_text="Null as long as that order is not known.")


class Orders(APIView):
    permission_classes = (IsManager,)

    @extend_schema(
        request=OrderInSerializer, responses={200: OrderOutSerializer, 201: OrderOutSerializer}, parameters=[KEY]
    )
    def post(self, request: Request) -> Response:
        """Record one order. The same store and number again brings the order up to date."""
        form = OrderInSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return idempotently(request, "orders", lambda: _record(form.validated_data))


def _record(said: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    customer = _buyer(said.get("customer", {}), said["placed_at"])
    original = None
    if "refund_of" in said:
        if said["kind"] != Order.Kind.REFUND:
            raise BadOrder(_("Only a refund can name the order that it refunds."), field="refund_of")
        original = Order.objects.filter(store=said["store"], number=said["refund_of"], kind=Order.Kind.SALE).first()
    order, outcome = record_order(
        store=said["store"],
        number=said["number"],
        kind=said["kind"],
        placed_at=said["placed_at"],
        amount_minor=said["amount_minor"],
        discount_minor=said["discount_minor"],
        customer=customer,
        source=Order.Source.API,
        lines=[Line(**line) for line in said["lines"]],
        refund_of=original,
    )
    answer = {
        "store": order.store.code,
        "number": order.number,
        "outcome": outcome,
        "customer": order.customer and str(order.customer.uuid),
        "refund_of": order.refund_of and order.refund_of.number,
    }
    return 201 if outcome == "inserted" else 200, answer


def _buyer(said: dict[str, str], at: datetime) -> Customer | None:
    identities = [(kind, said[kind]) for kind in STRONG if kind in said]
    return resolve_customer(identities=identities, at=at) if identities else None
