"""A questionnaire as a value, and what may be answered to it. Pure: knows no Django and no database."""

from surveys.definition.reading import BadDefinition, parse, serialise
from surveys.definition.values import (
    DONT_REMEMBER,
    LANGUAGES,
    LONGEST_ANSWER,
    OTHER,
    AnswersRefused,
    Condition,
    Definition,
    Kind,
    Option,
    Question,
    Text,
    text_key,
)

__all__ = [
    "DONT_REMEMBER",
    "LANGUAGES",
    "LONGEST_ANSWER",
    "OTHER",
    "AnswersRefused",
    "BadDefinition",
    "Condition",
    "Definition",
    "Kind",
    "Option",
    "Question",
    "Text",
    "parse",
    "serialise",
    "text_key",
]
