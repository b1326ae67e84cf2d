"""Fields of parsed JSON, read with an error that names the very place."""

import math
import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Any

from surveys.definition.kinds import LANGUAGES
from surveys.definition.values import Text

KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")
# One emoji: a flag, a keycap, or one or more pictures joined to one, each perhaps with a skin tone.
_PICTURE = (
    "[\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff]"
    "\ufe0f?[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*"
)
EMOJI = re.compile(f"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|{_PICTURE}(?:\u200d{_PICTURE})*")


def _(problem: str) -> str:
    """Mark a problem for translation: whoever shows it translates it (`surveys.refusals`)."""
    return problem


MISSING = _("missing")
PLAIN = _("%(value)s is not 1 to 40 plain letters, digits, hyphens and underscores")


class BadDefinition(ValueError):
    """What is wrong with a definition, and where: ``questions[2].options[1].key: …``.

    ``path`` says where, ``problem`` what, with named places for ``params``.
    """

    def __init__(self, path: str, problem: str, **params: object) -> None:
        self.path, self.problem, self.params = path, problem, params
        super().__init__(f"{path}: {problem % params if params else problem}")


def fields_of(value: object, path: str, needed: Iterable[str], possible: Iterable[str] = ()) -> dict[str, Any]:
    needed = set(needed)
    if not isinstance(value, dict):
        raise BadDefinition(path, _("write an object with %(fields)s"), fields=", ".join(sorted(needed)))
    if missing := sorted(needed - value.keys()):
        raise BadDefinition(f"{path}.{missing[0]}", MISSING)
    if strange := sorted(str(name) for name in value.keys() - needed - set(possible)):
        raise BadDefinition(f"{path}.{strange[0]}", _("there is no such field"))
    return value


def list_of(value: object, path: str, least: int, most: int) -> list[Any]:
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise BadDefinition(path, _("write a list of %(least)s to %(most)s"), least=least, most=most)
    return value


def key_of(value: object, path: str, taken: set[str]) -> str:
    if not isinstance(value, str) or not KEY.fullmatch(value):
        raise BadDefinition(path, PLAIN, value=repr(value))
    if value in taken:
        raise BadDefinition(path, _("%(value)s is used twice"), value=repr(value))
    return value


def text_of(fields: dict[str, Any], name: str, path: str, most: int) -> Text | None:
    """Return one wording in both languages; None where there is none."""
    if name not in fields:
        return None
    wordings = fields_of(fields[name], f"{path}.{name}", LANGUAGES)
    for language in LANGUAGES:
        wording = wordings[language]
        if not isinstance(wording, str) or not wording.strip() or len(wording) > most:
            raise BadDefinition(f"{path}.{name}.{language}", _("write 1 to %(most)s characters"), most=most)
        if any(character == "\0" or unicodedata.category(character) == "Cs" for character in wording):
            raise BadDefinition(f"{path}.{name}.{language}", _("holds what no database keeps, NUL or half a character"))
    return Text(*(wordings[language] for language in LANGUAGES))


def flag_of(fields: dict[str, Any], name: str, path: str) -> bool:
    value = fields.get(name, False)
    if not isinstance(value, bool):
        raise BadDefinition(f"{path}.{name}", _("write true or false"))
    return value


def whole_of(fields: dict[str, Any], name: str, path: str, least: int, most: int) -> int | None:
    """Return a whole number; None where there is none."""
    value = fields.get(name)
    if name not in fields:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise BadDefinition(
            f"{path}.{name}", _("write a whole number from %(least)s to %(most)s"), least=least, most=most
        )
    return value


def number_of(fields: dict[str, Any], name: str, path: str) -> float | None:
    """Return a number; None where there is none."""
    value = fields.get(name)
    if name not in fields:
        return None
    is_number = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    if not is_number or isinstance(value, bool):
        raise BadDefinition(f"{path}.{name}", _("write a number"))
    return value


def day_of(fields: dict[str, Any], name: str, path: str) -> date | None:
    """Return a day; None where there is none."""
    value = fields.get(name)
    if name not in fields:
        return None
    try:
        return date.fromisoformat(value if isinstance(value, str) and len(value) == 10 else "")
    except ValueError:
        raise BadDefinition(f"{path}.{name}", _("write a day as 2026-03-02")) from None


def emoji_of(fields: dict[str, Any], name: str, path: str) -> str:
    """Return one emoji; nothing where there is none."""
    value = fields.get(name, "")
    if not isinstance(value, str) or (value and not EMOJI.fullmatch(value)):
        raise BadDefinition(f"{path}.{name}", _("write one emoji, or nothing"))
    return value
