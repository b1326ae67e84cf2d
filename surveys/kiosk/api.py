"""What a tablet sends and is answered. Whoever knows its address may send as it does: that is on the tablet alone,
printed nowhere, and gives no more than the guest's page gives to everybody. No cookie is looked at."""

from typing import Any

from rest_framework import serializers

from surveys.definition import LANGUAGES

MOST_MILLISECONDS = 10**14  # some year after 5000; more is no time


class Milliseconds(serializers.IntegerField):
    def __init__(self, *, least: int = 0, **options: Any) -> None:
        super().__init__(min_value=least, max_value=MOST_MILLISECONDS, **options)


class KioskAnswerSerializer(serializers.Serializer):
    """Times are milliseconds by the tablet's clock; ``offset`` is what to add for the server's."""

    uuid = serializers.UUIDField()
    version = serializers.IntegerField(min_value=1)
    answers = serializers.DictField()
    language = serializers.ChoiceField(LANGUAGES)
    shown_at = Milliseconds()
    answered_at = Milliseconds()
    offset = Milliseconds(least=-MOST_MILLISECONDS, default=0)
    phone = serializers.CharField(max_length=40, allow_blank=True, default="")
    email = serializers.CharField(max_length=128, allow_blank=True, default="")
    consent = serializers.BooleanField(default=False)
    is_finished = serializers.BooleanField(default=True)
    is_waiting = serializers.BooleanField(default=False, help_text="The guest stands there: a coupon can be shown.")
    trial = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, allow_null=True, default=None, help_text="In which the guest has drawn."
    )
    reached = serializers.CharField(max_length=40, allow_blank=True, default="")


class SendSerializer(serializers.Serializer):
    """Where a guest at the tablet has the coupon sent: ``to``, or where nothing is typed what was left."""

    uuid = serializers.UUIDField()
    request = serializers.UUIDField()
    way = serializers.ChoiceField(("sms", "email"))
    to = serializers.CharField(max_length=128, allow_blank=True, default="")


class HeardSerializer(serializers.Serializer):
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, allow_null=True, default=None)
    unsent = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0)
    refused = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0)
    battery = serializers.IntegerField(min_value=0, max_value=100, allow_null=True, default=None)


class PinSerializer(serializers.Serializer):
    pin = serializers.CharField(max_length=20)
