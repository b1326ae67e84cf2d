"""The built-in questionnaire: how a guest first heard of the shop, in what form, how content, and perhaps a phone."""

from collections.abc import Iterable
from dataclasses import dataclass

from surveys.definition import DONT_REMEMBER, OTHER, Chosen, Definition, Kind, Option, Question, Text

FIRST_HEARD = "first_heard"


@dataclass(frozen=True)
class ChannelChoice:
    """A channel as the questionnaire offers it: its slug becomes the option's key."""

    slug: str
    name: Text
    kind: str


# One clarification per kind of channel: what exactly it was, which no channel's name can say.
CLARIFICATIONS: dict[str, tuple[Text, tuple[Option, ...]]] = {
    "short_video": (Text("是哪位博主或哪条视频？", "Which creator or which video was it?"), ()),
    "social": (Text("是哪个账号或哪篇笔记？", "Which account or which post was it?"), ()),
    "platform": (
        Text("您是怎么在上面看到我们的？", "How did you come across us there?"),
        (
            Option("search", Text("自己搜索到的", "I searched")),
            Option("nearby", Text("附近的店铺列表", "In the list of shops nearby")),
            Option("deal", Text("团购或优惠", "A deal or an offer")),
            Option("reviews", Text("看到别人的评价", "Other people’s reviews")),
        ),
    ),
    "out_of_home": (Text("您是在哪里看到的？", "Where did you see it?"), ()),
    "referral": (
        Text("是谁告诉您的？", "Who told you?"),
        (
            Option("friend", Text("朋友", "A friend")),
            Option("family", Text("家人", "Family")),
            Option("colleague", Text("同事或同学", "Someone at work or school")),
        ),
    ),
    "location": (
        Text("您当时为什么在附近？", "What brought you nearby?"),
        (
            Option("live", Text("住在附近", "I live nearby")),
            Option("work", Text("在附近工作或上学", "I work or study nearby")),
            Option("shopping", Text("逛街路过", "I was out shopping")),
            Option("transit", Text("换乘或路过", "I was passing through")),
        ),
    ),
}
SOMETHING_ELSE = Option(OTHER, Text("其他", "Something else"), is_pinned=True, takes_text=True)


def first_visit(channels: Iterable[ChannelChoice]) -> Definition:
    """Return the questionnaire for a shop with these channels, in any order: their options are shown in random order.

    Examples
    --------
    >>> radio = ChannelChoice("radio", Text("电台", "Radio"), "other")
    >>> [question.key for question in first_visit([radio]).questions]
    ['first_heard', 'nps', 'phone']
    """
    offered = [channel for channel in channels if channel.slug not in {OTHER, DONT_REMEMBER}]
    options = [Option(channel.slug, channel.name) for channel in offered]
    pinned = (SOMETHING_ELSE, Option(DONT_REMEMBER, Text("不记得了", "I don’t remember"), is_pinned=True))
    heard = Question(
        FIRST_HEARD,
        Kind.CHANNEL,
        Text("您第一次是从哪里知道我们的？", "How did you first hear about us?"),
        help=Text("请选最早的那一次。", "Choose the very first time."),
        is_required=True,
        options=(*options, *pinned),
    )
    clarifications = [_clarification(kind, offered) for kind in CLARIFICATIONS]
    nps = Question(
        "nps",
        Kind.NPS,
        Text("您有多大可能把我们推荐给朋友？", "How likely are you to recommend us to a friend?"),
    )
    phone = Question(
        "phone",
        Kind.PHONE,
        Text("您愿意留下手机号吗？", "Would you like to leave your phone number?"),
        help=Text("可以不填。", "You don’t have to."),
    )
    return Definition((heard, *filter(None, clarifications), nps, phone))


def _clarification(kind: str, offered: list[ChannelChoice]) -> Question | None:
    slugs = tuple(channel.slug for channel in offered if channel.kind == kind)
    if not slugs:
        return None
    label, options = CLARIFICATIONS[kind]
    return Question(
        f"which_{kind}",
        Kind.CHOICE if options else Kind.TEXT,
        label,
        options=(*options, SOMETHING_ELSE) if options else (),
        asked_if=Chosen(FIRST_HEARD, slugs),
    )
