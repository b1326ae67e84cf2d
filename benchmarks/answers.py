"""A survey of ten questions with as many answers as are wanted, written in columns; for the benchmarks of surveys."""

import json
from typing import Any

import numpy as np

from benchmarks.filling import DAYS, insert, moments, quick, uuids

STORES = 20
CHANNELS = ("douyin", "xiaohongshu", "metro", "friends", "nearby")
DISHES = ("tea", "noodles", "cake", "rice")
WORDS = ("上菜很快，味道好", "waited too long", "很喜欢新的口味，会再来", "friendly staff", "价格有点高")
ROWS = 100_000  # made at once
QUESTIONS: list[dict[str, Any]] = [
    {"key": "heard", "kind": "channel", "required": True,
     "options": [*CHANNELS, {"key": "dont_remember", "pinned": True}]},
    {"key": "visits", "kind": "choice", "options": ["first", "second", "often"]},
    {"key": "ate", "kind": "multiple", "options": list(DISHES)},
    {"key": "taste", "kind": "stars"},
    {"key": "wait", "kind": "scale", "least": 1, "most": 7,
     "least_label": {"zh-hans": "太久", "en": "too long"}, "most_label": {"zh-hans": "很快", "en": "no wait"}},
    {"key": "nps", "kind": "nps"},
    {"key": "people", "kind": "number", "least": 1, "most": 20},
    {"key": "last", "kind": "date"},
    {"key": "dish", "kind": "text"},
    {"key": "why", "kind": "longtext"},
]  # fmt: skip


def definition() -> dict[str, Any]:
    """Return the questionnaire as a file holds it."""
    return {"questions": [_question(question) for question in QUESTIONS]}


def _question(question: dict[str, Any]) -> dict[str, Any]:
    written = question | {"label": {"zh-hans": f"问题 {question['key']}", "en": f"The question {question['key']}"}}
    if options := question.get("options"):
        keyed = [option if isinstance(option, dict) else {"key": option} for option in options]
        written["options"] = [one | {"label": {"zh-hans": f"选项 {one['key']}", "en": one["key"]}} for one in keyed]
    return written


def fill(responses: int) -> Any:
    """Make the tables, a survey and so many submitted responses of two years, each by a guest of its own."""
    from django.core.management import call_command
    from django.db import transaction

    call_command("migrate", verbosity=0)
    quick()
    rng = np.random.default_rng(2)
    with transaction.atomic():
        survey, version, places = _small_tables()
        for first in range(0, responses, ROWS):
            _rows(rng, first, min(ROWS, responses - first), version, places)
    return survey


def _small_tables() -> tuple[Any, Any, Any]:
    from attribution.customers.models import Store
    from attribution.evidence.models import Channel
    from surveys.actions import publish_version
    from surveys.definition import parse
    from surveys.models import Placement, Survey

    stores = Store.objects.bulk_create(Store(code=f"store-{n}", name_en=f"Store {n}") for n in range(STORES))
    Channel.objects.bulk_create(Channel(slug=slug, name_en=slug, kind="other") for slug in CHANNELS)
    survey = Survey.objects.create(name_zh_hans="问卷", name_en="Survey")
    version = publish_version(survey=survey, definition=parse(definition()))
    places = Placement.objects.bulk_create(Placement(survey=survey, store=store) for store in stores)
    return survey, version, np.array([place.pk for place in places])


def _rows(rng: Any, first: int, size: int, version: Any, places: Any) -> None:
    from attribution.customers.models import Customer
    from surveys.models import ChoiceChannel, Response

    ago = rng.integers(86_400, DAYS * 86_400, size)
    heard = rng.integers(0, len(CHANNELS) + 1, size)
    nps = rng.integers(0, 11, size)
    stars = rng.integers(1, 6, size)
    choices = {choice.option_key: choice.pk for choice in ChoiceChannel.objects.all()}
    choice = [choices[CHANNELS[place]] if place < len(CHANNELS) else None for place in heard]
    customers = np.arange(first + 1, first + size + 1)
    insert(Customer, id=customers, uuid=uuids(size), joined_at=moments(ago))
    insert(
        Response,
        uuid=uuids(size),
        placement_id=places[rng.integers(0, len(places), size)],
        version_id=np.full(size, version.pk),
        language=np.where(rng.random(size) < 0.8, "zh-hans", "en"),
        shown_at=moments(ago + 90),
        started_at=moments(ago + 80),
        submitted_at=moments(ago),
        received_at=moments(ago),
        customer_id=customers,
        answers=_answers(rng, heard, nps, stars),
        choice_id=choice,
        nps=nps,
        csat=stars,
        has_dont_remember=heard == len(CHANNELS),
        steps=np.full(size, " ".join(f"{question['key']}+" for question in QUESTIONS)),
    )


def _answers(rng: Any, heard: Any, nps: Any, stars: Any) -> list[str]:
    size, slugs = len(heard), (*CHANNELS, "dont_remember")
    first, second = rng.integers(0, 4, size), rng.integers(0, 4, size)
    drawn = zip(
        heard.tolist(), rng.integers(0, 3, size).tolist(), first.tolist(), second.tolist(), stars.tolist(),
        rng.integers(1, 8, size).tolist(), nps.tolist(), rng.integers(1, 9, size).tolist(),
        rng.integers(0, 5, size).tolist(), strict=True,
    )  # fmt: skip
    return [
        json.dumps(
            {
                "heard": slugs[one], "visits": ("first", "second", "often")[often],
                "ate": sorted({DISHES[dish], DISHES[other]}), "taste": star, "wait": wait, "nps": score,
                "people": people, "last": f"2026-0{people}-1{words}", "dish": DISHES[dish], "why": WORDS[words],
            },
            ensure_ascii=False,
        )
        for one, often, dish, other, star, wait, score, people, words in drawn
    ]  # fmt: skip
