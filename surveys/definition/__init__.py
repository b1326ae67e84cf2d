"""A questionnaire as a value, and what may be answered to it. Pure: knows no Django and no database."""

from surveys.definition.answers import AnswersRefused, first_and_last, least_and_most, text_key
from surveys.definition.fields import BadDefinition
from surveys.definition.kinds import (
    DONT_REMEMBER,
    LANGUAGES,
    LONGEST_ANSWER,
    LONGEST_STORY,
    OTHER,
    PERSONAL,
    SCORES,
    WITH_OPTIONS,
    Kind,
)
from surveys.definition.reading import parse
from surveys.definition.rules import AllOf, Answered, AnyOf, Chosen, Not, Rule, Scored
from surveys.definition.values import Definition, Option, Question, Text
from surveys.definition.writing import serialise

__all__ = [
    "DONT_REMEMBER",
    "LANGUAGES",
    "LONGEST_ANSWER",
    "LONGEST_STORY",
    "OTHER",
    "PERSONAL",
    "SCORES",
    "WITH_OPTIONS",
    "AllOf",
    "Answered",
    "AnswersRefused",
    "AnyOf",
    "BadDefinition",
    "Chosen",
    "Definition",
    "Kind",
    "Not",
    "Option",
    "Question",
    "Rule",
    "Scored",
    "Text",
    "first_and_last",
    "least_and_most",
    "parse",
    "serialise",
    "text_key",
]
