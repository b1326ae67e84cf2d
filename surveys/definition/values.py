"""Questions, options, branching, the order in which options are shown, and the check of one set of answers.

Answers are a flat mapping: a question's key leads to an option's key (channel, choice), a whole number (nps) or text;
``<key>.text`` leads to what was typed beside an option that takes text. Labels are never stored, so that a changed
word or another language does not split an answer in two. A phone number is never among the answers.
"""

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

LANGUAGES = ("zh-hans", "en")
OTHER, DONT_REMEMBER = "other", "dont_remember"
LONGEST_ANSWER = 500  # characters
BEST_SCORE = 10

Answers = dict[str, str | int]


class Kind(StrEnum):
    CHANNEL = "channel"  # one choice; its options may mean channels
    CHOICE = "choice"
    TEXT = "text"
    NPS = "nps"  # 0 to 10
    PHONE = "phone"  # a number and a consent, both kept apart from the answers


class AnswersRefused(ValueError):
    """What is wrong with the answers: ``errors`` leads from a question's key to one code.

    ``required`` · ``unknown_question`` · ``not_asked`` (another branch) · ``unknown_option`` · ``not_a_score`` ·
    ``not_text`` · ``too_long`` · ``phone_apart`` (a phone number has a field of its own)
    """

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        super().__init__(", ".join(f"{key}: {code}" for key, code in errors.items()))


@dataclass(frozen=True)
class Text:
    """One wording in both languages."""

    zh_hans: str
    en: str

    def in_language(self, language: str) -> str:
        return self.zh_hans if language.startswith("zh") else self.en


@dataclass(frozen=True)
class Option:
    key: str
    label: Text
    is_pinned: bool = False  # stays at the end, in the order of the definition
    takes_text: bool = False


@dataclass(frozen=True)
class Condition:
    """Asked only of those who chose one of ``options`` at the earlier ``question``."""

    question: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    key: str
    kind: Kind
    label: Text
    help: Text | None = None
    is_required: bool = False
    options: tuple[Option, ...] = ()
    asked_if: Condition | None = None

    def option(self, key: object) -> Option | None:
        return next((option for option in self.options if option.key == key), None)

    def shown_order(self, seed: str) -> tuple[str, ...]:
        """Return the options' keys as they are shown for ``seed``: a fair permutation, the pinned ones last.

        The same seed gives the same order everywhere and for ever, so nobody has to be believed about it.
        """
        drawn = [option.key for option in self.options if not option.is_pinned]
        drawn.sort(key=lambda key: hashlib.sha256(f"{seed}:{self.key}:{key}".encode()).digest())
        return (*drawn, *(option.key for option in self.options if option.is_pinned))

    def check(self, answers: Mapping[str, object]) -> Answers:
        """Return this question's own answers out of ``answers``, cleaned; raise :class:`AnswersRefused`."""
        given = answers.get(self.key)
        if self.kind is Kind.PHONE:
            self._refuse_if(given is not None, "phone_apart")
            return {}
        if given is None or (isinstance(given, str) and not given.strip()):
            self._refuse_if(self.is_required, "required")
            return {}
        if self.kind is Kind.NPS:
            return {self.key: self._score(given)}
        if self.kind is Kind.TEXT:
            return {self.key: self._text(given)}
        option = self.option(given)
        if option is None:
            raise AnswersRefused({self.key: "unknown_option"})
        clean: Answers = {self.key: option.key}
        if option.takes_text and (typed := self._text(answers.get(text_key(self.key), ""))):
            clean[text_key(self.key)] = typed
        return clean

    def _refuse_if(self, wrong: bool, code: str) -> None:
        if wrong:
            raise AnswersRefused({self.key: code})

    def _score(self, given: object) -> int:
        # A form sends text, the API a number; 7.0, True and "７" are neither.
        plain = str(given) if isinstance(given, int | str) and not isinstance(given, bool) else ""
        if not (plain.isascii() and plain.isdigit() and len(plain) <= 2 and int(plain) <= BEST_SCORE):
            raise AnswersRefused({self.key: "not_a_score"})
        return int(plain)

    def _text(self, given: object) -> str:
        if not isinstance(given, str):
            raise AnswersRefused({self.key: "not_text"})
        clean = clean_text(given)
        self._refuse_if(len(clean) > LONGEST_ANSWER, "too_long")
        return clean


@dataclass(frozen=True)
class Definition:
    questions: tuple[Question, ...]
    _by_key: dict[str, Question] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_key", {question.key: question for question in self.questions})

    def question(self, key: str) -> Question | None:
        return self._by_key.get(key)

    def first_of(self, kind: Kind) -> Question | None:
        return next((question for question in self.questions if question.kind is kind), None)

    def asked(self, answers: Mapping[str, object]) -> tuple[Question, ...]:
        """Return the questions that somebody who answers so is asked, in order."""
        return tuple(question for question in self.questions if _is_asked(question, answers))

    def without_unasked(self, answers: Mapping[str, object]) -> dict[str, object]:
        """Return the answers without those to another branch: a guest who changes a choice leaves the old branch."""
        kept: dict[str, object] = {}
        for question in self.questions:
            if _is_asked(question, kept):
                own = (question.key, text_key(question.key))
                kept |= {key: answers[key] for key in own if key in answers}
        return kept

    def validate(self, answers: Mapping[str, object]) -> Answers:
        """Return a whole set of answers, cleaned; raise :class:`AnswersRefused` naming every question that is wrong."""
        errors: dict[str, str] = {}
        clean: Answers = {}
        for question in self.questions:
            if not _is_asked(question, clean):
                if answers.get(question.key) is not None:
                    errors[question.key] = "not_asked"
                continue
            try:
                clean |= question.check(answers)
            except AnswersRefused as refused:
                errors |= refused.errors
        known = {key for question in self.questions for key in (question.key, text_key(question.key))}
        errors |= {key: "unknown_question" for key in answers if key not in known}
        if errors:
            raise AnswersRefused(errors)
        return clean

    def shown_order(self, seed: str) -> dict[str, list[str]]:
        """Return for each question with options in which order ``seed`` shows them."""
        return {question.key: list(question.shown_order(seed)) for question in self.questions if question.options}


def text_key(question_key: str) -> str:
    """Return the key of what was typed beside an option; no question's key holds a full stop."""
    return f"{question_key}.text"


def clean_text(typed: str) -> str:
    """Return what was typed on one line, composed (NFC), without control characters and halves of characters."""
    spaced = "".join(" " if character.isspace() else character for character in typed)
    kept = "".join(character for character in spaced if unicodedata.category(character) not in {"Cc", "Cs"})
    return " ".join(unicodedata.normalize("NFC", kept).split())


def _is_asked(question: Question, answers: Mapping[str, object]) -> bool:
    condition = question.asked_if
    return condition is None or answers.get(condition.question) in condition.options
