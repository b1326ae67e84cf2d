"""What the page shows on which a survey is edited: the questions in order, the chosen one's fields, what is missing."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from attribution.evidence.models import Channel
from surveys.definition import DONT_REMEMBER, LANGUAGES, OTHER, PERSONAL, SCORES, WITH_OPTIONS, Kind
from surveys.differences import Difference
from surveys.drafts import (
    Content,
    Offered,
    Row,
    conditions_of,
    content_of,
    is_shuffled,
    is_simple,
    kinds_for,
    missing_in,
    option_of,
    place_of,
    row_of,
)
from surveys.labels import LANGUAGE_NAMES
from surveys.models import ChoiceChannel, Draft, Survey, SurveyVersion
from surveys.wordings import KINDS, condition_words, problems_of, question_words, words_of

TITLES: dict[str, Promise] = {
    "label": _("Question"),
    "help": _("Help below it"),
    "least_label": _("Words at the lowest"),
    "most_label": _("Words at the highest"),
}
NUMBERS: dict[Kind, dict[str, Promise]] = {
    Kind.MULTIPLE: {"least": _("Choose at least"), "most": _("Choose at most")},
    Kind.SCALE: {"least": _("Lowest point"), "most": _("Highest point")},
    Kind.NUMBER: {"least": _("Smallest"), "most": _("Largest"), "decimals": _("Digits after the point")},
    Kind.DATE: {"earliest": _("First day"), "latest": _("Last day")},
}
ENDED = {Kind.SCALE, Kind.STARS}
SILENT = PERSONAL | {Kind.STATEMENT}


@dataclass(frozen=True)
class Field:
    """One input: its name, what stands in it, and what is wrong with that."""

    name: str
    title: Any
    value: Any
    error: str = ""
    language: str = ""

    @property
    def id(self) -> str:
        return f"f-{self.name.replace('.', '-')}"

    @property
    def language_name(self) -> str:
        return LANGUAGE_NAMES.get(self.language, "")


@dataclass(frozen=True)
class OutlineRow:
    key: str
    label: str
    kind: Any
    missing: int
    is_wrong: bool
    condition: str
    said: str  # what is wrong besides missing words


@dataclass(frozen=True)
class OptionRow:
    key: str
    label: str
    wordings: list[Field]
    icon: Field
    placebo: Field
    row: Row
    channel: str  # the slug of the channel that it means
    follow_ups: list[str]

    @property
    def is_honest(self) -> bool:
        return self.key in {OTHER, DONT_REMEMBER}

    @property
    def can_mean(self) -> bool:
        return self.key != DONT_REMEMBER and "placebo" not in self.row


@dataclass(frozen=True)
class ConditionRow:
    at: int
    question: str
    how: str
    hows: list[tuple[str, Any]]
    options: list[tuple[str, str, bool]]
    least: Any
    most: Any
    error: str
    is_gone: bool  # no earlier question that leaves an answer
    words: str


class Desk:
    """A survey's draft on the page, with one question chosen: the first where none is named, or it is gone."""

    def __init__(
        self, survey: Survey, content: Content, draft: Draft | None, key: str = "", language: str = "zh-hans"
    ) -> None:
        self.survey, self.content, self.draft, self.language = survey, content, draft, language
        rows = content["questions"]
        self.row: Row | None = row_of(content, key) or (rows[0] if rows else None)
        self.problems = problems_of(content)
        # Of an edit that somebody else’s came before: what it would change.
        self.mine: list[Difference] = []
        self.is_late = False
        self.begun = ""  # what an act has just begun: a question, an option

    @property
    def key(self) -> str:
        return self.row["key"] if self.row else ""

    @property
    def revision(self) -> int:
        return self.draft.revision if self.draft else 0

    @cached_property
    def version(self) -> SurveyVersion | None:
        return self.survey.latest_version()

    @property
    def published(self) -> Content:
        return content_of(self.version.definition["questions"] if self.version else [])

    @property
    def before(self) -> Content:
        """What is published, with the channels that its choices mean now."""
        return self.published | {"channels": self._stored}

    @property
    def can_undo(self) -> bool:
        return self.draft is not None and self.draft.has_step(self.draft.position - 1)

    @property
    def can_redo(self) -> bool:
        return self.draft is not None and self.draft.has_step(self.draft.position + 1)

    # ── The questions ───────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def outline(self) -> list[OutlineRow]:
        return [
            OutlineRow(
                row["key"], words_of(row["label"]), KINDS[Kind(row["kind"])], len(missing_in(row)),
                row["key"] in self.problems, condition_words(self.content, row), self._said(row),
            )
            for row in self.content["questions"]
        ]  # fmt: skip

    def _said(self, row: Row) -> str:
        gaps = {f"{name}.{language}" for name, language in missing_in(row)}
        return " ".join(said for field, said in self.problems.get(row["key"], {}).items() if field not in gaps)

    @property
    def place(self) -> int:
        return place_of(self.content["questions"], self.key) + 1

    @property
    def total(self) -> int:
        return len(self.content["questions"])

    @property
    def missing(self) -> list[tuple[str, int]]:
        """How many words are missing in each language that lacks any."""
        gaps = [language for row in self.content["questions"] for _name, language in missing_in(row)]
        return [(LANGUAGE_NAMES[language], gaps.count(language)) for language in LANGUAGES if language in gaps]

    @property
    def wrong(self) -> int:
        return len([key for key in self.problems if key])

    @property
    def general(self) -> str:
        """What is wrong with the questions together."""
        return " ".join(self.problems.get("", {}).values())

    # ── The chosen question ─────────────────────────────────────────────────────────────────────────────────────────

    @property
    def kind(self) -> Kind:
        return Kind(self.row["kind"]) if self.row else Kind.STATEMENT

    @property
    def kinds(self) -> list[tuple[str, Any]]:
        possible = kinds_for(self.row, row_of(self.published, self.key)) if self.row else []
        return [(kind.value, KINDS[kind]) for kind in KINDS if kind in possible]

    @property
    def all_kinds(self) -> list[tuple[str, Any]]:
        return [(kind.value, label) for kind, label in KINDS.items()]

    @property
    def label(self) -> list[Field]:
        return self._wording("label")

    @property
    def help(self) -> list[Field]:
        return self._wording("help")

    @property
    def ends(self) -> list[list[Field]]:
        return [self._wording(name) for name in ("least_label", "most_label")] if self.kind in ENDED else []

    @property
    def bounds(self) -> list[Field]:
        row = self.row or {}
        named = NUMBERS.get(self.kind, {}).items()
        return [Field(name, title, row.get(name, ""), self._error(name)) for name, title in named]

    @property
    def has_options(self) -> bool:
        return self.kind in WITH_OPTIONS

    @property
    def is_channel(self) -> bool:
        return self.kind is Kind.CHANNEL

    @property
    def is_multiple(self) -> bool:
        return self.kind is Kind.MULTIPLE

    @property
    def has_answer(self) -> bool:
        return self.kind is not Kind.STATEMENT

    @property
    def is_shuffled(self) -> bool:
        return is_shuffled(self.row or {})

    @property
    def options(self) -> list[OptionRow]:
        return [self._option(option) for option in (self.row or {}).get("options", [])]

    @property
    def focus(self) -> str:
        """Return the input in which one goes on writing."""
        if self.begun == "question":
            return self.label[0].id
        gaps = [field.id for option in self.options for field in option.wordings if not field.value]
        return gaps[0] if self.begun == "option" and gaps else ""

    @property
    def options_error(self) -> str:
        return self._error("options")

    @property
    def can_add(self) -> list[tuple[str, Any]]:
        """The honest ways out that are no choice yet."""
        ways = {OTHER: _("Something else"), DONT_REMEMBER: _("I don’t remember")}
        return [(key, words) for key, words in ways.items() if not option_of(self.row or {}, key)]

    @property
    def other_error(self) -> str:
        """What is wrong with the question where no field of the page shows it."""
        shown = {"options", "kind", *(field.name for field in self.bounds)}
        wrong = self.problems.get(self.key, {})
        starts = ("label.", "help.", "least_label.", "most_label.", "option.", "rule.")
        return " ".join(said for name, said in wrong.items() if name not in shown and not name.startswith(starts))

    def _error(self, name: str) -> str:
        return self.problems.get(self.key, {}).get(name, "")

    def _wording(self, name: str) -> list[Field]:
        wording = (self.row or {}).get(name) or {}
        return [
            Field(f"{name}.{one}", TITLES[name], wording.get(one, ""), self._error(f"{name}.{one}"), one)
            for one in LANGUAGES
        ]

    def _option(self, option: Row) -> OptionRow:
        start, key, label = f"option.{option['key']}", option["key"], words_of(option["label"])
        wordings = [
            Field(f"{start}.{one}", label, option["label"].get(one, ""), self._error(f"{start}.{one}"), one)
            for one in LANGUAGES
        ]
        share = option.get("placebo", "")
        percent = f"{share * 100:g}" if isinstance(share, int | float) else share
        return OptionRow(
            key=key,
            label=label,
            wordings=wordings,
            icon=Field(f"{start}.icon", _("Icon"), option.get("icon", ""), self._error(f"{start}.icon")),
            placebo=Field(f"{start}.placebo", _("Placebo"), percent, self._error(f"{start}.placebo")),
            row=option,
            channel=self.means(key),
            follow_ups=self._follow_ups(key),
        )

    def _follow_ups(self, option: str) -> list[str]:
        rule = {"question": self.key, "options": [option]}
        return [words_of(row["label"]) for row in self.content["questions"] if row.get("asked_if") == rule]

    # ── Channels ────────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def channels(self) -> dict[str, Channel]:
        return {channel.slug: channel for channel in Channel.objects.all()}

    @cached_property
    def _stored(self) -> dict[str, str]:
        choices = ChoiceChannel.objects.filter(survey=self.survey).select_related("channel")
        return {choice.option_key: choice.channel.slug if choice.channel else "" for choice in choices}

    def means(self, option: str) -> str:
        """Return the slug of the channel that a choice will mean: as said here, as was mapped, or as it is named."""
        named = option if option in self.channels else ""
        return str(self.content["channels"].get(option, self._stored.get(option, named)))

    @property
    def offered(self) -> list[Offered]:
        """The shop's channels that no choice means yet."""
        options = (self.row or {}).get("options", [])
        taken = {self.means(option["key"]) for option in options} | {option["key"] for option in options}
        return [
            Offered(slug, channel.name_in("zh-hans") or slug, channel.name_in("en") or slug)
            for slug, channel in self.channels.items()
            if channel.is_active and slug not in taken
        ]

    @property
    def meaningless(self) -> list[str]:
        """The choices of the channel question that count for no channel, though guests could mean one."""
        asked = [row for row in self.content["questions"] if row["kind"] == Kind.CHANNEL]
        options = [option for row in asked for option in row.get("options", []) if "placebo" not in option]
        silent = [option for option in options if option["key"] != DONT_REMEMBER and not self.means(option["key"])]
        return [words_of(option["label"]) for option in silent]

    # ── Conditions and piping ───────────────────────────────────────────────────────────────────────────────────────

    @property
    def earlier(self) -> list[tuple[str, str]]:
        """The questions before this one that leave an answer."""
        before = self.content["questions"][: self.place - 1]
        return [(row["key"], words_of(row["label"])) for row in before if row["kind"] not in SILENT]

    @property
    def joined(self) -> str:
        return conditions_of(self.row or {})[0]

    @property
    def is_simple(self) -> bool:
        return is_simple(self.row or {})

    @property
    def condition(self) -> str:
        return condition_words(self.content, self.row or {})

    @property
    def conditions(self) -> list[ConditionRow]:
        _name, rules = conditions_of(self.row or {})
        return [self._condition(at, rule) for at, rule in enumerate(rules)] if self.is_simple else []

    def _condition(self, at: int, rule: Row) -> ConditionRow:
        about = rule.get("not", rule)
        asked = row_of(self.content, about["question"]) or {"kind": "", "options": []}
        chosen = about.get("options", [])
        options = [(one["key"], words_of(one["label"]), one["key"] in chosen) for one in asked.get("options", [])]
        if "answered" in about:
            how = "unanswered" if "not" in rule else "answered"
        else:
            how = "between" if "options" not in about else "none" if "not" in rule else "any"
        return ConditionRow(
            at=at,
            question=about["question"],
            how=how,
            hows=_hows(asked["kind"]),
            options=options if how in {"any", "none"} else [],
            least=about.get("at_least", ""),
            most=about.get("at_most", ""),
            error=self._error(f"rule.{at}"),
            is_gone=about["question"] not in dict(self.earlier),
            words=question_words(self.content, about["question"]),
        )


def _hows(kind: str) -> list[tuple[str, Any]]:
    hows: list[tuple[str, Any]] = []
    if kind in WITH_OPTIONS:
        hows = [("any", _("is any of")), ("none", _("is none of"))]
    elif kind in SCORES | {Kind.NUMBER}:
        hows = [("between", _("lies between"))]
    return [*hows, ("answered", _("was answered")), ("unanswered", _("was left out"))]
