"""Ordered rules that turn what guests typed into one of the options: pure.

Guests write 小红书, 小紅書, xiaohongshu, 小hong书 and "Xiaohong Shu 上看到的". Two spellings of a text are compared:
the plain one (width, case, spaces and punctuation do not count), and how it sounds in Mandarin, where Han characters
and Latin letters are the same word.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rapidfuzz import fuzz

NEAR = 80  # of 100: the least likeness of what is near (rapidfuzz's ratios)
HAN = re.compile(r"([\u3400-\u9fff\uf900-\ufaff]+)")
FEWEST_LETTERS = 4  # a shorter pattern is near to too much
LONGEST_PATTERN = 60


class Match(StrEnum):
    EQUALS = "equals"
    CONTAINS = "contains"
    SOUNDS = "sounds"  # contains what sounds the same
    NEAR = "near"  # the same but for a slip of the finger, by sound


@dataclass(frozen=True)
class Rule:
    """Whoever writes this means ``option``; the first rule that hits decides."""

    match: Match
    pattern: str
    option: str

    def hits(self, text: str) -> bool:
        """Return whether the text is meant.

        Examples
        --------
        >>> rule = Rule(Match.SOUNDS, "小红书", "xiaohongshu")
        >>> [rule.hits(text) for text in ("小hong书上看到的", "XIAO HONG SHU", "小红花")]
        [True, True, False]
        >>> Rule(Match.NEAR, "tiktok", "douyin").hits("ticktok"), Rule(Match.EQUALS, "抖音", "douyin").hits("在抖音")
        (True, False)
        """
        said, sought = spell(text), spell(self.pattern)
        if not sought.plain:
            return False
        if self.match is Match.EQUALS:
            return said.plain == sought.plain
        if self.match is Match.CONTAINS:
            return sought.plain in said.plain
        if self.match is Match.SOUNDS:
            return said.holds(sought)
        return _likeness(sought.sound, said.sound) >= NEAR


@dataclass(frozen=True)
class Spelling:
    """``plain``: letters, digits and Han characters alone; ``sound``: in pinyin.

    ``cuts``: where in the sound a syllable may begin or end: of Latin letters anywhere; ``known``: where one does.
    """

    plain: str
    sound: str
    cuts: frozenset[int]
    known: frozenset[int]

    def holds(self, sought: "Spelling") -> bool:
        """Return whether ``sought`` sounds like a part of it, syllable by syllable: 西安 is not 先."""
        place, size = self.sound.find(sought.sound), len(sought.sound)
        while place >= 0 and size:
            theirs = {place + cut for cut in (*sought.known, 0, size)}
            ours = {cut - place for cut in self.known if place < cut < place + size}
            if theirs <= self.cuts and ours <= sought.cuts:
                return True
            place = self.sound.find(sought.sound, place + 1)
        return False


@lru_cache(maxsize=2**16)
def spell(text: str) -> Spelling:
    """Return the spellings of a text.

    Examples
    --------
    >>> spell("小Ｈong书！").plain, spell("小Ｈong书！").sound
    ('小hong书', 'xiaohongshu')
    """
    from pypinyin import lazy_pinyin  # not before it is needed: its dictionaries take 55 MB

    folded = unicodedata.normalize("NFKC", text).casefold()
    plain = "".join(character for character in folded if character.isalnum())
    sound, cuts, known = "", {0}, set()
    for run in HAN.split(plain):
        is_han = HAN.match(run) is not None
        # In their context: 重庆 is not the 重 of 重要. What has no reading stands for itself.
        for syllable in lazy_pinyin(run, errors=list) if is_han else run:  # type: ignore[arg-type]
            sound += syllable
            cuts.add(len(sound))
            if is_han:
                known |= {len(sound) - len(syllable), len(sound)}
    return Spelling(plain, sound, frozenset(cuts | known), frozenset(known))


def code(rules: Sequence[Rule], text: str) -> Rule | None:
    """Return the first rule that hits the text."""
    return next((rule for rule in rules if rule.hits(text)), None)


def suggest(text: str, words: Mapping[str, Iterable[str]]) -> str | None:
    """Return the option that a text most probably means, or None if none is near enough.

    Parameters
    ----------
    words : option → its labels and whatever else it is called

    Examples
    --------
    >>> words = {"xiaohongshu": ["小红书", "Xiaohongshu"], "friends": ["朋友推荐", "Friends"]}
    >>> suggest("xiaohonshu", words), suggest("朋友介绍的", words), suggest("hello", words)
    ('xiaohongshu', 'friends', None)
    """
    found = {option: max((_closeness(word, text) for word in names), default=0.0) for option, names in words.items()}
    best = max(found, key=lambda option: found[option], default=None)
    return best if best is not None and found[best] >= NEAR else None


def _closeness(word: str, text: str) -> float:
    said, sought = spell(text), spell(word)
    if not sought.plain or not said.plain:
        return 0.0
    if said.holds(sought) and len(sought.sound) >= FEWEST_LETTERS:
        return 100.0
    # 朋友 of 朋友推荐: the first word of a label, if it is a word of its own.
    head = sought.plain[:2]
    if len(sought.plain) > 2 and not head.isascii() and head in said.plain:
        return 90.0
    return _likeness(sought.sound, said.sound)


def _likeness(sought: str, said: str) -> float:
    """Return from 0 to 100 how much of what is sought is somewhere in what was said."""
    if len(sought) < FEWEST_LETTERS or len(said) < FEWEST_LETTERS:
        return 0.0
    part = fuzz.partial_ratio(sought, said) if len(said) > len(sought) else 0.0
    return float(max(part, fuzz.ratio(sought, said)))
