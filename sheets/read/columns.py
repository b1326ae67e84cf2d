"""Which column of a file is which field."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sheets.read.errors import SheetError

_BRACKETED = re.compile(r"[(\[【〔《「].*?[)\]】〕》」]")


@dataclass(frozen=True)
class Columns:
    """``mapping`` is field → heading as it stands in the file, ``unknown`` the headings nobody asked for."""

    mapping: dict[str, str]
    unknown: list[str]
    missing: list[str]

    def require(self, labels: Mapping[str, str] | None = None) -> "Columns":
        """Return itself, or raise ``missing_column`` naming the fields (by ``labels``) and what the file has."""
        if self.missing:
            names = [str((labels or {}).get(name, name)) for name in self.missing]
            found = [*self.mapping.values(), *self.unknown]
            raise SheetError("missing_column", columns=", ".join(names), found=", ".join(found))
        return self


def recognise_columns(
    headings: Sequence[str], known: Mapping[str, Iterable[str]], required: Collection[str] = ()
) -> Columns:
    """Match headings with fields, whatever their case, width, spaces and punctuation; a unit in brackets may be left out.

    Raises
    ------
    SheetError : ``duplicate_column``, when two headings mean the same field

    Examples
    --------
    >>> recognise_columns(
    ...     ["订单号 ", "AMOUNT (元)", "?"], {"number": {"订单号"}, "amount": {"Amount"}, "store": {"店"}}, {"store"}
    ... )
    Columns(mapping={'number': '订单号 ', 'amount': 'AMOUNT (元)'}, unknown=['?'], missing=['store'])
    """  # noqa: E501 - an example is one line
    fields = {plain(name): key for key, names in known.items() for name in [key, *names]}
    mapping: dict[str, str] = {}
    unknown = []
    for heading in headings:
        name = fields.get(plain(heading)) or fields.get(
            plain(_BRACKETED.sub("", unicodedata.normalize("NFKC", heading)))
        )
        if name is None:
            unknown.append(heading)
        elif name in mapping:
            raise SheetError("duplicate_column", field=name, columns=f"{mapping[name]}, {heading}")
        else:
            mapping[name] = heading
    return Columns(mapping, unknown, [name for name in required if name not in mapping])


def plain(heading: str) -> str:
    """Return a heading as it is compared: NFKC, without case, spaces and punctuation."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", heading).casefold() if sign.isalnum())
