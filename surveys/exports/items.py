"""PURE. Responses as the rows of a file: what was asked for, what a response says, and why an answer is missing.

The columns are the union of those of all versions, in the order and the words of the newest one that has them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from surveys.definition import Definition, Kind, Option, Question, Text
from surveys.definition.kinds import MEASURED, SILENT

MASKED = "•••"  # in place of what a guest wrote: that something was written, and not what


class Missing(StrEnum):
    NOT_ASKED = "not_asked"  # another branch, or a version without the question
    SKIPPED = "skipped"  # shown, and left without an answer
    NOT_REACHED = "not_reached"  # the guest had left by then


NUMBERS = {Missing.NOT_ASKED: -97, Missing.SKIPPED: -98, Missing.NOT_REACHED: -99}


@dataclass(frozen=True)
class Asked:
    """How somebody wants responses written.

    ``format`` xlsx, csv, gbk · ``shape`` wide (a row a response), long (a row an answer) · ``labels`` zh-hans, en,
    keys · ``missing`` empty, codes · ``with_left`` also those that were begun and not submitted · ``is_raw`` with
    guests' own words, their numbers, receipts and coupons.
    """

    format: str = "xlsx"
    shape: str = "wide"
    labels: str = "en"
    missing: str = "empty"
    with_left: bool = False
    is_raw: bool = False

    def words(self, text: Text) -> str:
        return text.plain("zh-hans" if self.labels == "zh-hans" else "en")


class Place(NamedTuple):
    """What stands in a file about where a response was given."""

    store_code: str
    store: str
    spot: str
    mode: str
    mode_label: str
    zone: tzinfo


class Said(NamedTuple):
    """One response, as it is read from the database."""

    uuid: UUID
    version: int  # its id
    placement: int
    shown_at: datetime
    started_at: datetime | None
    submitted_at: datetime | None
    received_at: datetime | None
    language: str
    receipt: str
    source: str
    arm: str
    customer: UUID | None
    channel: int | None
    coupon: str | None
    chose_placebo: bool | None
    repeats: str
    set_aside_at: datetime | None
    steps: str
    answers: Mapping[str, Any]
    codes: Mapping[str, str]


@dataclass
class Item:
    """A question over all versions: its newest wording, and every option that it ever had."""

    name: str
    question: Question
    options: dict[str, Option] = field(default_factory=dict)
    versions: list[int] = field(default_factory=list)  # numbers

    @property
    def kind(self) -> Kind:
        return self.question.kind

    @property
    def takes_text(self) -> bool:
        return any(option.takes_text for option in self.options.values())

    @property
    def is_measured(self) -> bool:
        return self.kind in MEASURED


def items(versions: Iterable[tuple[int, Definition]]) -> list[Item]:
    """Return the questions that leave answers, out of (number, questionnaire) with the newest first.

    A key that is another kind of question in another version is another item, called ``key@kind``.
    """
    found: dict[tuple[str, Kind], Item] = {}
    names: set[str] = set()
    for number, definition in versions:
        for question in definition.questions:
            if question.kind in SILENT:
                continue
            item = found.get((question.key, question.kind))
            if item is None:
                name = question.key if question.key not in names else f"{question.key}@{question.kind}"
                names.add(name)
                item = found[question.key, question.kind] = Item(name, question)
            item.versions.insert(0, number)
            for option in question.options:
                item.options.setdefault(option.key, option)
    return list(found.values())


def missing_numbers(asked: Sequence[Item]) -> dict[Missing, int]:
    """Return the number that stands for each reason, one that no answer can be."""
    least = min((item.question.least or 0 for item in asked if item.is_measured), default=0)
    far = 2_000_000_000 if least <= NUMBERS[Missing.NOT_ASKED] else 0
    return {reason: number - far for reason, number in NUMBERS.items()}


class Way:
    """How far a guest came, to say of each question without an answer why it has none."""

    def __init__(self, definition: Definition, said: Said) -> None:
        self._places = {question.key: place for place, question in enumerate(definition.questions)}
        self._asked = {question.key for question in definition.asked(said.answers)}
        seen = [step[:-1] for step in said.steps.split()]  # without the sign of how it was left
        # Before the way was kept, the last answer says how far at least.
        reached = [self._places[key] for key in (*seen, *said.answers) if key in self._places]
        self._last = len(self._places) if said.received_at else max(reached, default=-1)

    def why(self, key: str) -> Missing:
        place = self._places.get(key)
        if place is None:
            return Missing.NOT_ASKED
        if place > self._last:
            return Missing.NOT_REACHED
        return Missing.SKIPPED if key in self._asked else Missing.NOT_ASKED
