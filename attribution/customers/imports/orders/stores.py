"""Stores by what files call them."""

import hashlib

import pandas as pd

from attribution.customers.models import Store


class Stores:
    """All stores by code and both names, whatever their case; a name that two stores share finds neither."""

    def __init__(self, default: str = "") -> None:
        self.all = {store.pk: store for store in Store.objects.order_by("pk")}
        found: dict[str, set[int]] = {}
        for store in self.all.values():
            for name in (store.code, store.name_zh_hans, store.name_en):
                if name:
                    found.setdefault(_plain(name), set()).add(store.pk)
        self.by_name = {name: ids.pop() for name, ids in found.items() if len(ids) == 1}
        self.default = self.by_name.get(_plain(default)) if default else self.only()

    def only(self) -> int | None:
        """Return the store of a business that has no other."""
        return next(iter(self.all)) if len(self.all) == 1 else None

    def find(self, names: pd.Series | None, index: pd.Index) -> pd.Series:
        """Return store ids (NA: unknown); a row that names none belongs to the store chosen for the file."""
        if names is None:
            return pd.Series(self.default, index=index, dtype="Int64")
        ids = {name: self.by_name.get(_plain(name)) for name in names.dropna().unique()}
        found = names.map(ids).astype("Int64")
        return found if self.default is None else found.mask(names.isna(), self.default)

    def mark(self) -> str:
        parts = [f"{key}:{name}" for name, key in sorted(self.by_name.items())]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
