"""A definition from JSON and back, with an error that names the very place.

>>> parse({"questions": [{"key": "why", "kind": "poem", "label": {"zh-hans": "为什么？", "en": "Why?"}}]})
Traceback (most recent call last):
    ...
surveys.definition.reading.BadDefinition: questions[0].kind: choose from channel, choice, text, nps, phone, not 'poem'
"""

import re
from typing import Any

from surveys.definition.values import LANGUAGES, Condition, Definition, Kind, Option, Question, Text

KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")
MOST_QUESTIONS, MOST_OPTIONS, LONGEST_LABEL = 30, 40, 200
WITH_OPTIONS = {Kind.CHANNEL, Kind.CHOICE}


class BadDefinition(ValueError):
    """What is wrong with a definition, and where: ``questions[2].options[1].key: …``."""


def parse(value: object) -> Definition:
    """Return the definition that parsed JSON describes; raise :class:`BadDefinition`."""
    rows = _list(_fields(value, "definition", {"questions"}, set())["questions"], "questions", 1, MOST_QUESTIONS)
    questions: list[Question] = []
    for index, row in enumerate(rows):
        questions.append(_question(row, f"questions[{index}]", questions))
    for kind in (Kind.CHANNEL, Kind.NPS, Kind.PHONE):
        if sum(question.kind is kind for question in questions) > 1:
            raise BadDefinition(f"questions: at most one may be of kind {kind}")
    if any(question.kind is Kind.PHONE for question in questions[:-1]):
        raise BadDefinition("questions: the phone comes last, so that nobody gives it for nothing")
    return Definition(tuple(questions))


def serialise(definition: Definition) -> dict[str, Any]:
    """Return the definition as JSON values; ``parse`` gives it back."""
    return {"questions": [_question_out(question) for question in definition.questions]}


def _question(row: object, path: str, earlier: list[Question]) -> Question:
    fields = _fields(row, path, {"key", "kind", "label"}, {"help", "required", "options", "asked_if"})
    key = _key(fields["key"], f"{path}.key", {question.key for question in earlier})
    kind = _kind(fields["kind"], f"{path}.kind")
    if (kind in WITH_OPTIONS) != ("options" in fields):
        raise BadDefinition(f"{path}.options: {'missing' if kind in WITH_OPTIONS else f'a {kind} question has none'}")
    return Question(
        key=key,
        kind=kind,
        label=_text(fields["label"], f"{path}.label"),
        help=_text(fields["help"], f"{path}.help") if "help" in fields else None,
        is_required=_flag(fields, "required", path),
        options=_options(fields["options"], f"{path}.options") if "options" in fields else (),
        asked_if=_condition(fields["asked_if"], f"{path}.asked_if", earlier) if "asked_if" in fields else None,
    )


def _kind(value: object, path: str) -> Kind:
    if value not in list(Kind):
        raise BadDefinition(f"{path}: choose from {', '.join(Kind)}, not {value!r}")
    return Kind(str(value))


def _options(value: object, path: str) -> tuple[Option, ...]:
    options: list[Option] = []
    for index, row in enumerate(_list(value, path, 2, MOST_OPTIONS)):
        here = f"{path}[{index}]"
        fields = _fields(row, here, {"key", "label"}, {"pinned", "text"})
        key = _key(fields["key"], f"{here}.key", {option.key for option in options})
        label = _text(fields["label"], f"{here}.label")
        options.append(Option(key, label, _flag(fields, "pinned", here), _flag(fields, "text", here)))
    return tuple(options)


def _condition(value: object, path: str, earlier: list[Question]) -> Condition:
    fields = _fields(value, path, {"question", "options"}, set())
    asked = next((question for question in earlier if question.key == fields["question"]), None)
    if asked is None or not asked.options:
        raise BadDefinition(f"{path}.question: {fields['question']!r} is no earlier question with options")
    keys = _list(fields["options"], f"{path}.options", 1, MOST_OPTIONS)
    for index, key in enumerate(keys):
        if asked.option(key) is None:
            raise BadDefinition(f"{path}.options[{index}]: {asked.key} has no option {key!r}")
    return Condition(asked.key, tuple(keys))


def _fields(value: object, path: str, needed: set[str], possible: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadDefinition(f"{path}: write an object with {', '.join(sorted(needed))}")
    if missing := sorted(needed - value.keys()):
        raise BadDefinition(f"{path}.{missing[0]}: missing")
    if strange := sorted(str(name) for name in value.keys() - needed - possible):
        raise BadDefinition(f"{path}.{strange[0]}: there is no such field")
    return value


def _list(value: object, path: str, least: int, most: int) -> list[Any]:
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise BadDefinition(f"{path}: write a list of {least} to {most}")
    return value


def _key(value: object, path: str, taken: set[str]) -> str:
    if not isinstance(value, str) or not KEY.fullmatch(value):
        raise BadDefinition(f"{path}: {value!r} is not 1 to 40 plain letters, digits, hyphens and underscores")
    if value in taken:
        raise BadDefinition(f"{path}: {value!r} is used twice")
    return value


def _text(value: object, path: str) -> Text:
    fields = _fields(value, path, set(LANGUAGES), set())
    for language in LANGUAGES:
        wording = fields[language]
        if not isinstance(wording, str) or not wording.strip() or len(wording) > LONGEST_LABEL:
            raise BadDefinition(f"{path}.{language}: write 1 to {LONGEST_LABEL} characters")
    return Text(*(fields[language] for language in LANGUAGES))


def _flag(fields: dict[str, Any], name: str, path: str) -> bool:
    value = fields.get(name, False)
    if not isinstance(value, bool):
        raise BadDefinition(f"{path}.{name}: write true or false")
    return value


def _question_out(question: Question) -> dict[str, Any]:
    row: dict[str, Any] = {"key": question.key, "kind": str(question.kind), "label": _text_out(question.label)}
    if question.help:
        row["help"] = _text_out(question.help)
    if question.is_required:
        row["required"] = True
    if question.options:
        row["options"] = [_option_out(option) for option in question.options]
    if question.asked_if:
        row["asked_if"] = {"question": question.asked_if.question, "options": list(question.asked_if.options)}
    return row


def _option_out(option: Option) -> dict[str, Any]:
    flags = {"pinned": option.is_pinned, "text": option.takes_text}
    return {"key": option.key, "label": _text_out(option.label)} | {
        name: True for name, is_so in flags.items() if is_so
    }


def _text_out(text: Text) -> dict[str, str]:
    return {"zh-hans": text.zh_hans, "en": text.en}
