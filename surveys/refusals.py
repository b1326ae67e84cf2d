"""Answers that are refused, in words: to a guest what to do, to a program what was wrong and where."""

from collections.abc import Mapping
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from attribution.errors import DomainError
from sheets.display import locale_of
from surveys.definition import (
    LONGEST_ANSWER,
    LONGEST_STORY,
    SCORES,
    WITH_OPTIONS,
    AnswersRefused,
    BadDefinition,
    Definition,
    Kind,
    Question,
    first_and_last,
    least_and_most,
)

WORDS: dict[str, Promise] = {
    "required": _("Please choose an answer."),
    "left_empty": _("Please fill this in."),
    "unknown_option": _("Please choose one of these answers."),
    "unknown_question": _("There is no such question."),
    "not_asked": _("This question is not asked after these answers."),
    "not_alone": _("“%(alone)s” cannot go with another answer. Please choose either it or the others."),
    "too_few": _("Please choose at least %(least)s."),
    "too_many": _("Please choose at most %(most)s."),
    "not_a_score": _("Please choose a number from %(least)s to %(most)s."),
    "not_a_number": _("Please write a number, as in %(example)s."),
    "too_exact": _("Please round your number, as in %(example)s."),
    "too_small": _("Please write a number that is at least %(least)s."),
    "too_large": _("Please write a number that is at most %(most)s."),
    "not_a_date": _("Please write a day, as in 2026-03-02."),
    "too_early": _("Please choose a day that is not before %(first)s."),
    "too_late": _("Please choose a day that is not after %(last)s."),
    "not_text": _("Please write text."),
    "too_long": _("Please write at most %(longest)s characters."),
    "phone_apart": _("A phone number is sent in its own field, never among the answers."),
    "email_apart": _("An e-mail address is sent in its own field, never among the answers."),
    "phone_missing": _("Write your phone number, or finish without it."),
    "email_missing": _("Write your e-mail address, or finish without it."),
}
# To a program, by name.
API_WORDS: dict[str, Promise] = {
    "required": _("%(question)s has no answer."),
    "unknown_option": _("“%(given)s” is not one of the answers to %(question)s."),
    "unknown_question": _("There is no question %(question)s."),
    "not_a_list": _("The answer to %(question)s is a list of options."),
    "nothing_to_answer": _("%(question)s is a statement and has no answer."),
}
HINTS: dict[str, Promise] = {
    "several": _("You can choose several."),
    "exactly": _("Choose %(most)s."),
    "between": _("Choose %(least)s to %(most)s."),
    "at_least": _("Choose at least %(least)s."),
    "at_most": _("Choose up to %(most)s."),
    "number": _("A number from %(least)s to %(most)s."),
}


def in_words(code: str, question: Question) -> str:
    """Return what to do about an answer, in the reader's language."""
    is_written = question.kind not in WITH_OPTIONS | SCORES
    return str(WORDS["left_empty" if code == "required" and is_written else code]) % _values(question)


def hint(question: Question) -> str:
    """Return what can be answered, where the page does not show it otherwise."""
    least, most = question.least, question.most
    if question.kind is Kind.NUMBER and most is not None:
        return str(HINTS["number"]) % _values(question)
    if question.kind is not Kind.MULTIPLE:
        return ""
    if least is None or least == 1:
        name = "several" if most is None else "at_most"
    else:
        name = "at_least" if most is None else "between"
    return str(HINTS["exactly" if most is not None and most == (least or 1) else name]) % _values(question)


def problem_in_words(error: BadDefinition) -> str:
    """Return what is wrong with a definition, and where, in the reader's language."""
    words = gettext(error.problem)
    return f"{error.path}: {words % error.params if error.params else words}"


class BadAnswers(DomainError):
    """Answers that do not fit their questionnaire; ``errors`` has a code for each question that is wrong."""

    def __init__(self, refused: AnswersRefused, answers: Mapping[str, object], definition: Definition) -> None:
        self.errors = refused.errors
        key, code = next(iter(refused.errors.items()))
        self.code = code
        words = API_WORDS.get(code) or WORDS[code]
        question = definition.question(key)
        values = {} if question is None else _values(question)
        given = str(answers.get(key, ""))[:40]
        super().__init__(words, field=f"answers.{key[:60]}", **values | {"question": key[:60], "given": given})


def _values(question: Question) -> dict[str, Any]:
    """Return all that the words above may say of a question."""
    locale = locale_of(get_language() or "zh-hans")
    points = question.points or least_and_most(question)
    first, last = first_and_last(question)
    return {
        "least": format_decimal(points[0], locale=locale),
        "most": format_decimal(points[-1], locale=locale),
        "longest": LONGEST_STORY if question.kind is Kind.LONGTEXT else LONGEST_ANSWER,
        "example": "12.3456"[: 3 + question.decimals] if question.decimals else "12",
        "first": format_date(first, "long", locale=locale),
        "last": format_date(last, "long", locale=locale),
        "alone": _alone(question),
    }


def _alone(question: Question) -> str:
    option = next((option for option in question.options if option.is_exclusive), None)
    return option.label.in_language(get_language() or "zh-hans") if option else ""
