"""Rules and references read and followed: to which questions they lead, and that all of these come before."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from surveys.definition.fields import BadDefinition, _, fields_of, list_of, number_of
from surveys.definition.kinds import LANGUAGES, MEASURED, SILENT
from surveys.definition.piping import references
from surveys.definition.rules import AllOf, Answered, AnyOf, Chosen, Not, Rule, Scored
from surveys.definition.values import Question

MOST_RULES, MOST_CHOSEN, DEEPEST = 20, 40, 5
JOINED = ("all", "any", "not")
BOUNDS = ("at_least", "at_most")
LATER = _("%(on)s comes later than %(key)s: move it before")
LEFT_OUT = _("%(reference)s may be left out: write {{%(key)s|other words}}")


class Lean(NamedTuple):
    """Where which question leans on which."""

    path: str
    key: str
    on: str


class RuleReader:
    """Reads one question's rules; ``leans`` tells afterwards on which others they lean, and where."""

    def __init__(self, key: str, questions: Mapping[str, Question]) -> None:
        self.key, self.questions = key, questions
        self.leans: list[Lean] = []

    def read(self, value: object, path: str, depth: int = 1) -> Rule:
        if depth > DEEPEST:
            raise BadDefinition(path, _("write rules at most %(most)s deep"), most=DEEPEST)
        joined = next((name for name in JOINED if isinstance(value, dict) and name in value), None)
        if joined is None:
            return self._about_one(fields_of(value, path, {"question"}, {"options", "answered", *BOUNDS}), path)
        inner = fields_of(value, path, {joined})[joined]
        if joined == "not":
            return Not(self.read(inner, f"{path}.not", depth + 1))
        rows = list_of(inner, f"{path}.{joined}", 1, MOST_RULES)
        rules = tuple(self.read(row, f"{path}.{joined}[{at}]", depth + 1) for at, row in enumerate(rows))
        return AllOf(rules) if joined == "all" else AnyOf(rules)

    def _about_one(self, fields: dict[str, Any], path: str) -> Rule:
        asked = self.questions.get(fields["question"]) if isinstance(fields["question"], str) else None
        if asked is None:
            raise BadDefinition(f"{path}.question", _("there is no question %(key)s"), key=repr(fields["question"]))
        self.leans.append(Lean(f"{path}.question", self.key, asked.key))
        names = fields.keys() - {"question"}
        if names == {"options"}:
            return self._chosen(asked, fields, path)
        if names == {"answered"}:
            return self._answered(asked, fields, path)
        if names and names <= set(BOUNDS):
            return self._scored(asked, fields, path)
        raise BadDefinition(path, _("write either options, or at_least and at_most, or answered"))

    def _chosen(self, asked: Question, fields: dict[str, Any], path: str) -> Chosen:
        if not asked.options:
            raise BadDefinition(f"{path}.question", _("%(key)s has no options"), key=repr(asked.key))
        keys = list_of(fields["options"], f"{path}.options", 1, MOST_CHOSEN)
        for index, key in enumerate(keys):
            if asked.option(key) is None:
                raise BadDefinition(
                    f"{path}.options[{index}]", _("%(key)s has no option %(value)s"), key=asked.key, value=repr(key)
                )
        return Chosen(asked.key, tuple(keys))

    def _answered(self, asked: Question, fields: dict[str, Any], path: str) -> Answered:
        if asked.kind in SILENT:
            raise BadDefinition(f"{path}.question", _("%(key)s leaves no answer to lean on"), key=repr(asked.key))
        if fields["answered"] is not True:
            raise BadDefinition(f"{path}.answered", _("write true; its contrary is not: {…}"))
        return Answered(asked.key)

    def _scored(self, asked: Question, fields: dict[str, Any], path: str) -> Scored:
        if asked.kind not in MEASURED:
            raise BadDefinition(f"{path}.question", _("%(key)s has no score or number"), key=repr(asked.key))
        least, most = (number_of(fields, name, path) for name in BOUNDS)
        if least is not None and most is not None and least > most:
            raise BadDefinition(
                f"{path}.at_most", _("no number is at least %(least)s and at most %(most)s"), least=least, most=most
            )
        return Scored(asked.key, least, most)


def ensure_earlier(questions: Sequence[Question], leans: Sequence[Lean]) -> None:
    """Refuse rules that go round in a circle, and those that lean on what is asked later."""
    graph: dict[str, list[str]] = {}
    for lean in leans:
        graph.setdefault(lean.key, []).append(lean.on)
    for question in questions:
        if circle := _circle(question.key, graph):
            raise BadDefinition("questions", _("%(keys)s: these rules go round in a circle"), keys=" → ".join(circle))
    order = [question.key for question in questions]
    for lean in leans:
        if order.index(lean.on) > order.index(lean.key):
            raise BadDefinition(lean.path, LATER, on=repr(lean.on), key=repr(lean.key))


def _circle(start: str, graph: Mapping[str, list[str]]) -> list[str]:
    """Return the way from a question back to itself; nothing if there is none."""
    came_from: dict[str, str] = {}
    waiting = [start]
    while waiting:
        here = waiting.pop()
        for there in graph.get(here, ()):
            if there == start:
                way = [start, here]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return way[::-1]
            if there not in came_from:
                came_from[there] = here
                waiting.append(there)
    return []


def ensure_references(question: Question, path: str, earlier: Mapping[str, Question]) -> None:
    """Refuse words that refer to what is not asked before, or may be left out without other words in its place."""
    for name, text in (("label", question.label), ("help", question.help)):
        for language in LANGUAGES if text else ():
            for key, otherwise in references(text.in_language(language)) if text else ():
                here, reference = f"{path}.{name}.{language}", f"{{{{{key}}}}}"
                asked = earlier.get(key)
                if asked is None:
                    raise BadDefinition(here, _("%(reference)s is no earlier question"), reference=reference)
                if asked.kind in SILENT:
                    raise BadDefinition(here, _("%(reference)s leaves no answer to show"), reference=reference)
                if not otherwise and (asked.asked_if is not None or not asked.is_required):
                    raise BadDefinition(here, LEFT_OUT, reference=reference, key=key)
