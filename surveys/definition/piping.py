"""Earlier answers in a question's words: ``{{dish}}``, or ``{{dish|your meal}}`` where it may have been left out.

Whoever shows the words on a page escapes them as any other text.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from babel.dates import format_date
from babel.numbers import format_decimal

from sheets.display import locale_of
from surveys.definition.answers import text_key
from surveys.definition.kinds import WITH_OPTIONS, Kind

if TYPE_CHECKING:
    from surveys.definition.values import Question

REFERENCE = re.compile(r"\{\{([^{}|]*)(?:\|([^{}]*))?\}\}")
LONGEST_PIPED = 60  # of what was typed; a heading holds no more
ISOLATE, END = "\u2068", "\u2069"  # keep what is written from right to left from turning the words around it
RIGHT_TO_LEFT = {"R", "AL"}


class Reference(NamedTuple):
    key: str
    otherwise: str  # empty: the question is always answered


def references(wording: str) -> list[Reference]:
    """Return what a wording refers to.

    >>> references("How was {{dish|your meal}}, {{ name }}?")
    [Reference(key='dish', otherwise='your meal'), Reference(key='name', otherwise='')]
    """
    return [Reference(found[1].strip(), (found[2] or "").strip()) for found in REFERENCE.finditer(wording)]


def plain(wording: str) -> str:
    """Return the wording as it reads for nobody in particular: its other words, or dots.

    >>> plain("How was {{dish|your meal}}, {{name}}?")
    'How was your meal, …?'
    """
    return REFERENCE.sub(lambda found: (found[2] or "").strip() or "…", wording)


def fill(wording: str, questions: "Mapping[str, Question]", answers: Mapping[str, object], language: str) -> str:
    """Return the wording with the answers that it refers to, in the language of the page."""

    def one(found: re.Match[str]) -> str:
        question = questions.get(found[1].strip())
        said = "" if question is None else answer_in_words(question, answers, language)
        return said or (found[2] or "").strip()

    return REFERENCE.sub(one, wording)


def answer_in_words(question: "Question", answers: Mapping[str, object], language: str) -> str:
    """Return an answer as the guest would say it: a choice's label, a number, a day, what was typed; else nothing."""
    given = answers.get(question.key)
    if given is None:
        return ""
    if question.kind in WITH_OPTIONS:
        keys = given if isinstance(given, list) else [given]
        comma = "、" if language.startswith("zh") else ", "
        return comma.join(_option(question, key, answers, language) for key in keys)
    if question.kind is Kind.DATE:
        return str(format_date(date.fromisoformat(str(given)), "long", locale=locale_of(language)))
    if isinstance(given, int | float):
        return str(format_decimal(given, locale=locale_of(language)))
    return _typed(str(given))


def _option(question: "Question", key: object, answers: Mapping[str, object], language: str) -> str:
    option = question.option(key)
    if option is None:
        return ""
    words = answers.get(text_key(question.key)) if option.takes_text else None
    return _typed(str(words)) if words else option.label.in_language(language)


def _typed(words: str) -> str:
    line = " ".join(words.split())
    short = line if len(line) <= LONGEST_PIPED else line[: LONGEST_PIPED - 1] + "…"
    turns = any(unicodedata.bidirectional(character) in RIGHT_TO_LEFT for character in short)
    return f"{ISOLATE}{short}{END}" if turns else short
