"""A definition from JSON, with an error that names the very place.

>>> parse({"questions": [{"key": "why", "kind": "text", "label": {"zh-hans": "为什么？"}}]})
Traceback (most recent call last):
    ...
surveys.definition.fields.BadDefinition: questions[0].label.en: missing

An option's ``clarify`` is short for a question right after its own, asked of those who chose that option: it is read
as one (``<question>-<option>``, unless it has a key) and written back as one, so that there is a single mechanism.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from surveys.definition.answers import EARLIEST, LATEST
from surveys.definition.fields import (
    MISSING,
    BadDefinition,
    _,
    day_of,
    emoji_of,
    fields_of,
    flag_of,
    key_of,
    list_of,
    number_of,
    text_of,
    whole_of,
)
from surveys.definition.kinds import DONT_REMEMBER, LARGEST_NUMBER, MOST_DECIMALS, OTHER, PERSONAL, WITH_OPTIONS, Kind
from surveys.definition.reading_rules import Lean, RuleReader, ensure_earlier, ensure_references
from surveys.definition.values import Definition, Option, Question

MOST_QUESTIONS, MOST_OPTIONS, LONGEST_LABEL, LONGEST_HELP = 60, 40, 200, 500
LOWEST_POINT, HIGHEST_POINT, MOST_POINTS = -10, 11, 11
CLARIFYING = (Kind.CHOICE, Kind.TEXT)
EVERY = ("help", "required", "asked_if")
ENDS = ("least_label", "most_label")
# Which other fields a kind has, and which of them it cannot do without.
POSSIBLE: dict[Kind, tuple[str, ...]] = {
    Kind.CHANNEL: ("options",),
    Kind.CHOICE: ("options",),
    Kind.MULTIPLE: ("options", "least", "most"),
    Kind.SCALE: ("least", "most", *ENDS),
    Kind.STARS: ENDS,
    Kind.NUMBER: ("least", "most", "decimals"),
    Kind.DATE: ("earliest", "latest"),
}
NEEDED = dict.fromkeys(WITH_OPTIONS, ("options",)) | {Kind.SCALE: POSSIBLE[Kind.SCALE]}
SPECIAL = tuple(dict.fromkeys(name for names in POSSIBLE.values() for name in names))
CHOOSE = _("choose from %(kinds)s, not %(value)s")
DAYS = _("write days from %(first)s to %(last)s, the earliest first")
LAST = _("the %(kind)s comes last, so that nobody gives it for nothing")

Row = tuple[str, object]  # where it stands, and what


def parse(value: object) -> Definition:
    """Return the definition that parsed JSON describes; raise :class:`BadDefinition`."""
    rows = list_of(fields_of(value, "definition", {"questions"})["questions"], "questions", 1, MOST_QUESTIONS)
    waiting: list[Row] = [(f"questions[{index}]", row) for index, row in enumerate(rows)]
    read: dict[str, tuple[str, dict[str, Any], Question]] = {}
    while waiting:
        path, row = waiting.pop(0)
        fields, question = _question(row, path, set(read))
        read[question.key] = path, fields, question
        waiting[:0] = _clarifications(fields, path)
    if len(read) > MOST_QUESTIONS:
        raise BadDefinition("questions", _("with all clarifications, write at most %(most)s"), most=MOST_QUESTIONS)
    definition = Definition(tuple(_with_rules(read)))
    _ensure_once_and_last(definition)
    return definition


def _with_rules(read: dict[str, tuple[str, dict[str, Any], Question]]) -> list[Question]:
    """Return the questions with the rules by which they are asked, once every question is known."""
    known = {key: question for key, (_where, _row, question) in read.items()}
    leans: list[Lean] = []
    for key, (path, fields, question) in read.items():
        if "asked_if" in fields:
            reader = RuleReader(key, known)
            known[key] = replace(question, asked_if=reader.read(fields["asked_if"], f"{path}.asked_if"))
            leans += reader.leans
    ensure_earlier(list(known.values()), leans)
    earlier: dict[str, Question] = {}
    for key, question in known.items():
        ensure_references(question, read[key][0], earlier)
        earlier[key] = question
    return list(known.values())


def _ensure_once_and_last(definition: Definition) -> None:
    kinds = [question.kind for question in definition.questions]
    for kind in (Kind.CHANNEL, Kind.NPS):
        if kinds.count(kind) > 1:
            raise BadDefinition("questions", _("at most one may be of kind %(kind)s"), kind=kind)
    personal = [kind for kind in kinds if kind in PERSONAL]
    if len(personal) > 1:
        raise BadDefinition("questions", _("at most one may ask for a phone or an e-mail address"))
    if personal and kinds[-1] not in PERSONAL:
        raise BadDefinition("questions", LAST, kind=personal[0])


def _question(row: object, path: str, taken: set[str]) -> tuple[dict[str, Any], Question]:
    fields = fields_of(row, path, {"key", "kind", "label"}, {*EVERY, *SPECIAL})
    key = key_of(fields["key"], f"{path}.key", taken)
    kind = _kind(fields["kind"], f"{path}.kind")
    for name in SPECIAL:
        if name in fields and name not in POSSIBLE.get(kind, ()):
            raise BadDefinition(f"{path}.{name}", _("a %(kind)s question has none"), kind=kind)
        if name not in fields and name in NEEDED.get(kind, ()):
            raise BadDefinition(f"{path}.{name}", MISSING)
    label = text_of(fields, "label", path, LONGEST_LABEL)
    assert label is not None
    question = Question(
        key=key,
        kind=kind,
        label=label,
        help=text_of(fields, "help", path, LONGEST_HELP),
        is_required=flag_of(fields, "required", path),
        options=_options(fields["options"], f"{path}.options", kind) if "options" in fields else (),
        decimals=whole_of(fields, "decimals", path, 0, MOST_DECIMALS) or 0,
        least_label=text_of(fields, "least_label", path, LONGEST_LABEL),
        most_label=text_of(fields, "most_label", path, LONGEST_LABEL),
        earliest=day_of(fields, "earliest", path),
        latest=day_of(fields, "latest", path),
    )
    _ensure_days(question, path)
    if kind is Kind.STATEMENT and question.is_required:
        raise BadDefinition(f"{path}.required", _("a statement has nothing to answer"))
    return fields, _bounded(question, fields, path)


def _kind(value: object, path: str) -> Kind:
    if value not in list(Kind):
        raise BadDefinition(path, CHOOSE, kinds=", ".join(Kind), value=repr(value))
    return Kind(str(value))


def _bounded(question: Question, fields: dict[str, Any], path: str) -> Question:
    """Return the question with its least and most."""
    floor, ceiling = -LARGEST_NUMBER, LARGEST_NUMBER
    if question.kind is Kind.SCALE:
        floor, ceiling = LOWEST_POINT, HIGHEST_POINT
    elif question.kind is Kind.MULTIPLE:
        floor, ceiling = 1, sum(not option.is_exclusive for option in question.options)
    least, most = whole_of(fields, "least", path, floor, ceiling), whole_of(fields, "most", path, floor, ceiling)
    if most is not None and most < (least or 0) and question.kind is not Kind.SCALE:
        raise BadDefinition(f"{path}.most", _("write at least %(least)s"), least=least or 0)
    if question.kind is Kind.SCALE:
        assert least is not None
        assert most is not None
        if not 2 <= most - least + 1 <= MOST_POINTS:
            raise BadDefinition(f"{path}.most", _("a scale has 2 to %(most)s points"), most=MOST_POINTS)
    return replace(question, least=least, most=most)


def _ensure_days(question: Question, path: str) -> None:
    first, last = question.earliest or EARLIEST, question.latest or LATEST
    if not EARLIEST <= first <= last <= LATEST:
        name = "latest" if question.latest else "earliest"
        raise BadDefinition(f"{path}.{name}", DAYS, first=EARLIEST, last=LATEST)


def _options(value: object, path: str, kind: Kind) -> tuple[Option, ...]:
    options: list[Option] = []
    for index, row in enumerate(list_of(value, path, 2, MOST_OPTIONS)):
        options.append(_option(row, f"{path}[{index}]", kind, {option.key for option in options}))
    if sum(option.placebo is None for option in options) < 2:
        raise BadDefinition(path, _("write at least 2 that are no placebo"))
    if kind is Kind.MULTIPLE and sum(option.takes_text for option in options) > 1:
        raise BadDefinition(path, _("only one option of a multiple question can take text"))
    if all(option.is_exclusive for option in options):
        raise BadDefinition(path, _("write at least 1 that is not exclusive"))
    return tuple(options)


def _option(row: object, path: str, kind: Kind, taken: set[str]) -> Option:
    fields = fields_of(row, path, {"key", "label"}, {"pinned", "text", "icon", "exclusive", "placebo", "clarify"})
    for name, wanted in (("exclusive", Kind.MULTIPLE), ("placebo", Kind.CHANNEL)):
        if name in fields and kind is not wanted:
            raise BadDefinition(f"{path}.{name}", _("only an option of a %(kind)s question can be this"), kind=wanted)
    label = text_of(fields, "label", path, LONGEST_LABEL)
    assert label is not None
    return Option(
        key=key_of(fields["key"], f"{path}.key", taken),
        label=label,
        is_pinned=flag_of(fields, "pinned", path),
        takes_text=flag_of(fields, "text", path),
        icon=emoji_of(fields, "icon", path),
        is_exclusive=flag_of(fields, "exclusive", path),
        placebo=_placebo(fields, path),
    )


def _placebo(fields: dict[str, Any], path: str) -> float | None:
    share = number_of(fields, "placebo", path)
    if share is not None and not 0 < share <= 1:
        raise BadDefinition(f"{path}.placebo", _("write a share of guests, above 0 and up to 1"))
    if share is not None and fields["key"] in {OTHER, DONT_REMEMBER}:
        raise BadDefinition(f"{path}.placebo", _("%(value)s is an honest answer"), value=repr(fields["key"]))
    return share


def _clarifications(fields: dict[str, Any], path: str) -> Iterator[Row]:
    """Yield the questions that follow from choices, as they would be written by themselves."""
    for index, option in enumerate(fields.get("options", ())):
        if "clarify" not in option:
            continue
        here = f"{path}.options[{index}].clarify"
        if path.endswith(".clarify"):
            raise BadDefinition(here, _("a clarification is not clarified again"))
        row = fields_of(option["clarify"], here, {"kind", "label"}, {"key", "help", "required", "options"})
        if row["kind"] not in CLARIFYING:
            raise BadDefinition(f"{here}.kind", CHOOSE, kinds=", ".join(CLARIFYING), value=repr(row["kind"]))
        rule = {"question": fields["key"], "options": [option["key"]]}
        yield here, {"key": f"{fields['key']}-{option['key']}", **row, "asked_if": rule}
