"""One step of the guest's page: a question as it is shown, what was typed into it, and what is wrong with that."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from attribution.customers.identities import BadPhone, normalise
from surveys.definition import AnswersRefused, Definition, Kind, Question, text_key
from surveys.errors import in_words
from surveys.tickets import Ticket

SCORES = tuple(str(score) for score in range(11))


@dataclass(frozen=True)
class Shown:
    """An option on the page."""

    key: str
    label: str
    takes_text: bool


@dataclass
class Step:
    """``answers`` are those stored so far; ``typed`` is what this page sent, kept whatever is wrong with it."""

    definition: Definition
    question: Question
    answers: Mapping[str, object]
    ticket: Ticket
    language: str
    typed: QueryDict | None = None
    error: str = ""

    # ── What the template shows ─────────────────────────────────────────────────────────────────────────────────────

    @property
    def template(self) -> str:
        kinds = {Kind.CHANNEL: "choice", Kind.CHOICE: "choice", Kind.NPS: "score", Kind.PHONE: "phone"}
        return f"guest/{kinds.get(self.question.kind, 'text')}.html"

    @property
    def label(self) -> str:
        return self.question.label.in_language(self.language)

    @property
    def help(self) -> str:
        return self.question.help.in_language(self.language) if self.question.help else ""

    @property
    def options(self) -> list[Shown]:
        shown = (self.question.option(key) for key in self.question.shown_order(self.ticket.seed))
        return [Shown(one.key, one.label.in_language(self.language), one.takes_text) for one in shown if one]

    @property
    def scores(self) -> tuple[str, ...]:
        return SCORES

    @property
    def value(self) -> str:
        """What is chosen or typed: now, or else as it was stored."""
        return self._sent("answer", self.question.key)

    @property
    def text(self) -> str:
        return self._sent("text", text_key(self.question.key))

    @property
    def phone(self) -> str:
        return self._sent("phone", "")

    @property
    def has_consent(self) -> bool:
        return bool(self._sent("consent", ""))

    @property
    def number(self) -> int:
        return self.asked.index(self.question) + 1

    @property
    def total(self) -> int:
        """How many questions there will be; where a first choice is still open, a clarification counts as coming."""
        branches = any(question.asked_if for question in self.definition.questions) and not self.answers
        return len(self.asked) + branches

    @property
    def is_last(self) -> bool:
        return self.asked[-1] == self.question

    @property
    def previous(self) -> Question | None:
        return self.asked[self.number - 2] if self.number > 1 else None

    @property
    def asked(self) -> tuple[Question, ...]:
        return self.definition.asked(self.answers)

    def _sent(self, field: str, stored: str) -> str:
        return str(self.answers.get(stored, "")) if self.typed is None else self.typed.get(field, "")

    # ── What was sent ───────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def leaves_phone(self) -> bool:
        assert self.typed is not None
        return self.question.kind is Kind.PHONE and self.typed.get("finish") != "without"

    def take(self) -> bool:
        """Put what was sent among the answers, or say in ``error`` what is wrong; return whether it is right."""
        assert self.typed is not None
        if self.question.kind is Kind.PHONE:
            self.error = self._wrong_phone() if self.leaves_phone else ""
            return not self.error
        own = {self.question.key: self.typed.get("answer", ""), text_key(self.question.key): self.typed.get("text", "")}
        try:
            clean = self.question.check(own)
        except AnswersRefused as refused:
            self.error = in_words(refused.errors[self.question.key])
            return False
        others = {key: value for key, value in self.answers.items() if key not in own}
        self.answers = self.definition.without_unasked({**others, **clean})
        return True

    def _wrong_phone(self) -> str:
        if not self.phone.strip():
            return in_words("phone_missing")
        try:
            normalise("phone", self.phone)
        except BadPhone as error:
            return str(error)
        return ""


def step_at(definition: Definition, wanted: str, answers: Mapping[str, object], ticket: Ticket, language: str) -> Step:
    """Return the step that was asked for, but none beyond a required question that is still open; else the first."""
    asked = definition.asked(answers)
    reachable: list[Question] = []
    for one in asked:
        reachable.append(one)
        if one.is_required and one.key not in answers:
            break
    fallback = reachable[-1] if wanted in {one.key for one in asked} else asked[0]
    question = next((one for one in reachable if one.key == wanted), fallback)
    return Step(definition, question, answers, ticket, language)
