"""A question of a draft as guests will see it, on the very page that they get; nothing can be answered to it."""

from datetime import UTC, datetime
from uuid import UUID

from surveys.definition import BadDefinition, Question, parse
from surveys.drafts import Content, alone, place_of, row_of
from surveys.steps import Step
from surveys.tickets import Ticket

# The same seed for every look, so that choices do not jump about while one writes.
LOOK = Ticket(UUID(int=0), 0, datetime(2026, 1, 1, tzinfo=UTC))


class PreviewStep(Step):
    """A step that stands where the draft has it, though its definition holds this one question alone."""

    place: int = 1
    of: int = 1

    @property
    def number(self) -> int:
        return self.place

    @property
    def total(self) -> int:
        return self.of

    @property
    def is_last(self) -> bool:
        return self.place == self.of

    @property
    def previous(self) -> Question | None:
        return None


def preview_step(content: Content, key: str, language: str) -> PreviewStep | None:
    """Return the question as a step; None while it is not whole enough to be shown."""
    row = row_of(content, key)
    if row is None:
        return None
    try:
        definition = parse({"questions": [alone(row)]})
    except BadDefinition:
        return None
    step = PreviewStep(definition, definition.questions[0], {}, LOOK, language)
    step.place, step.of = place_of(content["questions"], key) + 1, len(content["questions"])
    return step
