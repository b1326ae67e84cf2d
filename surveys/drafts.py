"""PURE. A questionnaire while it is written: rows that may lack words or options, changed one act at a time.

``content`` is what a draft keeps: ``questions`` as in a definition's JSON, and ``channels``, which leads from a choice
of the channel question to the slug of the channel that it shall mean (empty: none) where that was said here.
Every act returns new content, and the key of the question that is worked on next.
"""

import re
import secrets
from collections.abc import Callable
from copy import deepcopy
from typing import Any, NamedTuple

from surveys.definition import DONT_REMEMBER, LANGUAGES, OTHER, PERSONAL, WITH_OPTIONS, Kind
from surveys.definition.piping import REFERENCE

Row = dict[str, Any]
Content = dict[str, Any]

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
# What a published question may become: answers to both are kept alike.
ALIKE = ({Kind.TEXT, Kind.LONGTEXT},)
EMPTY = {"zh-hans": "", "en": ""}


class Offered(NamedTuple):
    """A channel that can be made a choice."""

    slug: str
    zh_hans: str
    en: str


def content_of(questions: list[Row]) -> Content:
    return {"questions": deepcopy(questions), "channels": {}}


def row_of(content: Content, key: str) -> Row | None:
    return next((row for row in content["questions"] if row["key"] == key), None)


def option_of(row: Row, key: str) -> Row | None:
    return next((option for option in row.get("options", []) if option["key"] == key), None)


def place_of(rows: list[Row], key: str) -> int:
    """Return where the row stands; behind all others where it is not there."""
    return next((at for at, row in enumerate(rows) if row["key"] == key), len(rows))


def new_key(start: str, taken: set[str]) -> str:
    """Return a key that was never used: answers to a question that is gone must not become those to a new one."""
    while True:
        key = f"{start}-{''.join(secrets.choice(LETTERS) for _ in range(5))}"
        if key not in taken:
            return key


def is_shuffled(row: Row) -> bool:
    """Whether guests see any of the choices in random order."""
    options = row.get("options", [])
    return not options or not all(option.get("pinned") for option in options)


def kinds_for(row: Row, published: Row | None) -> list[Kind]:
    """Return what kinds the question may become: of a published one, only those whose answers are kept alike."""
    if published is None:
        return list(Kind)
    now = Kind(published["kind"])
    return next((sorted(group) for group in ALIKE if now in group), [now])


# ── New rows ────────────────────────────────────────────────────────────────────────────────────────────────────────

USUAL: dict[Kind, tuple[str, str]] = {
    Kind.CHANNEL: ("您第一次是从哪里知道我们的？", "How did you first hear about us?"),
    Kind.NPS: ("您有多大可能把我们推荐给朋友？", "How likely are you to recommend us to a friend?"),
    Kind.PHONE: ("您愿意留下手机号吗？", "Would you like to leave your phone number?"),
    Kind.EMAIL: ("您愿意留下邮箱吗？", "Would you like to leave your e-mail address?"),
}
HONEST = {
    OTHER: {"key": OTHER, "label": {"zh-hans": "其他", "en": "Something else"}, "pinned": True, "text": True},
    DONT_REMEMBER: {
        "key": DONT_REMEMBER, "label": {"zh-hans": "不记得了", "en": "I don’t remember"}, "pinned": True,
    },
}  # fmt: skip


def blank_question(kind: Kind, taken: set[str]) -> Row:
    zh_hans, en = USUAL.get(kind, ("", ""))
    row = {"key": new_key(kind.value, taken), "kind": kind.value, "label": {"zh-hans": zh_hans, "en": en}}
    return as_kind(row, kind)


def blank_option(row: Row) -> Row:
    option: Row = {"key": new_key("o", {option["key"] for option in row["options"]}), "label": dict(EMPTY)}
    return option if is_shuffled(row) else option | {"pinned": True}


def as_kind(row: Row, kind: Kind) -> Row:
    """Return the question as one of another kind, with all of it that the kind can have."""
    from surveys.definition.reading import EVERY, POSSIBLE

    kept = {"key", "label", *EVERY, *POSSIBLE.get(kind, ())}
    changed = {name: deepcopy(value) for name, value in row.items() if name in kept} | {"kind": kind.value}
    if kind in WITH_OPTIONS:
        changed.setdefault("options", [])
        while len(changed["options"]) < 2:
            changed["options"].append(blank_option(changed))
        for option in changed["options"]:
            if kind is not Kind.MULTIPLE:
                option.pop("exclusive", None)
            if kind is not Kind.CHANNEL:
                option.pop("placebo", None)
    if kind is Kind.SCALE:
        changed = {"least": 1, "most": 5, "least_label": dict(EMPTY), "most_label": dict(EMPTY)} | changed
    if kind is Kind.STATEMENT:
        changed.pop("required", None)
    return changed


# ── Acts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def add(content: Content, after: str, kind: str) -> str:
    """Add an empty question after another; whatever asks for a phone or a mail stays last."""
    rows = content["questions"]
    row = blank_question(Kind(kind), {row["key"] for row in rows})
    at = min(place_of(rows, after) + 1, len(rows))
    if row["kind"] in PERSONAL:
        at = len(rows)
    elif at == len(rows) and rows and rows[-1]["kind"] in PERSONAL:
        at -= 1
    rows.insert(at, row)
    return str(row["key"])


def copy(content: Content, key: str) -> str:
    rows = content["questions"]
    at = place_of(rows, key)
    if at == len(rows):
        return key
    twin = deepcopy(rows[at]) | {"key": new_key(rows[at]["kind"], {row["key"] for row in rows})}
    rows.insert(at + 1, twin)
    return str(twin["key"])


def delete(content: Content, key: str) -> str:
    rows = content["questions"]
    at = place_of(rows, key)
    del rows[at : at + 1]
    return str(rows[min(at, len(rows) - 1)]["key"]) if rows else ""


def _moved(rows: list[Row], key: str, to: int) -> None:
    at = place_of(rows, key)
    if at < len(rows):
        rows.insert(max(0, min(to, len(rows) - 1)), rows.pop(at))


def up(content: Content, key: str) -> str:
    _moved(content["questions"], key, place_of(content["questions"], key) - 1)
    return key


def down(content: Content, key: str) -> str:
    _moved(content["questions"], key, place_of(content["questions"], key) + 1)
    return key


def place(content: Content, key: str, moved: str, at: str) -> str:
    """Move a question to a place, from 0."""
    _moved(content["questions"], moved, int(at) if at.isdecimal() else len(content["questions"]))
    return key


def go(content: Content, key: str, to: str) -> str:
    return to


def save(content: Content, key: str) -> str:
    return key


def option_add(content: Content, key: str, kind: str = "") -> str:
    """Add a choice: an empty one before those that stay at the end, or one of the honest ways out."""
    row = row_of(content, key)
    if row is not None and "options" in row and not option_of(row, kind):
        options = row["options"]
        if kind in HONEST:
            options.append(deepcopy(HONEST[kind]))
        else:
            at = next((at for at, option in enumerate(options) if option.get("pinned")), len(options))
            options.insert(at if is_shuffled(row) else len(options), blank_option(row))
    return key


def option_delete(content: Content, key: str, option: str) -> str:
    row = row_of(content, key) or {}
    row["options"] = [one for one in row.get("options", []) if one["key"] != option]
    content["channels"].pop(option, None)
    return key


def option_up(content: Content, key: str, option: str) -> str:
    options = (row_of(content, key) or {}).get("options", [])
    _moved(options, option, place_of(options, option) - 1)
    return key


def option_down(content: Content, key: str, option: str) -> str:
    options = (row_of(content, key) or {}).get("options", [])
    _moved(options, option, place_of(options, option) + 1)
    return key


def option_place(content: Content, key: str, option: str, at: str) -> str:
    """Move a choice to a place, from 0."""
    options = (row_of(content, key) or {}).get("options", [])
    _moved(options, option, int(at) if at.isdecimal() else len(options))
    return key


def ask_more(content: Content, key: str, option: str) -> str:
    """Add a question right after this one, asked of those who choose that option."""
    new = add(content, key, Kind.TEXT.value)
    added = row_of(content, new)
    assert added is not None
    added["asked_if"] = {"question": key, "options": [option]}
    return new


def rule_add(content: Content, key: str) -> str:
    """Add a condition: on the question before, until another one is chosen."""
    rows = content["questions"]
    row, at = row_of(content, key), place_of(rows, key)
    before = [one for one in rows[:at] if one["kind"] not in PERSONAL | {Kind.STATEMENT}]
    if row is not None and before:
        condition = _any_of(before[-1])
        name, rules = conditions_of(row)
        row["asked_if"] = {name: [*rules, condition]} if rules else condition
    return key


def _any_of(row: Row) -> Row:
    options = row.get("options")
    return {"question": row["key"], "options": []} if options else {"question": row["key"], "answered": True}


def rule_delete(content: Content, key: str, at: str) -> str:
    row = row_of(content, key)
    if row is not None:
        name, rules = conditions_of(row)
        del rules[int(at) : int(at) + 1]
        join(row, name, rules)
    return key


def rules_clear(content: Content, key: str) -> str:
    (row_of(content, key) or {}).pop("asked_if", None)
    return key


def pipe(content: Content, key: str, earlier: str, into: str = "label") -> str:
    """Let a question's words say an earlier answer, with other words for whoever has given none."""
    row, asked = row_of(content, key), row_of(content, earlier)
    if row is not None and asked is not None and into in {"label", "help"}:
        always = asked.get("required") and "asked_if" not in asked
        others = {"zh-hans": "", "en": ""} if always else {"zh-hans": "|您的选择", "en": "|your choice"}
        wording = row.setdefault(into, dict(EMPTY))
        for language in LANGUAGES:
            wording[language] = f"{wording[language]}{{{{{earlier}{others[language]}}}}}"
    return key


def channels_add(content: Content, key: str, *offered: Offered) -> str:
    """Make channels choices; a choice's key is the channel's slug."""
    row = row_of(content, key)
    if row is not None and "options" in row:
        options = row["options"] = [one for one in row["options"] if any(one["label"].values())]
        at = next((at for at, option in enumerate(options) if option.get("pinned")), len(options))
        options[at:at] = [
            {"key": channel.slug, "label": {"zh-hans": channel.zh_hans, "en": channel.en}}
            for channel in offered
            if not option_of(row, channel.slug)
        ]
    return key


ACTS: dict[str, Callable[..., str]] = {
    act.__name__: act
    for act in (
        save, go, add, copy, delete, up, down, place, option_add, option_delete, option_up, option_down,
        option_place, ask_more, rule_add, rule_delete, rules_clear, pipe, channels_add,
    )
}  # fmt: skip


def act(content: Content, key: str, do: str, *more: Any) -> tuple[Content, str]:
    """Return the content after an act as a button names it, and which question is worked on next.

    >>> content = content_of([{"key": "why", "kind": "text", "label": {"zh-hans": "", "en": "Why?"}}])
    >>> act(content, "why", "delete")
    ({'questions': [], 'channels': {}}, '')
    """
    changed = deepcopy(content)
    name, *words = do.split(":")
    try:
        return changed, ACTS.get(name, save)(changed, key, *words, *more)
    except (TypeError, ValueError):  # a button that no page of ours has
        return deepcopy(content), key


# ── Conditions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def conditions_of(row: Row) -> tuple[str, list[Row]]:
    """Return how a question's conditions are joined, ``all`` or ``any``, and each of them."""
    rule = row.get("asked_if")
    if rule is None:
        return "all", []
    for name in ("all", "any"):
        if name in rule:
            return name, deepcopy(list(rule[name]))
    return "all", [deepcopy(rule)]


def join(row: Row, name: str, rules: list[Row]) -> None:
    """Give the question these conditions, one alone as it is."""
    row.pop("asked_if", None)
    if rules:
        row["asked_if"] = rules[0] if len(rules) == 1 else {name: rules}


def is_simple(row: Row) -> bool:
    """Whether a question's conditions can be shown as a list: none of them joined out of others."""
    _name, rules = conditions_of(row)
    return all("question" in rule or "question" in rule.get("not", {}) for rule in rules)


# ── What is missing ─────────────────────────────────────────────────────────────────────────────────────────────────


def wordings_of(row: Row) -> dict[str, Row]:
    """Return the question's wordings in both languages by the name of their field."""
    names = ("label", "help", "least_label", "most_label")
    own = {name: row[name] for name in names if name in row}
    return own | {f"option.{option['key']}": option["label"] for option in row.get("options", [])}


def missing_in(row: Row) -> list[tuple[str, str]]:
    """Return what has no words yet, as (field, language).

    >>> missing_in({"key": "why", "kind": "text", "label": {"zh-hans": " ", "en": "Why?"}})
    [('label', 'zh-hans')]
    """
    return [
        (name, language)
        for name, wording in wordings_of(row).items()
        for language in LANGUAGES
        if not str(wording.get(language, "")).strip()
    ]


def without_gaps(row: Row) -> Row:
    """Return the question with dots where words are missing, so that all else about it can be judged and shown."""
    filled = deepcopy(row)
    for wording in wordings_of(filled).values():
        for language in LANGUAGES:
            if not str(wording.get(language, "")).strip():
                wording[language] = "…"
    return filled


def alone(row: Row) -> Row:
    """Return the question as it can be shown without any other: no conditions, its other words for earlier answers."""
    single = without_gaps(row)
    single.pop("asked_if", None)
    for name in ("label", "help"):
        for language in LANGUAGES if name in single else ():
            single[name][language] = re.sub(REFERENCE, _otherwise, single[name][language])
    return single


def _otherwise(found: re.Match[str]) -> str:
    return (found[2] or "").strip() or "…"
