"""Questions, options, branching and the order in which options are shown.

Answers are a flat mapping. A question's key leads to an option's key (channel, choice), a list of them in the
definition's order (multiple), a number (scale, nps, stars, number), an ISO date or text; ``<key>.text`` leads to what
was typed beside an option that takes text. Labels are never stored, so that a changed word or another language does
not split an answer in two. A phone number or an e-mail address is never among the answers.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from surveys.definition.answers import AnswersRefused, Cleaned, clean_answer, text_key
from surveys.definition.kinds import BEST_SCORE, DONT_REMEMBER, MOST_STARS, WITH_OPTIONS, Kind
from surveys.definition.piping import fill, plain
from surveys.definition.rules import Answers, Rule


@dataclass(frozen=True)
class Text:
    """One wording in both languages. ``{{key}}`` and ``{{key|other words}}`` stand for an earlier answer."""

    zh_hans: str
    en: str

    def in_language(self, language: str) -> str:
        return self.zh_hans if language.startswith("zh") else self.en

    def plain(self, language: str) -> str:
        """Return the wording without a guest's answers, for a report."""
        return plain(self.in_language(language))


@dataclass(frozen=True)
class Option:
    key: str
    label: Text
    is_pinned: bool = False  # stays at the end, in the order of the definition
    takes_text: bool = False
    icon: str = ""  # one emoji, for decoration
    is_exclusive: bool = False  # "none of these": chosen alone
    placebo: float | None = None  # names no real channel, and is shown to this share of guests


@dataclass(frozen=True)
class Question:
    """One question; ``least`` and ``most`` bound how many are chosen (multiple), the points (scale) or the number."""

    key: str
    kind: Kind
    label: Text
    help: Text | None = None
    is_required: bool = False
    options: tuple[Option, ...] = ()
    asked_if: Rule | None = None
    least: int | None = None
    most: int | None = None
    decimals: int = 0
    least_label: Text | None = None
    most_label: Text | None = None
    earliest: date | None = None
    latest: date | None = None

    def option(self, key: object) -> Option | None:
        return next((option for option in self.options if option.key == key), None)

    @property
    def points(self) -> tuple[int, ...]:
        """The scores that can be given; none where the answer is no score."""
        bounds = {Kind.NPS: (0, BEST_SCORE), Kind.STARS: (1, MOST_STARS), Kind.SCALE: (self.least or 0, self.most or 0)}
        first, last = bounds.get(self.kind, (0, -1))
        return tuple(range(first, last + 1))

    def shown_order(self, seed: str) -> tuple[str, ...]:
        """Return the options' keys as they are shown for ``seed``: a fair permutation, the pinned ones last.

        A placebo is left out but for its share of seeds. The same seed gives the same order everywhere and for ever,
        so nobody has to be believed about it.
        """
        shown = [option for option in self.options if option.placebo is None or self._draws(option, seed)]
        drawn = [option.key for option in shown if not option.is_pinned]
        drawn.sort(key=lambda key: hashlib.sha256(f"{seed}:{self.key}:{key}".encode()).digest())
        return (*drawn, *(option.key for option in shown if option.is_pinned))

    def _draws(self, option: Option, seed: str) -> bool:
        drawn = hashlib.sha256(f"{seed}:{self.key}:{option.key}:placebo".encode()).digest()
        return int.from_bytes(drawn[:6]) < (option.placebo or 0) * 2**48

    def place_of(self, chosen: object, shown: Sequence[str]) -> tuple[int, int] | None:
        """Return at which place (from 0) of how many drawn ones the chosen option stood in the order ``shown``.

        None for a pinned option, which always stands at the end, and for one that was not shown.

        Examples
        --------
        >>> tea, milk, other = (Option(key, Text(key, key), key == "other") for key in ("tea", "milk", "other"))
        >>> question = Question("q", Kind.CHOICE, Text("?", "?"), options=(tea, milk, other))
        >>> question.place_of("milk", ["milk", "tea", "other"]), question.place_of("other", ["milk", "tea", "other"])
        ((0, 2), None)
        """
        pinned = {option.key for option in self.options if option.is_pinned}
        drawn = [key for key in shown if key not in pinned]
        return (drawn.index(chosen), len(drawn)) if chosen in drawn else None

    def chose_placebo(self, chosen: object, shown: Sequence[str]) -> bool | None:
        """Return whether a placebo was chosen; None if none was shown, as far as is known.

        Whoever says to have heard of the shop where it never was answers carelessly: the share of those who do so,
        among all who were shown a placebo, tells how much of the other answers to believe.
        """
        placebos = {option.key for option in self.options if option.placebo is not None}
        if chosen in placebos:
            return True
        return False if placebos.intersection(shown) else None

    def check(self, answers: Mapping[str, object]) -> Cleaned:
        """Return this question's own answers out of ``answers``, cleaned; raise :class:`AnswersRefused`."""
        return clean_answer(self, answers)


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

    def asked(self, answers: Answers) -> tuple[Question, ...]:
        """Return the questions that somebody who answers so is asked, in order."""
        return tuple(question for question, _own in self._walk(answers))

    def without_unasked(self, answers: Answers) -> dict[str, object]:
        """Return the answers without those to another branch: a guest who changes a choice leaves the old branch."""
        return {key: value for _question, own in self._walk(answers) for key, value in own.items()}

    def _walk(self, answers: Answers) -> list[tuple[Question, dict[str, object]]]:
        """Return each question that is asked with its own answers; what no longer is asked counts for no rule."""
        walked: list[tuple[Question, dict[str, object]]] = []
        kept: dict[str, object] = {}
        for question in self.questions:
            if question.asked_if is None or question.asked_if.holds(kept):
                own = {key: answers[key] for key in (question.key, text_key(question.key)) if key in answers}
                walked.append((question, own))
                kept |= own
        return walked

    def validate(self, answers: Answers) -> Cleaned:
        """Return a whole set of answers, cleaned; raise :class:`AnswersRefused` naming every question that is wrong."""
        errors: dict[str, str] = {}
        clean: Cleaned = {}
        for question in self.questions:
            if question.asked_if is not None and not question.asked_if.holds(clean):
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

    def forgot(self, answers: Answers) -> bool:
        """Return whether anything chosen says that the guest does not remember."""
        asked = (answers.get(question.key) for question in self.questions if question.kind in WITH_OPTIONS)
        return any(DONT_REMEMBER in chosen if isinstance(chosen, list) else chosen == DONT_REMEMBER for chosen in asked)

    def words(self, text: Text, answers: Answers, language: str) -> str:
        """Return a label or help as a guest who has answered so reads it."""
        return fill(text.in_language(language), self._by_key, answers, language)

    def shown_order(self, seed: str) -> dict[str, list[str]]:
        """Return for each question with options in which order ``seed`` shows them."""
        return {question.key: list(question.shown_order(seed)) for question in self.questions if question.options}
