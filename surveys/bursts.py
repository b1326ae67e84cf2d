"""PURE. Whether answers of one place look as if no guests had given them; docs/one-answer.md gives the reasons.

Three things are looked at in each stretch of ten minutes, among the answers of one place from one network: that they
are many, that they were given faster than anybody reads, and that they are the same again and again. One of them alone
says nothing: a full house shares a Wi-Fi, some guests are quick, many say the same. Two of them together are flagged,
and of the answers only the fast ones and those alike, not whoever sat beside.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from surveys.definition import Definition, Kind

STRETCH = timedelta(minutes=10)
MANY = 10
HASTY = 5  # at least, and half of all in the stretch
ALIKE = 6  # in a row
LEAST_ANSWERS = 3  # in fewer, guests agree by chance
A_TAP = 1.0  # seconds for a page: to load, to touch the answer and the button
SIGNS_A_SECOND = {"zh-hans": 20, "en": 70}  # three times as fast as adults read


@dataclass(frozen=True)
class Given:
    """One answer. ``seconds`` from shown to submitted; None where no page of ours was shown."""

    pk: UUID
    at: datetime
    seconds: float | None
    least: float
    answers: Mapping[str, Any]

    @property
    def is_hasty(self) -> bool:
        return self.seconds is not None and self.seconds < self.least

    @property
    def content(self) -> str:
        """What was answered, to be compared; of too little nothing, which is like nothing else."""
        return json.dumps(self.answers, sort_keys=True) if len(self.answers) >= LEAST_ANSWERS else ""


@dataclass
class Found:
    """Suspicious answers, with the most of each that came together in a stretch."""

    answers: set[UUID]
    first_at: datetime
    last_at: datetime
    together: int
    hasty: int
    alike: int

    def join(self, other: "Found") -> None:
        self.answers |= other.answers
        self.first_at, self.last_at = min(self.first_at, other.first_at), max(self.last_at, other.last_at)
        self.together = max(self.together, other.together)
        self.hasty, self.alike = max(self.hasty, other.hasty), max(self.alike, other.alike)


def least_seconds(definition: Definition, answers: Mapping[str, object], language: str) -> float:
    """Return how long somebody takes at least who reads the questions that were asked, and nothing else."""
    asked = [question for question in definition.asked(answers) if question.kind is not Kind.STATEMENT]
    signs = sum(len(question.label.in_language(language)) for question in asked)
    return A_TAP * len(asked) + signs / SIGNS_A_SECOND.get(language, max(SIGNS_A_SECOND.values()))


def bursts(given: Iterable[Given]) -> list[Found]:
    """Return what is suspicious among the answers of one place from one network."""
    rows = sorted(given, key=lambda one: (one.at, str(one.pk)))
    found: list[Found] = []
    begin = 0
    for end in range(len(rows)):
        while rows[end].at - rows[begin].at > STRETCH:
            begin += 1
        if (one := _judged(rows, begin, end)) is None:
            continue
        if found and one.first_at - found[-1].last_at <= STRETCH:
            found[-1].join(one)
        else:
            found.append(one)
    return found


def _judged(rows: Sequence[Given], begin: int, end: int) -> Found | None:
    """Judge the stretch that ends with the answer ``end``."""
    together = end - begin + 1
    if together < HASTY:
        return None
    hasty = [row for row in rows[begin : end + 1] if row.is_hasty]
    alike = _alike(rows, begin, end)
    is_many, is_hasty = together >= MANY, len(hasty) >= max(HASTY, together / 2)
    is_alike = len(alike) >= ALIKE
    if is_many + is_hasty + is_alike < 2:
        return None
    suspects = (hasty if is_hasty else []) + (alike if is_alike else [])
    times = [row.at for row in suspects]
    return Found({row.pk for row in suspects}, min(times), max(times), together, len(hasty), len(alike))


def _alike(rows: Sequence[Given], begin: int, end: int) -> list[Given]:
    """Return the answers in a row, up to the last, that say the same."""
    first = end
    while first > begin and rows[end].content and rows[first - 1].content == rows[end].content:
        first -= 1
    return list(rows[first : end + 1]) if rows[end].content else []
