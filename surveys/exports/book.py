"""The code book of a file of responses: every variable, its wording in both languages, and what its values mean."""

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from sheets.table import Column, Table
from surveys.definition import Kind, Text
from surveys.definition.kinds import WITH_OPTIONS
from surveys.exports.items import Item, Missing, missing_numbers
from surveys.exports.rows import Cell, Ground, cells_of, fields_of

MISSING_WORDS: dict[Missing, str | Promise] = {
    Missing.NOT_ASKED: _("not asked"),
    Missing.SKIPPED: _("skipped"),
    Missing.NOT_REACHED: _("not reached"),
}


def code_book(ground: Ground) -> Table:
    """Return a row for each value of each variable; a variable without a list of values has one row."""
    columns = [
        Column("variable", gettext("Variable"), emphasis=True),
        Column("heading", gettext("Column in the file")),
        Column("kind", gettext("Kind")),
        Column("zh_hans", gettext("Wording in Chinese")),
        Column("en", gettext("Wording in English")),
        Column("versions", gettext("Versions"), definition=gettext("Of the questionnaire that ask it.")),
        Column("value", gettext("Value")),
        Column("label_zh_hans", gettext("Label in Chinese")),
        Column("label_en", gettext("Label in English")),
    ]
    return Table("code_book", gettext("Code book"), columns, list(_rows(ground)))


def _rows(ground: Ground) -> Iterator[list[str | None]]:
    for field in fields_of(ground):
        heading = ground.heading(field.key, field.label)
        yield [field.key, heading, field.type, *_in_both(field.label), None, None, *_in_both(field.definition)]
    for cell in cells_of(ground):
        yield from _of_cell(cell)
    for reason, number in missing_numbers(ground.items).items():
        if ground.asked.missing == "codes":
            yield [None, None, gettext("no answer"), None, None, None, str(number), *_in_both(MISSING_WORDS[reason])]


def _of_cell(cell: Cell) -> Iterator[list[str | None]]:
    question = cell.item.question
    begin = [cell.name, cell.heading, str(cell.item.kind), *_both(question.label), _versions(cell.item)]
    values = list(_values(cell))
    for value, text in values:
        yield [*begin, value, *_both(text)]
    if not values:
        yield [*begin, None, None, None]


def _values(cell: Cell) -> Iterator[tuple[str, Text]]:
    question, options = cell.item.question, cell.item.options
    if cell.item.kind is Kind.MULTIPLE and ".is_" in cell.name:
        chosen = options[cell.name.partition(".is_")[2]].label
        yield "1", chosen
        yield "0", Text(f"非：{chosen.zh_hans}", f"not: {chosen.en}")
    elif cell.item.kind in WITH_OPTIONS and not cell.name.endswith(".text"):
        yield from ((key, option.label) for key, option in options.items())
    elif question.points:
        ends = {question.points[0]: question.least_label, question.points[-1]: question.most_label}
        yield from ((str(point), ends.get(point) or Text(str(point), str(point))) for point in question.points)


def _both(text: Text) -> tuple[str, str]:
    return text.plain("zh-hans"), text.plain("en")


def _in_both(words: str | Promise) -> tuple[str | None, str | None]:
    found = []
    for language in ("zh-hans", "en"):
        with override(language):
            found.append(str(words) or None)
    return found[0], found[1]


def _versions(item: Item) -> str:
    return ", ".join(map(str, item.versions))
