"""The kinds of question, and what each may hold."""

from enum import StrEnum

LANGUAGES = ("zh-hans", "en")
OTHER, DONT_REMEMBER = "other", "dont_remember"
LONGEST_ANSWER, LONGEST_STORY = 500, 2_000  # characters
LARGEST_NUMBER, MOST_DECIMALS = 1_000_000_000, 4  # a float holds all of these digits exactly
MOST_STARS, BEST_SCORE = 5, 10


class Kind(StrEnum):
    CHANNEL = "channel"  # one choice; its options may mean channels
    CHOICE = "choice"
    MULTIPLE = "multiple"
    SCALE = "scale"  # 2 to 11 points with words at both ends
    NPS = "nps"  # 0 to 10
    STARS = "stars"  # 1 to 5, how content (CSAT)
    NUMBER = "number"
    TEXT = "text"  # one line
    LONGTEXT = "longtext"
    DATE = "date"
    PHONE = "phone"  # a number and a consent, both kept apart from the answers
    EMAIL = "email"  # as the phone
    STATEMENT = "statement"  # words only, nothing to answer


WITH_OPTIONS = frozenset({Kind.CHANNEL, Kind.CHOICE, Kind.MULTIPLE})
SCORES = frozenset({Kind.SCALE, Kind.NPS, Kind.STARS})
MEASURED = SCORES | {Kind.NUMBER}
PERSONAL = frozenset({Kind.PHONE, Kind.EMAIL})
# These leave nothing among the answers: no rule and no other question's words can lean on them.
SILENT = PERSONAL | {Kind.STATEMENT}
