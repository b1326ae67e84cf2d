"""A definition as JSON values, from which ``parse`` makes the same definition again."""

from typing import Any

from surveys.definition.rules import AllOf, Answered, AnyOf, Chosen, Not, Rule, Scored
from surveys.definition.values import Definition, Option, Question, Text


def serialise(definition: Definition) -> dict[str, Any]:
    """Return the definition as JSON values, with what is not said left out."""
    return {"questions": [_question(question) for question in definition.questions]}


def _question(question: Question) -> dict[str, Any]:
    row: dict[str, Any] = {"key": question.key, "kind": str(question.kind), "label": _text(question.label)}
    said: dict[str, Any] = {
        "help": _text(question.help),
        "required": question.is_required or None,
        "options": [_option(option) for option in question.options] or None,
        "asked_if": None if question.asked_if is None else _rule(question.asked_if),
        "least": question.least,
        "most": question.most,
        "decimals": question.decimals or None,
        "least_label": _text(question.least_label),
        "most_label": _text(question.most_label),
        "earliest": question.earliest and question.earliest.isoformat(),
        "latest": question.latest and question.latest.isoformat(),
    }
    return row | {name: value for name, value in said.items() if value is not None}


def _option(option: Option) -> dict[str, Any]:
    said = {
        "pinned": option.is_pinned,
        "text": option.takes_text,
        "icon": option.icon,
        "exclusive": option.is_exclusive,
        "placebo": option.placebo,
    }
    row: dict[str, Any] = {"key": option.key, "label": _text(option.label)}
    return row | {name: value for name, value in said.items() if value}


def _rule(rule: Rule) -> dict[str, Any]:
    match rule:
        case Chosen():
            return {"question": rule.question, "options": list(rule.options)}
        case Scored():
            bounds = {"at_least": rule.at_least, "at_most": rule.at_most}
            return {"question": rule.question} | {name: bound for name, bound in bounds.items() if bound is not None}
        case Answered():
            return {"question": rule.question, "answered": True}
        case AllOf():
            return {"all": [_rule(one) for one in rule.rules]}
        case AnyOf():
            return {"any": [_rule(one) for one in rule.rules]}
        case Not():
            return {"not": _rule(rule.rule)}
    raise TypeError(f"no such rule: {rule!r}")


def _text(text: Text | None) -> dict[str, str] | None:
    return None if text is None else {"zh-hans": text.zh_hans, "en": text.en}
