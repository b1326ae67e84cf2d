"""How two states of a questionnaire differ, in words: a draft and what is published, mine and somebody else's."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from attribution.names import listed
from surveys.definition import LANGUAGES
from surveys.drafts import Content, Row, is_shuffled, option_of, row_of
from surveys.labels import LANGUAGE_NAMES
from surveys.wordings import KINDS, Kind, condition_words, words_of

FIELDS = ("help", "least_label", "most_label")
BOUNDS = ("least", "most", "decimals", "earliest", "latest")


@dataclass(frozen=True)
class Difference:
    """What differs about one question; ``means`` says what that means for the answers that are there."""

    question: str
    changes: tuple[str, ...]
    means: str = ""
    kind: str = "changed"  # added, removed, changed


def differences(before: Content, after: Content, channels: Mapping[str, object] | None = None) -> list[Difference]:
    """Return what changed, question by question, in the order of the later state; what is gone comes last.

    ``channels`` leads from the slug of a channel to what it is called.
    """
    moved = _moved(before, after)
    found = []
    for row in after["questions"]:
        old = row_of(before, row["key"])
        if old is None:
            kind = str(KINDS[Kind(row["kind"])])
            found.append(
                Difference(words_of(row["label"]), (_("New question: %(kind)s.") % {"kind": kind},), kind="added")
            )
            continue
        changes = _changes(old, after, row) + _channel_changes(before, after, row, channels or {})
        if row["key"] in moved:
            changes.append(_("Moved to place %(place)s.") % {"place": after["questions"].index(row) + 1})
        if changes:
            found.append(Difference(words_of(row["label"]), tuple(changes), _lost_options(old, row)))
    for row in before["questions"]:
        if row_of(after, row["key"]) is None:
            means = _("It is asked no longer. Answers already given are kept, and stay in reports and exports.")
            found.append(Difference(words_of(row["label"]), (_("Removed."),), means, "removed"))
    return found


def _moved(before: Content, after: Content) -> set[str]:
    """Return the fewest questions that must have been moved: all but the longest run that kept its order."""
    was = {row["key"]: at for at, row in enumerate(before["questions"])}
    keys = [row["key"] for row in after["questions"] if row["key"] in was]
    runs: list[list[str]] = [[]]
    for key in keys:
        before_it = [run for run in runs if not run or was[run[-1]] < was[key]]
        runs.append([*max(before_it, key=len), key])
    longest = max(runs, key=len)
    return set(keys) - set(longest)


def _changes(old: Row, after: Content, row: Row) -> list[str]:
    said = _wording(_("Wording"), old["label"], row["label"])
    for name, title in zip(FIELDS, (_("Help"), _("Lowest"), _("Highest")), strict=True):
        said += _wording(title, old.get(name), row.get(name))
    if old["kind"] != row["kind"]:
        kinds = {"old": KINDS[Kind(old["kind"])], "new": KINDS[Kind(row["kind"])]}
        said.append(_("Kind: “%(old)s” became “%(new)s”.") % kinds)
    if bool(old.get("required")) != bool(row.get("required")):
        said.append(_("Must now be answered.") if row.get("required") else _("Can now be left out."))
    if any(old.get(name) != row.get(name) for name in BOUNDS):
        said.append(_("Other bounds: %(new)s.") % {"new": _bounds(row)})
    if is_shuffled(old) != is_shuffled(row):
        said.append(
            _("Choices now in random order.") if is_shuffled(row) else _("Choices now in the order as written.")
        )
    if old.get("asked_if") != row.get("asked_if"):
        said.append((condition_words(after, row) or _("Now asked of everybody")) + _("."))
    return said + _option_changes(old, row)


def _wording(title: str, old: Row | None, new: Row | None) -> list[str]:
    said = []
    for language in LANGUAGES:
        was, now = (old or {}).get(language, ""), (new or {}).get(language, "")
        if was != now:
            values = {"title": title, "language": LANGUAGE_NAMES[language], "old": was or "—", "new": now or "—"}
            said.append(_("%(title)s (%(language)s): “%(old)s” became “%(new)s”.") % values)
    return said


def _bounds(row: Row) -> str:
    return f"{row.get('least', row.get('earliest', '—'))} – {row.get('most', row.get('latest', '—'))}"


def _option_changes(old: Row, row: Row) -> list[str]:
    said = []
    added = [words_of(one["label"]) for one in row.get("options", []) if not option_of(old, one["key"])]
    gone = [words_of(one["label"]) for one in old.get("options", []) if not option_of(row, one["key"])]
    if added:
        said.append(_("New choices: %(choices)s.") % {"choices": listed(added)})
    if gone:
        said.append(_("Choices removed: %(choices)s.") % {"choices": listed(gone)})
    both = [(option_of(old, one["key"]), one) for one in row.get("options", [])]
    kept = [(was, now) for was, now in both if was]
    for was, now in kept:
        said += _wording(_("Choice"), was["label"], now["label"])
        if {**was, "label": None} != {**now, "label": None}:
            said.append(_("Choice “%(choice)s”: set up otherwise.") % {"choice": words_of(now["label"])})
    order = [one["key"] for one in old.get("options", []) if option_of(row, one["key"])]
    if order != [now["key"] for _was, now in kept]:
        said.append(_("Choices in another order."))
    return said


def _channel_changes(before: Content, after: Content, row: Row, channels: Mapping[str, object]) -> list[str]:
    old = row_of(before, row["key"])
    said = []
    for option in row.get("options", []) if row["kind"] == Kind.CHANNEL else []:
        slug = after["channels"].get(option["key"])
        if slug is not None and slug != before["channels"].get(option["key"]):
            values = {"choice": words_of(option["label"]), "channel": channels.get(slug, slug) or _("no channel")}
            was_there = old is not None and option_of(old, option["key"]) is not None
            words = _("Choice “%(choice)s” counts for: %(channel)s, in answers already given too.")
            said.append((words if was_there else _("Choice “%(choice)s” counts for: %(channel)s.")) % values)
    return said


def _lost_options(old: Row, row: Row) -> str:
    if all(option_of(row, option["key"]) for option in old.get("options", [])):
        return ""
    return _("Guests can no longer choose what was removed. Answers already given keep it, in reports and exports too.")
