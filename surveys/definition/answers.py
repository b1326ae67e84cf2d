"""The check of one answer, kind by kind: what comes in from a form or a program, and what is kept of it."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from surveys.definition.kinds import (
    LARGEST_NUMBER,
    LONGEST_ANSWER,
    LONGEST_STORY,
    SCORES,
    SILENT,
    WITH_OPTIONS,
    Kind,
)

if TYPE_CHECKING:
    from surveys.definition.values import Option, Question

Cleaned = dict[str, str | int | float | list[str]]

EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)
NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3}){1,4}|\d{1,15})(\.\d{1,10})?")
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
LONGEST_TYPED = 40  # of a number or a date; whatever is longer is neither


class AnswersRefused(ValueError):
    """What is wrong with the answers: ``errors`` leads from a question's key to one code.

    ``required`` · ``unknown_question`` · ``not_asked`` (another branch) · ``unknown_option`` · ``not_a_list`` ·
    ``not_alone`` (an exclusive option beside another) · ``too_few`` · ``too_many`` · ``not_a_score`` ·
    ``not_a_number`` · ``too_exact`` · ``too_small`` · ``too_large`` · ``not_a_date`` · ``too_early`` · ``too_late`` ·
    ``not_text`` · ``too_long`` · ``phone_apart``, ``email_apart`` (these have fields of their own) ·
    ``nothing_to_answer`` (a statement)
    """

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        super().__init__(", ".join(f"{key}: {code}" for key, code in errors.items()))


def clean_answer(question: "Question", answers: Mapping[str, object]) -> Cleaned:
    """Return the question's own answers out of ``answers``, cleaned; raise :class:`AnswersRefused`."""
    given = answers.get(question.key)
    if question.kind in SILENT:
        code = "nothing_to_answer" if question.kind is Kind.STATEMENT else f"{question.kind}_apart"
        _refuse_if(given is not None, question, code)
        return {}
    if given is None or given == [] or (isinstance(given, str) and not given.strip()):
        _refuse_if(question.is_required, question, "required")
        return {}
    if question.kind in WITH_OPTIONS:
        return _chosen(question, given, answers.get(text_key(question.key), ""))
    clean = _WAYS[question.kind](question, given)
    _refuse_if(clean == "" and question.is_required, question, "required")
    return {} if clean == "" else {question.key: clean}


def least_and_most(question: "Question") -> tuple[int, int]:
    """Return between which numbers an answer must lie, or how many options may be chosen."""
    if question.kind is Kind.MULTIPLE:
        return question.least or 1, question.most or len(question.options)
    most = LARGEST_NUMBER if question.most is None else question.most
    return question.least or 0, most


def first_and_last(question: "Question") -> tuple[date, date]:
    """Return between which days an answer must lie."""
    return question.earliest or EARLIEST, question.latest or LATEST


def text_key(question_key: str) -> str:
    """Return the key of what was typed beside an option; no question's key holds a full stop."""
    return f"{question_key}.text"


def clean_text(typed: str) -> str:
    """Return what was typed on one line, composed (NFC), without control characters and halves of characters."""
    spaced = "".join(" " if character.isspace() else character for character in typed)
    kept = "".join(character for character in spaced if unicodedata.category(character) not in {"Cc", "Cs"})
    return " ".join(unicodedata.normalize("NFC", kept).split())


def clean_story(typed: str) -> str:
    """Return what was typed on many lines, each cleaned, with at most one empty line between two."""
    lines = "\n".join(clean_text(line) for line in typed.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")


def _refuse_if(wrong: bool, question: "Question", code: str) -> None:
    if wrong:
        raise AnswersRefused({question.key: code})


def _chosen(question: "Question", given: object, typed: object) -> Cleaned:
    clean: Cleaned
    if question.kind is Kind.MULTIPLE:
        chosen = _several(question, given)
        clean = {question.key: [option.key for option in chosen]}
    else:
        option = question.option(given)
        if option is None:
            raise AnswersRefused({question.key: "unknown_option"})
        chosen = [option]
        clean = {question.key: option.key}
    if any(option.takes_text for option in chosen) and (words := _text(question, typed)):
        clean[text_key(question.key)] = words
    return clean


def _several(question: "Question", given: object) -> "list[Option]":
    if not isinstance(given, list):
        raise AnswersRefused({question.key: "not_a_list"})
    _refuse_if(any(question.option(key) is None for key in given), question, "unknown_option")
    chosen = [option for option in question.options if option.key in given]
    if any(option.is_exclusive for option in chosen):
        _refuse_if(len(chosen) > 1, question, "not_alone")
        return chosen
    least, most = least_and_most(question)
    _refuse_if(len(chosen) < least, question, "too_few")
    _refuse_if(len(chosen) > most, question, "too_many")
    return chosen


def _score(question: "Question", given: object) -> int:
    # A form sends text, the API a number; 7.0, True and "７" are neither.
    plain = str(given) if isinstance(given, int | str) and not isinstance(given, bool) else ""
    if plain not in {str(point) for point in question.points}:
        raise AnswersRefused({question.key: "not_a_score"})
    return int(plain)


def _number(question: "Question", given: object) -> int | float:
    plain = _typed(given) if isinstance(given, int | float | str) and not isinstance(given, bool) else ""
    _refuse_if(not NUMBER.fullmatch(plain), question, "not_a_number")
    value = Decimal(plain.replace(",", ""))
    _refuse_if(value != round(value, question.decimals), question, "too_exact")
    least, most = least_and_most(question)
    _refuse_if(value < least, question, "too_small")
    _refuse_if(value > most, question, "too_large")
    return int(value) if value == int(value) else float(value)


def _date(question: "Question", given: object) -> str:
    found = DAY.fullmatch(_typed(given)) if isinstance(given, str) else None
    if found is None:
        raise AnswersRefused({question.key: "not_a_date"})
    try:
        day = date(*(int(part) for part in found.groups()))
    except ValueError:
        raise AnswersRefused({question.key: "not_a_date"}) from None
    first, last = first_and_last(question)
    _refuse_if(day < first, question, "too_early")
    _refuse_if(day > last, question, "too_late")
    return day.isoformat()


def _text(question: "Question", given: object) -> str:
    if not isinstance(given, str):
        raise AnswersRefused({question.key: "not_text"})
    is_long = question.kind is Kind.LONGTEXT
    clean = clean_story(given) if is_long else clean_text(given)
    _refuse_if(len(clean) > (LONGEST_STORY if is_long else LONGEST_ANSWER), question, "too_long")
    return clean


def _typed(given: object) -> str:
    """Return a number or a date as it was typed, full-width characters made narrow; nothing where it is too long."""
    plain = str(given).strip()
    return unicodedata.normalize("NFKC", plain) if len(plain) <= LONGEST_TYPED else ""


_WAYS: "dict[Kind, Callable[[Question, object], str | int | float]]" = {
    **dict.fromkeys(SCORES, _score),
    Kind.NUMBER: _number,
    Kind.TEXT: _text,
    Kind.LONGTEXT: _text,
    Kind.DATE: _date,
}
