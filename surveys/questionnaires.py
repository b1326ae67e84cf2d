"""Questionnaires to begin with, each as the rows of a definition. Pure."""

from collections.abc import Callable, Iterable
from typing import Any

from surveys.definition import AnyOf, Definition, Kind, Option, Question, Scored, Text, serialise
from surveys.firstvisit import SOMETHING_ELSE, ChannelChoice, first_visit

Rows = list[dict[str, Any]]


def first_visit_rows(channels: Iterable[ChannelChoice]) -> Rows:
    return list(serialise(first_visit(channels))["questions"])


def satisfaction_rows(_channels: Iterable[ChannelChoice]) -> Rows:
    """After the meal: how it was, what was good or bad, whether they would recommend it."""
    good = (
        Option("taste", Text("味道", "The taste"), icon="😋"),
        Option("service", Text("服务", "The service"), icon="🙂"),
        Option("speed", Text("上菜速度", "How fast it came"), icon="⏱️"),
        Option("place", Text("环境和卫生", "The place, and how clean it is"), icon="🪑"),
        Option("price", Text("价格", "The price"), icon="💰"),
    )
    stars = Question("stars", Kind.STARS, Text("今天用餐满意吗？", "How was your meal today?"), is_required=True)
    liked = Question(
        "liked",
        Kind.MULTIPLE,
        Text("哪些地方让您满意？", "What did you like?"),
        options=(*good, SOMETHING_ELSE),
        asked_if=Scored("stars", at_least=4),
    )
    disliked = Question(
        "disliked",
        Kind.MULTIPLE,
        Text("哪些地方让您不满意？", "What was not as it should be?"),
        options=(*good, SOMETHING_ELSE),
        asked_if=Scored("stars", at_most=3),
    )
    nps = Question(
        "nps", Kind.NPS, Text("您有多大可能把我们推荐给朋友？", "How likely are you to recommend us to a friend?")
    )
    better = Question(
        "better",
        Kind.LONGTEXT,
        Text("怎样才能做得更好？", "What should we do better?"),
        asked_if=AnyOf((Scored("stars", at_most=3), Scored("nps", at_most=6))),
    )
    phone = Question(
        "phone",
        Kind.PHONE,
        Text("需要我们联系您吗？请留下手机号。", "Should we get back to you? Leave your phone number."),
        help=Text("可以不填。", "You don’t have to."),
    )
    return list(serialise(Definition((stars, liked, disliked, nps, better, phone)))["questions"])


def profile_rows(_channels: Iterable[ChannelChoice]) -> Rows:
    """Five questions on who comes, how often, with whom and from where."""
    often = ("often", "您多久来一次？", "How often do you come?", (
        ("first", "今天是第一次", "Today is the first time"), ("rarely", "一年几次", "A few times a year"),
        ("monthly", "每月一两次", "Once or twice a month"), ("weekly", "每周都来", "Every week"),
    ))  # fmt: skip
    company = ("company", "今天和谁一起来？", "Who are you here with today?", (
        ("alone", "自己", "By myself"), ("partner", "伴侣", "My partner"), ("family", "家人", "Family"),
        ("friends", "朋友", "Friends"), ("work", "同事或客户", "People from work"),
    ))  # fmt: skip
    nearby = ("nearby", "您今天从哪里来？", "Where did you come from today?", (
        ("home", "家里", "From home"), ("work", "公司或学校", "From work or school"),
        ("shopping", "逛街", "I was out shopping"), ("trip", "外地，来旅游或出差", "From out of town"),
    ))  # fmt: skip
    age = ("age", "您的年龄段是？", "How old are you?", (
        ("under18", "18岁以下", "Under 18"), ("18-24", "18–24岁", "18 to 24"), ("25-34", "25–34岁", "25 to 34"),
        ("35-49", "35–49岁", "35 to 49"), ("50", "50岁及以上", "50 or older"),
        ("unsaid", "不想说", "I’d rather not say"),
    ))  # fmt: skip
    questions = [
        Question(
            key,
            Kind.CHOICE,
            Text(zh_hans, en),
            # In the order as written: these are steps, or read best so.
            options=tuple(Option(name, Text(*words), is_pinned=True) for name, *words in options),
        )
        for key, zh_hans, en, options in (often, company, nearby, age)
    ]
    wish = Question("wish", Kind.TEXT, Text("您希望我们添什么？", "What would you like us to add?"))
    return list(serialise(Definition((*questions, wish)))["questions"])


def no_rows(_channels: Iterable[ChannelChoice]) -> Rows:
    return []


QUESTIONNAIRES: dict[str, Callable[[Iterable[ChannelChoice]], Rows]] = {
    "first_visit": first_visit_rows,
    "satisfaction": satisfaction_rows,
    "profile": profile_rows,
    "empty": no_rows,
}
