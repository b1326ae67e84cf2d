"""PURE. What the builder's page sends, put into the question that it shows: as it was typed, right or not.

Fields are named as the parts of a question: ``label.en``, ``option.<key>.icon``, ``rule.0.how``. Nothing is refused
here: what is wrong stays in the draft, and the page says so beside it.
"""

import re
from collections.abc import Iterable
from copy import deepcopy
from typing import TYPE_CHECKING

from surveys.definition import LANGUAGES, SCORES, WITH_OPTIONS, Kind
from surveys.drafts import (
    HONEST,
    Content,
    Offered,
    Row,
    act,
    as_kind,
    is_shuffled,
    is_simple,
    join,
    kinds_for,
    option_of,
    row_of,
)
from surveys.errors import DraftChanged

if TYPE_CHECKING:
    from django.http import QueryDict

WHOLE = re.compile(r"-?\d{1,12}")
WORDED = ("label", "help", "least_label", "most_label")
MOST_TYPED = 2_000


def filled(content: Content, key: str, sent: "QueryDict", published: Row | None) -> None:
    """Put what was sent into the question ``key`` of the content."""
    row = row_of(content, key)
    if row is None or "label.en" not in sent:
        return
    for name in WORDED:
        if f"{name}.en" in sent:
            _put_words(row, name, sent)
    if row["kind"] != Kind.STATEMENT:
        _put(row, "required", "required" in sent or None)
    for name in ("least", "most", "decimals"):
        if name in sent:
            _put(row, name, _number(sent.get(name, "")))
    for name in ("earliest", "latest"):
        if name in sent:
            _put(row, name, _line(sent, name) or None)
    if row["kind"] in WITH_OPTIONS:
        _fill_options(content, row, sent)
    if is_simple(row) and "joined" in sent:
        _fill_rules(content, row, sent)
    kind = sent.get("kind", row["kind"])
    if kind != row["kind"] and kind in kinds_for(row, published):
        changed = as_kind(row, Kind(kind))
        row.clear()
        row.update(changed)


def _put(row: Row, name: str, value: object) -> None:
    if value is None or value is False:
        row.pop(name, None)
    else:
        row[name] = value


def _put_words(row: Row, name: str, sent: "QueryDict") -> None:
    words = {language: _line(sent, f"{name}.{language}") for language in LANGUAGES}
    is_needed = name == "label" or (row["kind"] == Kind.SCALE and name != "help")
    _put(row, name, words if is_needed or any(words.values()) else None)


def _line(sent: "QueryDict", name: str) -> str:
    return str(sent.get(name, "")).strip()[:MOST_TYPED].replace("\0", "")


def _number(typed: str) -> int | str | None:
    """Return a whole number as one; whatever else was typed as it is, to be shown again and complained of."""
    plain = str(typed).strip()[:40]
    return int(plain) if WHOLE.fullmatch(plain) else plain or None


# ── Choices ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _fill_options(content: Content, row: Row, sent: "QueryDict") -> None:
    was_shuffled = is_shuffled(row)
    for option in row.get("options", []):
        start = f"option.{option['key']}"
        if f"{start}.en" not in sent:
            continue
        option["label"] = {language: _line(sent, f"{start}.{language}") for language in LANGUAGES}
        _put(option, "icon", _line(sent, f"{start}.icon") or None)
        for name in ("pinned", "text", "exclusive"):
            _put(option, name, f"{start}.{name}" in sent)
        if f"{start}.placebo" in sent:
            _put(option, "placebo", _share(sent.get(f"{start}.placebo", "")))
        if f"{start}.channel" in sent and sent.get(f"{start}.channel") != sent.get(f"{start}.channel-was"):
            content["channels"][option["key"]] = _line(sent, f"{start}.channel")
    if "order" in sent:
        _order(row, was_shuffled=was_shuffled, shuffled=sent.get("order") == "random")


def _order(row: Row, *, was_shuffled: bool, shuffled: bool) -> None:
    """Stand all choices still, or let all go but those that say that none of the others is right."""
    if shuffled == was_shuffled:
        return
    for option in row.get("options", []):
        _put(option, "pinned", not shuffled or option["key"] in HONEST or option.get("exclusive"))


def _share(typed: str) -> float | str | None:
    """Return a percentage as a share of 1."""
    plain = str(typed).strip().rstrip("%％").strip()[:40]
    try:
        return round(float(plain) / 100, 6) if plain else None
    except ValueError:
        return plain


# ── Conditions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _fill_rules(content: Content, row: Row, sent: "QueryDict") -> None:
    rules = [_rule(content, f"rule.{at}", sent) for at in sent.getlist("rule")]
    join(row, "any" if sent.get("joined") == "any" else "all", rules)


def _rule(content: Content, start: str, sent: "QueryDict") -> Row:
    key, how = _line(sent, f"{start}.question"), _line(sent, f"{start}.how")
    asked = row_of(content, key)
    if how in {"unanswered", "answered"}:
        rule: Row = {"question": key, "answered": True}
        return {"not": rule} if how == "unanswered" else rule
    kind = asked["kind"] if asked else ""
    if asked is not None and kind in WITH_OPTIONS:
        chosen = [option for option in sent.getlist(f"{start}.options") if option_of(asked, option)]
        rule = {"question": key, "options": chosen}
        return {"not": rule} if how == "none" else rule
    if kind in SCORES | {Kind.NUMBER} and how == "between":
        bounds = {
            "at_least": _number(sent.get(f"{start}.least", "")),
            "at_most": _number(sent.get(f"{start}.most", "")),
        }
        return {"question": key} | {name: bound for name, bound in bounds.items() if bound is not None}
    return {"question": key, "answered": True}


class Edit:
    """One page sent: what was typed, then what its button does. ``key`` is the question worked on, then the next."""

    def __init__(self, sent: "QueryDict", published: Content, offered: Iterable[Offered] = ()) -> None:
        self.sent, self.published, self.offered = sent, published, tuple(offered)
        self.key, self.do = str(sent.get("q", "")), str(sent.get("do", "save"))
        if self.do.startswith("pipe"):
            self.do = f"pipe:{sent.get('pipe', '')}:{sent.get('into', 'label')}"
        if self.do == "add":
            self.do = f"add:{sent.get('add', '')}"

    @property
    def steps(self) -> int:
        """Whether it goes a step back (-1) or forward (1), after what was typed is kept."""
        return {"undo": -1, "redo": 1}.get(self.do, 0)

    @property
    def begins(self) -> str:
        """What the button begins, so that one can write at once: a question, an option, or nothing."""
        verb = self.do.partition(":")[0]
        return {"add": "question", "copy": "question", "ask_more": "question", "option_add": "option"}.get(verb, "")

    def __call__(self, content: Content) -> Content:
        if self.key and row_of(content, self.key) is None:
            raise DraftChanged  # somebody else has deleted it
        typed = deepcopy(content)
        filled(typed, self.key, self.sent, row_of(self.published, self.key))
        changed, self.key = act(typed, self.key, self.do, *(self.offered if self.do == "channels_add" else ()))
        return changed
