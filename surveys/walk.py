"""PURE. The way that a guest took through a questionnaire, in a word a question: no answer can be read from it."""

from collections.abc import Collection, Mapping

from surveys.definition import Definition, Kind

ANSWERED, SKIPPED, READ, OPEN = "+", "-", ".", "?"


def walked(
    definition: Definition, answers: Mapping[str, object], *, left: Collection[str] = (), reached: str = ""
) -> str:
    """Return each question that was shown, in order, with how it was left.

    ``first_heard+ nps- phone?``: answered, skipped, and shown last without being left. A statement is ``.``: there is
    nothing to answer. ``left`` are the kinds of personal answers that were given (phone, email), which are kept apart
    from the others; ``reached`` is the question that is shown now, of a guest who is on the way.
    """
    way: list[str] = []
    for question in definition.asked(answers):
        if question.key == reached:
            return " ".join([*way, question.key + OPEN])
        if question.kind is Kind.STATEMENT:
            sign = READ
        else:
            sign = ANSWERED if question.key in answers or question.kind.value in left else SKIPPED
        way.append(question.key + sign)
    return " ".join(way)
