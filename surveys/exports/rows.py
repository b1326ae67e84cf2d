"""The columns and rows of a file of responses, wide and long, as sheets.Tables that stream."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sheets.table import Column, Table
from sheets.values import ColumnType, Value
from surveys.definition import Definition, Kind, text_key
from surveys.exports.items import MASKED, Asked, Item, Missing, Place, Said, Way, missing_numbers

OWN_CLOCK = _("By the store’s clock.")
YES, NO = 1, 0
PROMISED = {"with": YES, "without": NO}


@dataclass(frozen=True)
class Ground:
    """What the rows of one file rest on: questionnaires by their version's id, with its number; places; channels."""

    asked: Asked
    items: Sequence[Item]
    versions: Mapping[int, tuple[int, Definition]]
    places: Mapping[int, Place]
    channels: Mapping[int, tuple[str, str]]  # slug and name

    @property
    def has_keys(self) -> bool:
        return self.asked.labels == "keys"

    def heading(self, key: str, label: object) -> str:
        return key if self.has_keys else str(label)


class Field(NamedTuple):
    """A column about the response as a whole."""

    key: str
    label: str | Promise
    type: ColumnType
    value: Callable[[Ground, Said], Value]
    definition: str | Promise = ""
    is_raw: bool = False


def _local(moment: datetime | None, zone: tzinfo) -> datetime | None:
    return moment and moment.astimezone(zone).replace(tzinfo=None)


def _moment(name: str) -> Callable[[Ground, Said], Value]:
    return lambda ground, said: _local(getattr(said, name), ground.places[said.placement].zone)


def _duration(ground: Ground, said: Said) -> Value:
    """Return the seconds from the first page to the last; nothing where a clock was set back meanwhile."""
    if said.submitted_at is None:
        return None
    seconds = (said.submitted_at - said.shown_at).total_seconds()
    return seconds if seconds >= 0 else None


def _channel(ground: Ground, said: Said) -> Value:
    found = ground.channels.get(said.channel) if said.channel is not None else None
    return found and found[0 if ground.has_keys else 1]


def _named(key: str, name: str) -> Callable[[Ground, Said], Value]:
    return lambda ground, said: getattr(ground.places[said.placement], key if ground.has_keys else name) or None


def _standing(ground: Ground, said: Said) -> Value:
    """Return whether the response is counted, or why it is not; nothing where it was never sent."""
    if said.received_at is None:
        return None
    key = "set_aside" if said.set_aside_at else f"repeats_{said.repeats}" if said.repeats else "counted"
    return key if ground.has_keys else str(STANDINGS[key])


STANDINGS: dict[str, str | Promise] = {
    "counted": _("counted"),
    "set_aside": _("set aside as suspicious"),
    "repeats_device": _("repeats: same device"),
    "repeats_contact": _("repeats: same phone or e-mail"),
    "repeats_receipt": _("repeats: same receipt"),
}
FIELDS = (
    Field("id", _("Response"), "text", lambda ground, said: str(said.uuid)),
    Field("version", _("Version"), "integer", lambda ground, said: ground.versions[said.version][0],
          _("Of the questionnaire that the guest was shown.")),
    Field("store", _("Store"), "text", _named("store_code", "store")),
    Field("placement", _("Place"), "text", lambda ground, said: ground.places[said.placement].spot or None),
    Field("device", _("Device"), "text", _named("mode", "mode_label")),
    Field("language", _("Language"), "text", lambda ground, said: said.language),
    Field("shown_at", _("First shown"), "datetime", _moment("shown_at"), OWN_CLOCK),
    Field("started_at", _("Started at"), "datetime", _moment("started_at"), OWN_CLOCK),
    Field("submitted_at", _("Submitted at"), "datetime", _moment("submitted_at"),
          _("By the clock of the guest’s device where it was offline; empty where the guest left before the end.")),
    Field("received_at", _("Received at"), "datetime", _moment("received_at"), OWN_CLOCK),
    Field("zone", _("Time zone"), "text", lambda ground, said: str(ground.places[said.placement].zone)),
    Field("duration", _("Time to finish"), "duration", _duration, _("From shown to submitted.")),
    Field("channel", _("Counts for channel"), "text", _channel),
    Field("standing", _("Counted"), "text", _standing,
          _("Repeats of the same guest’s answer, and what was set aside, are left out of results and evidence.")),
    Field("placebo", _("Chose a placebo"), "integer",
          lambda ground, said: None if said.chose_placebo is None else int(said.chose_placebo),
          _("1 yes, 0 no; empty where none was shown.")),
    Field("coupon_given", _("Coupon given"), "integer", lambda ground, said: int(said.coupon is not None),
          _("1 yes, 0 no.")),
    Field("promised", _("Promised a coupon"), "integer", lambda ground, said: PROMISED.get(said.arm),
          _("1 yes, 0 drawn to be without one; empty where nothing was drawn.")),
    Field("coupon", _("Coupon"), "text", lambda ground, said: said.coupon, is_raw=True),
    Field("source", _("Source"), "text", lambda ground, said: said.source or None,
          _("What the address named as its source.")),
    Field("receipt", _("Receipt number"), "text", lambda ground, said: said.receipt or None, is_raw=True),
    Field("customer", _("Customer"), "text", lambda ground, said: str(said.customer) if said.customer else None,
          _("The same number is the same guest."), is_raw=True),
)  # fmt: skip
IN_LONG = ("id", "version", "store", "placement", "language", "submitted_at", "standing")


def fields_of(ground: Ground, keys: Sequence[str] = ()) -> list[Field]:
    shown = [one for one in FIELDS if ground.asked.is_raw or not one.is_raw]
    return [one for one in shown if not keys or one.key in keys]


def _columns(ground: Ground, fields: Iterable[Field]) -> list[Column]:
    return [Column(one.key, ground.heading(one.key, one.label), one.type, one.definition) for one in fields]


# ── One row a response ──────────────────────────────────────────────────────────────────────────────────────────────


class Cell(NamedTuple):
    """A column about one question. ``value`` is given an answer (not None) and the response."""

    item: Item
    name: str
    heading: str
    type: ColumnType
    value: Callable[[Any, Said], Value]


def wide(ground: Ground, responses: Iterable[Said]) -> Table:
    fields, cells = fields_of(ground), list(cells_of(ground))
    columns = _columns(ground, fields) + [_typed(ground, cell) for cell in cells]
    return Table("answers", gettext("Response list"), columns, _wide_rows(ground, fields, cells, responses))


def _typed(ground: Ground, cell: Cell) -> Column:
    # A date's cell cannot hold the number of a missing one.
    kind: ColumnType = "text" if cell.type == "date" and ground.asked.missing == "codes" else cell.type
    return Column(f"q:{cell.name}", cell.heading, kind, digits=cell.item.question.decimals)


def _wide_rows(
    ground: Ground, fields: Sequence[Field], cells: Sequence[Cell], responses: Iterable[Said]
) -> Iterator[list[Value]]:
    numbers = missing_numbers(ground.items) if ground.asked.missing == "codes" else None
    for said in responses:
        definition = ground.versions[said.version][1]
        why = Way(definition, said).why if numbers else None
        row = [one.value(ground, said) for one in fields]
        row += [_cell(cell, said, definition, why, numbers) for cell in cells]
        yield row


def _cell(
    cell: Cell,
    said: Said,
    definition: Definition,
    why: Callable[[str], Missing] | None,
    numbers: Mapping[Missing, int] | None,
) -> Value:
    key, question = cell.item.question.key, definition.question(cell.item.question.key)
    is_same = question is not None and question.kind == cell.item.kind
    answer = said.answers.get(key) if is_same else None
    if answer is not None:
        value = cell.value(answer, said)
        return str(value) if numbers and cell.type == "date" else value
    if why is None or numbers is None:
        return None
    number = numbers[why(key) if is_same else Missing.NOT_ASKED]
    return number if cell.type in {"integer", "number"} else str(number)


def cells_of(ground: Ground) -> Iterator[Cell]:
    """Yield the columns of each question: its own, or one an option; the words beside an option, and what they mean."""
    asked = ground.asked
    for item in ground.items:
        label = asked.words(item.question.label)
        if item.kind is Kind.MULTIPLE:
            for option in item.options.values():
                name = f"{item.name}.is_{option.key}"
                heading = ground.heading(name, f"{label}: {asked.words(option.label)}")
                yield Cell(item, name, heading, "integer", _is_chosen(option.key))
        else:
            yield Cell(item, item.name, ground.heading(item.name, label), type_of(item), _answered(ground, item))
        if item.takes_text:
            heads = gettext("%(question)s (own words)"), gettext("%(question)s (own words count as)")
            names = f"{item.name}.text", f"{item.name}.code"
            for name, head, value in zip(names, heads, (_beside(asked, item), _meant(ground, item)), strict=True):
                yield Cell(item, name, ground.heading(name, head % {"question": label}), "text", value)


def type_of(item: Item) -> ColumnType:
    types: dict[Kind, ColumnType] = {Kind.NUMBER: "number" if item.question.decimals else "integer", Kind.DATE: "date"}
    return types.get(item.kind, "integer" if item.is_measured else "text")


def label_of(ground: Ground, item: Item, key: Any) -> str:
    option = item.options.get(key)
    return str(key) if option is None or ground.has_keys else ground.asked.words(option.label)


def _is_chosen(key: str) -> Callable[[Any, Said], Value]:
    return lambda answer, said: YES if key in answer else NO


def _answered(ground: Ground, item: Item) -> Callable[[Any, Said], Value]:
    if item.kind is Kind.DATE:
        return lambda answer, said: datetime.fromisoformat(str(answer)).date()
    if item.kind in {Kind.TEXT, Kind.LONGTEXT}:
        return lambda answer, said: str(answer) if ground.asked.is_raw else MASKED
    if item.is_measured:
        return lambda answer, said: answer
    return lambda answer, said: label_of(ground, item, answer)


def _beside(asked: Asked, item: Item) -> Callable[[Any, Said], Value]:
    key = text_key(item.question.key)
    return lambda answer, said: (said.answers[key] if asked.is_raw else MASKED) if key in said.answers else None


def _meant(ground: Ground, item: Item) -> Callable[[Any, Said], Value]:
    key = item.question.key
    return lambda answer, said: label_of(ground, item, said.codes[key]) if key in said.codes else None


# ── One row an answer ───────────────────────────────────────────────────────────────────────────────────────────────


def long(ground: Ground, responses: Iterable[Said]) -> Table:
    """Return a table with a row for each answer, and for each chosen option of several; what is missing has no row."""
    fields = fields_of(ground, IN_LONG + (("receipt", "customer") if ground.asked.is_raw else ()))
    own = [
        Column("question_key", ground.heading("question_key", gettext("Question’s key"))),
        Column("question", ground.heading("question", gettext("Question"))),
        Column("answer", ground.heading("answer", gettext("What was answered"))),
        Column("value", ground.heading("value", gettext("Number")), "number", digits=_digits(ground)),
        Column("text", ground.heading("text", gettext("Own words"))),
        Column("code", ground.heading("code", gettext("Own words count as"))),
    ]
    return Table(
        "answers", gettext("Response list"), _columns(ground, fields) + own, _long_rows(ground, fields, responses)
    )


def _digits(ground: Ground) -> int:
    return max((item.question.decimals for item in ground.items), default=0)


def _long_rows(ground: Ground, fields: Sequence[Field], responses: Iterable[Said]) -> Iterator[list[Value]]:
    asked = [(item, ground.asked.words(item.question.label), _answered(ground, item)) for item in ground.items]
    for said in responses:
        definition = ground.versions[said.version][1]
        common = [one.value(ground, said) for one in fields]
        for item, label, value in asked:
            question = definition.question(item.question.key)
            if question is None or question.kind != item.kind or question.key not in said.answers:
                continue
            for answer, number, text, meant in _told(ground, item, value, said):
                yield [*common, item.name, label, answer, number, text, meant]


def _told(
    ground: Ground, item: Item, value: Callable[[Any, Said], Value], said: Said
) -> Iterator[tuple[Value, Value, Value, Value]]:
    """Yield the answer in words, as a number, what was written beside it, and what that means."""
    answer = said.answers[item.question.key]
    beside, meant = _beside(ground.asked, item)(answer, said), _meant(ground, item)(answer, said)
    if item.kind is not Kind.MULTIPLE:
        shown = value(answer, said)
        yield (str(shown), shown if item.is_measured else None, beside, meant)
        return
    for key in answer:
        option = item.options.get(key)
        writes = option is not None and option.takes_text
        yield (label_of(ground, item, key), None, beside if writes else None, meant if writes else None)
