"""A small shop as its manager sets it up: one store, three channels, a survey that thanks with a coupon, a poster."""

from dataclasses import dataclass

from tests.stack import Stack

PASSWORD = "poster-by-the-lift"
SET_UP = f"""
import json
from attribution.coupons.models import CouponBatch
from attribution.customers.models import Staff, Store
from attribution.evidence.models import Channel, TrackedLink
from surveys.actions import create_first_visit_survey
from surveys.models import Placement

store = Store.objects.create(code="xuhui", name_zh_hans="徐汇店", name_en="Xuhui", zone="Asia/Shanghai")
Channel.objects.create(slug="douyin", name_zh_hans="抖音", name_en="Douyin", kind="short_video", position=1)
metro = Channel.objects.create(
    slug="metro", name_zh_hans="地铁海报", name_en="Metro posters", kind="out_of_home", position=2)
Channel.objects.create(
    slug="friends", name_zh_hans="朋友", name_en="Friends", kind="referral", is_paid=False, position=3)
survey = create_first_visit_survey()
survey.reward_batch = CouponBatch.objects.create(
    name_zh_hans="答谢券", name_en="Thank-you coupon", face_value_minor=500, days_valid=60)
survey.save()
token = Placement.objects.get().token
link = TrackedLink.objects.create(
    name_zh_hans="地铁海报二维码", name_en="Poster QR", channel=metro, destination=f"/s/{{token}}")
for role in ("clerk", "marketer"):
    person = Staff(username=role, role=role, store=store if role == "clerk" else None)
    person.set_password({PASSWORD!r})
    person.save()
print(json.dumps({{"token": token, "link": link.code}}))
"""


@dataclass(frozen=True)
class Shop:
    """Where its guests go: ``/s/<token>``, ``/go/<link>``."""

    stack: Stack
    token: str
    link: str


def open_shop(stack: Stack) -> Shop:
    return Shop(stack, **stack.json(SET_UP))
