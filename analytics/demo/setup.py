"""What the demo shop is made of before anybody comes in: stores, people, channels, coupons, links, a questionnaire."""

import secrets
from dataclasses import dataclass, field

from django.utils import timezone

from analytics.demo.truth import CHANNELS, COUPON_MINOR, STORES, THANK_YOU_MINOR
from attribution.coupons.models import CouponBatch
from attribution.customers.models import Staff, Store
from attribution.evidence.models import Channel, TrackedLink
from surveys.definition import OTHER, Definition, Text, serialise
from surveys.firstvisit import FIRST_HEARD, ChannelChoice, first_visit
from surveys.models import ChoiceChannel, Placement, Survey, SurveyVersion

# Codes of the platforms are on the guests' phones; those of the others are ours.
ISSUERS = {"douyin": "douyin", "meituan": "meituan", "dianping": "dianping"}
PASSWORD_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105  no look-alikes


@dataclass
class Shop:
    stores: list[Store]
    channels: dict[str, Channel]
    batches: dict[int, CouponBatch]  # by the channel's number
    thank_you: CouponBatch
    survey: Survey
    version: SurveyVersion
    definition: Definition
    placements: list[Placement]
    links: dict[int, TrackedLink]  # by the channel's number
    choices: dict[str, ChoiceChannel]  # by the option's key
    clerks: dict[int, Staff] = field(default_factory=dict)  # by the store's id


def make_shop() -> Shop:
    stores = [Store.objects.create(code=code, name_zh_hans=zh, name_en=en) for code, zh, en, _ in STORES]
    channels = {
        truth.slug: Channel.objects.create(
            slug=truth.slug,
            name_zh_hans=truth.name_zh_hans,
            name_en=truth.name_en,
            kind=truth.kind,
            colour=truth.colour,
            is_paid=truth.monthly_minor > 0,
            position=number,
        )
        for number, truth in enumerate(CHANNELS)
    }
    batches = {
        number: _batch(channels[truth.slug], COUPON_MINOR[truth.slug])
        for number, truth in enumerate(CHANNELS)
        if truth.slug in COUPON_MINOR
    }
    thank_you = CouponBatch.objects.create(
        name_zh_hans="答谢券", name_en="Thank-you coupon", face_value_minor=THANK_YOU_MINOR, days_valid=60
    )
    survey, version, definition = _survey(list(channels.values()), thank_you)
    placements = [Placement.objects.create(survey=survey, store=store, spot="取餐台") for store in stores]
    Placement.objects.create(survey=survey, store=stores[0], spot="收银台平板", mode=Placement.Mode.KIOSK)
    links = {number: _link(channels[truth.slug], placements[0]) for number, truth in enumerate(CHANNELS) if truth.link}
    choices = {choice.option_key: choice for choice in survey.choice_channels.all()}
    shop = Shop(stores, channels, batches, thank_you, survey, version, definition, placements, links, choices)
    shop.clerks = {store.pk: _clerk(store, number) for number, store in enumerate(stores)}
    return shop


def _batch(channel: Channel, minor: int) -> CouponBatch:
    issuer = ISSUERS.get(channel.slug, "own")
    return CouponBatch.objects.create(
        name_zh_hans=f"{channel.name_zh_hans}新客券",
        name_en=f"{channel.name_en} first-visit coupon",
        channel=channel,
        issuer=issuer,
        face_value_minor=minor,
        minimum_spend_minor=1000,
        days_valid=None if issuer != "own" else 60,
        is_claimable=issuer == "own",
    )


def _survey(channels: list[Channel], thank_you: CouponBatch) -> tuple[Survey, SurveyVersion, Definition]:
    choices = [ChannelChoice(one.slug, Text(one.name_zh_hans, one.name_en), one.kind) for one in channels]
    definition = first_visit(choices)
    survey = Survey.objects.create(name_zh_hans="首次到店", name_en="First visit", reward_batch=thank_you)
    version = SurveyVersion.objects.create(
        survey=survey, number=1, definition=serialise(definition), published_at=timezone.now()
    )
    ChoiceChannel.objects.bulk_create(
        ChoiceChannel(survey=survey, question_key=FIRST_HEARD, option_key=key, channel=channel)
        for key, channel in [*((one.slug, one) for one in channels), (OTHER, None)]
    )
    return survey, version, definition


def _link(channel: Channel, placement: Placement) -> TrackedLink:
    return TrackedLink.objects.create(
        name_zh_hans=f"{channel.name_zh_hans}二维码",
        name_en=f"{channel.name_en} QR code",
        channel=channel,
        destination=f"/s/{placement.token}",
    )


def _clerk(store: Store, number: int) -> Staff:
    """One clerk a store; the first is the one whose login is printed."""
    staff = Staff(username="clerk" if number == 0 else f"clerk-{store.code}", role=Staff.Role.CLERK, store=store)
    staff.set_unusable_password()
    staff.save()
    return staff


def make_logins() -> dict[str, str]:
    """Give the three demo people new passwords, and return them; they are random, since a demo may face the street."""
    passwords = {}
    for name, role in (("marketer", Staff.Role.MARKETER), ("clerk", Staff.Role.CLERK), ("manager", Staff.Role.MANAGER)):
        person, _ = Staff.objects.get_or_create(
            username=name, defaults={"role": role, "is_staff": name == "manager", "is_superuser": name == "manager"}
        )
        passwords[name] = "-".join("".join(secrets.choice(PASSWORD_ALPHABET) for _ in range(4)) for _ in range(3))
        person.set_password(passwords[name])
        person.save()
    return passwords
