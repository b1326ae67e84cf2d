"""When a question is asked: rules over the answers to other questions, joined by all, any and not.

A question that was not asked, or was left out, has no answer: nothing was chosen there, and it has no score.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

Answers = Mapping[str, object]


class Rule(Protocol):
    def holds(self, answers: Answers) -> bool: ...

    def leans_on(self) -> Iterator[str]:
        """Yield the keys of the questions whose answers decide."""


@dataclass(frozen=True)
class Chosen:
    """Holds for those who chose one of ``options`` at ``question``, whatever else they chose there."""

    question: str
    options: tuple[str, ...]

    def holds(self, answers: Answers) -> bool:
        given = answers.get(self.question)
        return any(key in self.options for key in given) if isinstance(given, list) else given in self.options

    def leans_on(self) -> Iterator[str]:
        yield self.question


@dataclass(frozen=True)
class Scored:
    """Holds for a score or number within the bounds, both included."""

    question: str
    at_least: float | None = None
    at_most: float | None = None

    def holds(self, answers: Answers) -> bool:
        given = answers.get(self.question)
        if not isinstance(given, int | float):
            return False
        return (self.at_least is None or given >= self.at_least) and (self.at_most is None or given <= self.at_most)

    def leans_on(self) -> Iterator[str]:
        yield self.question


@dataclass(frozen=True)
class Answered:
    """Holds for those who answered ``question``, whatever they said."""

    question: str

    def holds(self, answers: Answers) -> bool:
        return answers.get(self.question) is not None

    def leans_on(self) -> Iterator[str]:
        yield self.question


@dataclass(frozen=True)
class AllOf:
    rules: tuple[Rule, ...]

    def holds(self, answers: Answers) -> bool:
        return all(rule.holds(answers) for rule in self.rules)

    def leans_on(self) -> Iterator[str]:
        return (key for rule in self.rules for key in rule.leans_on())


@dataclass(frozen=True)
class AnyOf:
    rules: tuple[Rule, ...]

    def holds(self, answers: Answers) -> bool:
        return any(rule.holds(answers) for rule in self.rules)

    def leans_on(self) -> Iterator[str]:
        return (key for rule in self.rules for key in rule.leans_on())


@dataclass(frozen=True)
class Not:
    rule: Rule

    def holds(self, answers: Answers) -> bool:
        return not self.rule.holds(answers)

    def leans_on(self) -> Iterator[str]:
        return self.rule.leans_on()
