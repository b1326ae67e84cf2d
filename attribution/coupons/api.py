"""Redemptions and voids for a till system that talks to us itself."""

from uuid import UUID, uuid5

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from attribution.coupons import actions
from attribution.coupons.models import CouponBatch, Issuer, Redemption, Void
from attribution.customers.access import IsClerk, stores_of
from attribution.customers.api import BadKey, CodeField
from attribution.customers.models import Store
from attribution.money import LARGEST_MINOR

NAMESPACE = UUID("b1c7a3f2-6f0e-4a55-9d0c-2f6f3c1f7f10")
KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, required=True, description="New for each request, 8–80 characters."
)


def request_id(request: Request) -> UUID:
    """Return the id of this request: a key is its sender's own, and one person's key is nobody else's."""
    key = request.headers.get("Idempotency-Key", "")
    if not (8 <= len(key) <= 80 and key.isascii() and key.replace("-", "").replace("_", "").isalnum()):
        raise BadKey(field="Idempotency-Key")
    return uuid5(NAMESPACE, f"{request.user.pk}:{key}")


class RedeemSerializer(serializers.Serializer):
    store = CodeField(queryset=Store.objects.none(), help_text="The store's code.")
    code = serializers.CharField(max_length=200)
    amount_minor = serializers.IntegerField(
        min_value=0, max_value=LARGEST_MINOR, help_text="The bill before the coupon, in minor units."
    )
    order_number = serializers.CharField(max_length=64, allow_blank=True, default="")
    phone = serializers.CharField(max_length=40, allow_blank=True, default="")
    issuer = serializers.ChoiceField(Issuer.choices, default=Issuer.OWN)
    batch = serializers.PrimaryKeyRelatedField(
        queryset=CouponBatch.objects.exclude(issuer=Issuer.OWN), allow_null=True, default=None,
        help_text="For a platform's code: which of its offers.",
    )  # fmt: skip

    def get_fields(self) -> dict[str, serializers.Field]:
        """Offer the stores that the sender may act in; another store's code is as unknown as one that is not there."""
        fields = super().get_fields()
        request = self.context.get("request")
        if request and request.user.is_authenticated:
            fields["store"] = CodeField(queryset=stores_of(request.user))
        return fields


class VoidSerializer(serializers.Serializer):
    reason = serializers.ChoiceField(Void.Reason.choices)
    note = serializers.CharField(max_length=200, allow_blank=True, default="")


class RedemptionSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="request_id", read_only=True)
    store = serializers.CharField(source="store.code", read_only=True)
    code = serializers.CharField(source="__str__", read_only=True)
    order_number = serializers.CharField(source="order.number", default="", read_only=True)

    class Meta:
        model = Redemption
        fields = (
            "id", "store", "code", "issuer", "batch", "use", "is_standing", "bill_minor", "discount_minor",
            "order_number", "redeemed_at",
        )  # fmt: skip
        read_only_fields = fields


class VoidedSerializer(serializers.ModelSerializer):
    redemption = serializers.UUIDField(source="redemption.request_id", read_only=True)

    class Meta:
        model = Void
        fields = ("redemption", "reason", "note", "voided_at")
        read_only_fields = fields


class Redemptions(APIView):
    permission_classes = (IsClerk,)

    @extend_schema(request=RedeemSerializer, responses={201: RedemptionSerializer}, parameters=[KEY])
    def post(self, request: Request) -> Response:
        """Use a coupon on a bill. The same key with the same body returns the same redemption."""
        key = request_id(request)
        form = RedeemSerializer(data=request.data, context={"request": request})
        if not form.is_valid():
            actions.record_refusal(
                refusal=actions.BadInput(), typed=str(form.initial_data.get("code", ""))[:200], issuer=Issuer.OWN,
                store=None, staff=request.user, request_id=key,
            )  # fmt: skip
            raise ValidationError(form.errors)
        redemption = actions.redeem_coupon(staff=request.user, request_id=key, **form.validated_data)
        return Response(RedemptionSerializer(redemption).data, status=201)


class Voids(APIView):
    permission_classes = (IsClerk,)

    @extend_schema(request=VoidSerializer, responses={201: VoidedSerializer}, parameters=[KEY])
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002  the address's name
        """Take a redemption back, with a reason. The same key with the same body returns the same void."""
        key = request_id(request)
        mine = Redemption.objects.filter(store__in=stores_of(request.user)).select_related("store")
        redemption = get_object_or_404(mine, request_id=id)
        form = VoidSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        void = actions.void_redemption(redemption=redemption, staff=request.user, request_id=key, **form.validated_data)
        return Response(VoidedSerializer(void).data, status=201)
