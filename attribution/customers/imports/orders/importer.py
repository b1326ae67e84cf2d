"""The importer of orders."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import groupby
from typing import Any

import pandas as pd
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from attribution.customers.actions.bulk import find_orders, record_orders, resolve_customers
from attribution.customers.imports.contract import Context, Field, Importer, Taken
from attribution.customers.imports.messages import tell
from attribution.customers.imports.orders.columns import FIELDS, IDENTITIES, OF_LINES, REFUND_WORDS, SALE_WORDS
from attribution.customers.imports.orders.reading import (
    BadGroup,
    Said,
    Shape,
    kept,
    own_currency,
    read_order,
    with_rows,
)
from attribution.customers.imports.orders.stores import Stores
from attribution.customers.imports.reading import parse
from attribution.errors import DomainError
from sheets.read import Parsed

AHEAD = timedelta(days=1)  # clocks of tills go wrong, but not that far


class OrdersImporter(Importer):
    kind = "orders"
    title = _("Orders")
    fields = FIELDS
    remarks = {
        "sale": _("Sales"),
        "refund": _("Refunds"),
        "unidentified": _("Orders without a customer"),
        "original_unknown": _("Refunds whose original order is not known"),
        "cut": _("Rows whose item name was shortened"),
    }

    def missing(self, found: Iterable[str], options: Mapping[str, Any]) -> list[str]:
        names = set(found)
        missing = [name for name in ("number",) if name not in names]
        if not names & {"placed_at", "clock"}:
            missing.append("placed_at")
        if not names & ({"amount", "price"} if names & OF_LINES else {"amount", "order_amount"}):
            missing.append("amount")
        if not missing and "store" not in names and Stores(options.get("store", "")).default is None:
            missing.append("store")
        return missing

    def basis(self) -> str:
        return Stores().mark()

    def groups(self, rows: pd.DataFrame, context: Context) -> pd.Series:
        stores = self._stores(context).find(rows.get("store"), rows.index)
        groups = stores.astype("str") + "|" + _numbers(rows["number"])
        return groups.mask(stores.isna() | rows["number"].isna())

    def waits(self, rows: pd.DataFrame) -> pd.Series | None:
        """Refunds come after the orders that they name."""
        return rows["refund_of"].notna() if "refund_of" in rows else None

    def _stores(self, context: Context) -> Stores:
        if "stores" not in context.memory:
            context.memory["stores"] = Stores(context.options.get("store", ""))
        stores: Stores = context.memory["stores"]
        return stores

    def read(self, rows: pd.DataFrame, context: Context) -> tuple[pd.DataFrame, dict[int, str]]:
        stores = self._stores(context)
        rows = rows.assign(number=_numbers(rows["number"]), placed_at=_moments(rows))
        if "member" in rows:
            rows["member"] = _numbers(rows["member"])
        ids = stores.find(rows.get("store"), rows.index)
        context.memory["zones"] = ids.map({key: store.zoneinfo for key, store in stores.all.items()})
        typed, bad = super().read(rows.drop(columns=["clock"], errors="ignore"), context)
        self._refuse(bad, rows, typed, ids)
        if "kind" in typed:
            typed["kind"] = typed["kind"].str.casefold()
        return typed.assign(store_id=ids), bad

    def cell(self, one: Field, text: pd.Series, context: Context) -> Parsed:
        if one.name != "placed_at":
            return super().cell(one, text, context)
        zones = context.memory["zones"]
        parts = [_of_zone(one, text[zones == zone], context, zone) for zone in zones.dropna().unique()]
        values = [part.values for part in parts if len(part.values)]
        found = pd.concat(values) if values else pd.Series(dtype="datetime64[us, UTC]")
        return Parsed(found.reindex(text.index), pd.concat([part.errors for part in parts] or [pd.Series(dtype="str")]))

    def _refuse(self, bad: dict[int, str], rows: pd.DataFrame, typed: pd.DataFrame, ids: pd.Series) -> None:
        for row in rows.index[ids.isna()]:
            name = rows["store"][row] if "store" in rows else pd.NA
            bad.setdefault(int(row), tell("no_store", {}) if pd.isna(name) else
                           gettext("There is no store “%(name)s”.") % {"name": name[:60]})  # fmt: skip
        for row in typed.index[typed["placed_at"].isna()]:
            bad.setdefault(int(row), tell("blank", {"field": _field("placed_at").label}))
        for row in typed.index[typed["placed_at"] > timezone.now() + AHEAD]:
            bad.setdefault(int(row), gettext("The order lies in the future."))
        amounts = [name for name in ("amount", "price", "order_amount") if name in typed]
        for row in typed.index[typed[amounts].isna().all(axis=1)]:
            bad.setdefault(int(row), tell("blank", {"field": _field("amount").label}))
        for name in ("kind", "currency", *IDENTITIES):
            if name in rows:
                wrong = {value: why for value in rows[name].dropna().unique() if (why := _wrong(name, value))}
                for row in rows.index[rows[name].isin(list(wrong))]:
                    bad.setdefault(int(row), wrong[rows[name][row]])

    def take(self, rows: pd.DataFrame, context: Context) -> Taken:
        taken, orders, counts = Taken(), [], []
        shape = self._shape(context)
        for numbers, records in _orders(rows):
            try:
                orders.append(read_order(records, shape))
                counts.append(len(numbers))
            except BadGroup as error:
                taken.failed |= dict.fromkeys(numbers, str(error))
        for outcome, count in zip(self._write(orders, taken.remarks), counts, strict=True):
            taken.count(outcome, count)
        return taken

    def _shape(self, context: Context) -> Shape:
        heading = context.mapping.get("number", "").casefold()
        return Shape(bool(OF_LINES & context.mapping.keys()), "kind" in context.mapping, heading.startswith("invoice"))

    def _write(self, orders: list[Said], remarks: Counter[str]) -> list[str]:
        people = resolve_customers([(said.identities, said.value.placed_at) for said in orders])
        for said, customer in zip(orders, people, strict=True):
            remarks[said.value.kind] += 1
            remarks["unidentified"] += customer is None
            remarks["cut"] += said.cut
        pairs = list(zip(orders, people, strict=True))
        outcomes = _record([pair for pair in pairs if pair[0].refund_of is None], remarks)
        outcomes |= _record([pair for pair in pairs if pair[0].refund_of is not None], remarks)  # finds the others
        return [outcomes[said.key] for said in orders]


def _record(pairs: list[tuple[Said, int | None]], remarks: Counter[str]) -> dict[tuple[int, str], str]:
    originals = find_orders({said.original_key for said, _customer in pairs if said.refund_of is not None})
    values = []
    for said, customer in pairs:
        original = originals.get(said.original_key)
        remarks["original_unknown"] += said.refund_of is not None and original is None
        values.append(with_rows(said, customer_id=customer, refund_of_id=None if original is None else original.pk))
    return {said.key: outcome for (said, _customer), outcome in zip(pairs, record_orders(values), strict=True)}


def _field(name: str) -> Field:
    return next(one for one in FIELDS if one.name == name)


def _numbers(text: pd.Series) -> pd.Series:
    """A spreadsheet that took a number for an amount wrote 13085.0: the number is 13085."""
    return text.str.replace(r"^(\d+)\.0$", r"\1", regex=True)


def _moments(rows: pd.DataFrame) -> pd.Series:
    """Day and time of day may stand in one column or in two."""
    if "placed_at" not in rows:
        return rows["clock"]
    if "clock" not in rows:
        return rows["placed_at"]
    return rows["placed_at"].where(rows["clock"].isna(), rows["placed_at"] + " " + rows["clock"])


def _of_zone(one: Field, text: pd.Series, context: Context, zone: Any) -> Parsed:
    order = context.orders.get("placed_at") or context.orders.get("clock")
    return parse(one.type, text, order, zone)


def _wrong(name: str, value: str) -> str:
    if name == "kind":
        known = value.casefold() in SALE_WORDS | REFUND_WORDS
        return "" if known else gettext("“%(value)s” is neither a sale nor a refund.") % {"value": value[:60]}
    if name == "currency":
        return (
            "" if own_currency(value) else tell("other_currency", {"value": value[:60], "currency": settings.CURRENCY})
        )
    try:
        kept(name, value)
    except DomainError as error:
        return str(error)
    return ""


def _orders(rows: pd.DataFrame) -> Iterator[tuple[list[int], list[dict[str, Any]]]]:
    """Yield the row numbers and cells of each order; its rows stand side by side."""
    plain = rows.astype(object).where(rows.notna(), None)
    names = list(plain.columns)
    records = ((row, dict(zip(names, cells, strict=True))) for row, *cells in plain.itertuples(name=None))
    for _group, members in groupby(records, key=lambda pair: pair[1]["grp"]):
        pairs = list(members)
        yield [int(row) for row, _cells in pairs], [cells for _row, cells in pairs]
