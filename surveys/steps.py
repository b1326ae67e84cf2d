"""One step of the guest's page: a question as it is shown, what was typed into it, and what is wrong with that."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from attribution.customers.identities import BadIdentity, normalise
from surveys.definition import (
    LONGEST_ANSWER,
    LONGEST_STORY,
    PERSONAL,
    AnswersRefused,
    Definition,
    Kind,
    Option,
    Question,
    first_and_last,
    text_key,
)
from surveys.refusals import hint, in_words
from surveys.tickets import Ticket

TEMPLATES = {
    Kind.CHANNEL: "choice",
    Kind.CHOICE: "choice",
    Kind.MULTIPLE: "multiple",
    Kind.NPS: "score",
    Kind.SCALE: "score",
    Kind.STARS: "score",
    Kind.NUMBER: "line",
    Kind.DATE: "line",
    Kind.TEXT: "line",
    Kind.LONGTEXT: "text",
    Kind.PHONE: "phone",
    Kind.EMAIL: "email",
    Kind.STATEMENT: "statement",
}
ENDS = {
    Kind.NPS: (_("not at all likely"), _("extremely likely")),
    Kind.STARS: (_("very dissatisfied"), _("very satisfied")),
}
ONE_ROW = 7


@dataclass(frozen=True)
class Shown:
    """An option on the page, with what was typed beside it."""

    key: str
    label: str
    icon: str
    takes_text: bool
    is_exclusive: bool
    is_chosen: bool
    text: str


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
        return f"guest/{TEMPLATES[self.question.kind]}.html"

    @property
    def label(self) -> str:
        return self.definition.words(self.question.label, self.answers, self.language)

    @property
    def help(self) -> str:
        return self.definition.words(self.question.help, self.answers, self.language) if self.question.help else ""

    @property
    def hint(self) -> str:
        return hint(self.question)

    @property
    def described_by(self) -> str:
        """Which parts of the page say more about the question."""
        said = {"error": self.error, "help": self.help, "hint": self.hint, "ends": any(self.ends)}
        return " ".join(name for name, is_there in said.items() if is_there)

    @property
    def options(self) -> list[Shown]:
        shown = (self.question.option(key) for key in self.question.shown_order(self.ticket.seed))
        return [self._shown(option) for option in shown if option]

    @property
    def scores(self) -> list[str]:
        return [str(point) for point in self.question.points]

    @property
    def ends(self) -> tuple[str, str]:
        """What the lowest and the highest score mean."""
        points, usual = self.question.points, ENDS.get(self.question.kind, ("", ""))
        own = (self.question.least_label, self.question.most_label)
        words = [
            label.in_language(self.language) if label else str(word) for label, word in zip(own, usual, strict=True)
        ]
        colon = "：" if self.language.startswith("zh") else ": "
        return (f"{points[0]}{colon}{words[0]}", f"{points[-1]}{colon}{words[1]}") if points else ("", "")

    @property
    def is_short(self) -> bool:
        """Whether the scores fit into one row on a phone."""
        return len(self.question.points) <= ONE_ROW

    @property
    def keyboard(self) -> str:
        """Which keys a phone shows; digits alone have no minus."""
        if self.question.kind is not Kind.NUMBER or (self.question.least or 0) < 0:
            return "text"
        return "decimal" if self.question.decimals else "numeric"

    @property
    def days(self) -> tuple[str, str]:
        first, last = first_and_last(self.question)
        return first.isoformat(), last.isoformat()

    @property
    def longest(self) -> int:
        return LONGEST_STORY if self.question.kind is Kind.LONGTEXT else LONGEST_ANSWER

    @property
    def value(self) -> str:
        """What is chosen or typed: now, or else as it was stored."""
        return self._sent("answer", self.question.key)

    @property
    def chosen(self) -> list[str]:
        """The options that are chosen: now, or else as they were stored."""
        if self.typed is not None:
            return [str(key) for key in self.typed.getlist("answer") if key]
        stored = self.answers.get(self.question.key, [])
        return [str(key) for key in stored] if isinstance(stored, list) else [str(stored)]

    @property
    def is_contact(self) -> bool:
        return self.question.kind in PERSONAL

    @property
    def contact(self) -> str:
        """The phone or the e-mail address that was typed."""
        return self._sent(str(self.question.kind), "")

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

    def _shown(self, option: Option) -> Shown:
        label, is_chosen = option.label.in_language(self.language), option.key in self.chosen
        text = self._text_of(option) if option.takes_text else ""
        return Shown(option.key, label, option.icon, option.takes_text, option.is_exclusive, is_chosen, text)

    def _text_of(self, option: Option) -> str:
        """Return what was typed beside an option. A page from before there could be several of them sends ``text``."""
        if self.typed is not None:
            return str(self.typed.get(f"text-{option.key}", self.typed.get("text", "")))
        return str(self.answers.get(text_key(self.question.key), "")) if option.key in self.chosen else ""

    # ── What was sent ───────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def leaves_contact(self) -> bool:
        assert self.typed is not None
        return self.is_contact and self.typed.get("finish") != "without"

    def left(self, kind: Kind) -> str:
        """Return the phone or the e-mail address that the guest leaves; nothing where this is the other, or neither."""
        return self.contact if self.question.kind is kind and self.leaves_contact else ""

    def take(self) -> bool:
        """Put what was sent among the answers, or say in ``error`` what is wrong; return whether it is right."""
        if self.is_contact:
            self.error = self._wrong_contact() if self.leaves_contact else ""
            return not self.error
        try:
            clean = self._clean()
        except AnswersRefused as refused:
            self.error = in_words(refused.errors[self.question.key], self.question)
            return False
        own = (self.question.key, text_key(self.question.key))
        others = {key: value for key, value in self.answers.items() if key not in own}
        self.answers = self.definition.without_unasked({**others, **clean})
        return True

    def _clean(self) -> Mapping[str, object]:
        shown = self.question.shown_order(self.ticket.seed)
        if self.question.options and not set(shown).issuperset(self.chosen):  # a placebo that was not shown
            raise AnswersRefused({self.question.key: "unknown_option"})
        return self.question.check(self._own())

    def _own(self) -> dict[str, object]:
        """Return what this page sent as the question's own answers."""
        key = self.question.key
        if self.question.kind is Kind.STATEMENT:
            return {}
        beside = [self._text_of(one) for one in self.question.options if one.takes_text and one.key in self.chosen]
        answer = self.chosen if self.question.kind is Kind.MULTIPLE else self.value
        return {key: answer, text_key(key): beside[0] if beside else ""}

    def _wrong_contact(self) -> str:
        kind = str(self.question.kind)
        if not self.contact.strip():
            return in_words(f"{kind}_missing", self.question)
        try:
            normalise(kind, self.contact)
        except BadIdentity as error:
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
