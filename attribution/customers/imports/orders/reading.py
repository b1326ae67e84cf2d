"""From typed rows to orders: what each line came to, what the order is, who bought."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from attribution.customers.actions.orders import Line, OrderValue
from attribution.customers.actions.people import Known, as_known
from attribution.customers.identities import normalise
from attribution.customers.imports.orders.columns import IDENTITIES, SALE_WORDS
from attribution.customers.imports.reading import PRICE_DIGITS, QUANTITY_DIGITS
from attribution.errors import DomainError
from attribution.money import LARGEST_MINOR, exponent

LONGEST_NAME = 200
_CANCELLATION = re.compile(r"C\d+")


class BadGroup(DomainError):
    """The rows of one order contradict each other."""

    code = "bad_group"


@dataclass(frozen=True)
class Shape:
    """How a file tells of orders: a row per line or per order, and whether C before an invoice's number cancels it."""

    has_lines: bool
    has_kind: bool
    cancels_by_c: bool


@dataclass(frozen=True)
class Said:
    """What the rows of one order say, its customer and original not looked up yet."""

    value: OrderValue
    identities: tuple[Known, ...]
    refund_of: str | None
    cut: int

    @property
    def key(self) -> tuple[int, str]:
        return self.value.store_id, self.value.number

    @property
    def original_key(self) -> tuple[int, str]:
        return self.value.store_id, self.refund_of or ""


def line_amount(quantity: int, price: int) -> int:
    """Return quantity × price in minor units, rounded half-even, exactly.

    Parameters
    ----------
    quantity : in 10⁻³
    price : in 10⁻⁶ of the currency

    Examples
    --------
    >>> line_amount(25_000, 1_000), line_amount(35_000, 1_000), line_amount(-2_000, 6_950_000)
    (2, 4, -1390)
    """
    divisor = 10 ** (QUANTITY_DIGITS + PRICE_DIGITS - exponent())
    whole, rest = divmod(quantity * price, divisor)
    return whole + (2 * rest > divisor or (2 * rest == divisor and whole % 2 == 1))


def read_order(rows: Sequence[dict[str, Any]], shape: Shape) -> Said:
    """Return one order from its rows (cells by field, blank ones None); raise BadGroup if they are at odds."""
    if not shape.has_lines and len(rows) > 1:
        raise BadGroup(_("This order number stands on several rows, and the file has no columns for items."))
    amounts = [_amount(row) for row in rows]
    total = _same(rows, "order_amount", _("The rows of this order name different order amounts."))
    total = sum(amounts) if total is None else total
    if abs(total) > LARGEST_MINOR:
        raise BadGroup(_("The amount of this order is too large."))
    kind, sign = _kind(rows, shape, total)
    whole_discount = _same(rows, "order_discount", _("The rows of this order name different order discounts."))
    discounts = [abs(row["discount"]) for row in rows if row.get("discount") is not None]
    value = OrderValue(
        store_id=rows[0]["store_id"],
        number=rows[0]["number"],
        kind=kind,
        placed_at=min(row["placed_at"] for row in rows),
        amount_minor=sign * total,
        discount_minor=sum(discounts) if whole_discount is None else abs(whole_discount),
        lines=tuple(map(_line, rows, amounts, [sign] * len(rows))) if shape.has_lines else (),
    )
    original = _same(rows, "refund_of", _("The rows of this order name different original orders."))
    cut = sum(len(row.get("name") or "") > LONGEST_NAME for row in rows)
    if kind == "sale" or original == value.number:
        original = None
    return Said(value, _identities(rows), original, cut)


def with_rows(said: Said, *, customer_id: int | None, refund_of_id: int | None) -> OrderValue:
    return replace(said.value, customer_id=customer_id, refund_of_id=refund_of_id)


def _amount(row: dict[str, Any]) -> int:
    if row.get("amount") is not None:
        return int(row["amount"])
    if row.get("price") is None:
        return 0  # the order's own amount stands in another column: rows without any were refused before
    quantity = row.get("quantity")
    return line_amount(10**QUANTITY_DIGITS if quantity is None else quantity, row["price"])


def _line(row: dict[str, Any], amount: int, sign: int) -> Line:
    quantity = row.get("quantity")
    thousandths = 10**QUANTITY_DIGITS if quantity is None else quantity
    return Line(
        row.get("sku") or "",
        (row.get("name") or "")[:LONGEST_NAME],
        row.get("category") or "",
        Decimal(sign * thousandths).scaleb(-QUANTITY_DIGITS),
        sign * amount,
    )


def _kind(rows: Sequence[dict[str, Any]], shape: Shape, total: int) -> tuple[str, int]:
    """Return the kind, and by what amounts are multiplied so that a refund's are what was given back."""
    if shape.has_kind:
        word = _same(rows, "kind", _("Some rows of this order say that it is a sale, others that it is a refund."))
        if word is not None and word not in SALE_WORDS:
            return "refund", -1 if total < 0 else 1
        if word is not None and total < 0:
            raise BadGroup(_("The order says that it is a sale, but its amount is negative."))
    if shape.cancels_by_c and _CANCELLATION.fullmatch(rows[0]["number"]):
        return "refund", -1
    return ("refund", -1) if total < 0 else ("sale", 1)


def _same(rows: Sequence[dict[str, Any]], name: str, complaint: str | Promise) -> Any:
    values = {row[name] for row in rows if row.get(name) is not None}
    if len(values) > 1:
        raise BadGroup(complaint)
    return values.pop() if values else None


def _identities(rows: Sequence[dict[str, Any]]) -> tuple[Known, ...]:
    given = []
    for kind in IDENTITIES:
        values = {kept(kind, row[kind]) for row in rows if row.get(kind) is not None}
        if len(values) > 1:
            raise BadGroup(_("The rows of this order name different customers."))
        given += [(kind, value) for value in values]
    return _known(tuple(given))


@lru_cache(maxsize=20_000)
def kept(kind: str, typed: str) -> str:
    """Return an identity's one way of writing; raises BadIdentity."""
    return normalise(kind, typed)


@lru_cache(maxsize=20_000)
def _known(given: tuple[tuple[str, str], ...]) -> tuple[Known, ...]:
    return tuple(as_known(list(given))) if given else ()


def own_currency(code: str) -> bool:
    return code.strip().upper() in {settings.CURRENCY, *(("RMB", "人民币", "元") if settings.CURRENCY == "CNY" else ())}
