"""Text from strangers, on its way into the owner's Excel.

Threat model
------------
A guest's answer, a typed coupon code or a line of an imported file can hold ``=HYPERLINK(...)``, ``@SUM(...)``,
``+1+cmd|' /C calc'!A0`` or the same after a tab or line break, in half- or full-width. Anybody may write it, without
logging in; the marketer, who trusts the workbook, opens it.

1. In .xlsx every text is written as an inline *string* cell. Only a column's own ``formula`` and ``total`` become
   formulas, and they are built from cell addresses alone, never from text.
2. A string cell is not enough: saved as CSV by Excel and opened again, the same text would run. So a text that a
   spreadsheet could take for a formula gets an apostrophe in front, here as in our own CSV. A sign followed by
   digits only ("-5", "+86 138 0000 0000") computes nothing worse than a number and stays as typed.
3. ``sheets.read`` takes that apostrophe off again (:func:`plain_text`), so a corrected workbook can come back.
4. What XML cannot hold (control characters, lone surrogates) is removed; what Excel would decode (``_x0041_``) is
   escaped; what it cannot hold (over 32,767 UTF-16 units) is cut with a mark. One bad text never costs the file.
"""

import re
from xml.sax.saxutils import escape, quoteattr

CELL_LIMIT = 32_767
_RISKY = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_HARMLESS = re.compile(r"[+-][0-9][0-9 .,()-]*")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DECODED_BY_EXCEL = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_ORDINARY = re.compile(r"[\w一-鿿][ -~一-鿿、-〟！-，．-／：-＜＞-｠]*", re.ASCII)


def safe_text(text: str, cut_mark: str = "…") -> str:
    """Return text that no spreadsheet takes for a formula and every one can hold.

    Examples
    --------
    >>> safe_text("=1+1"), safe_text("-5"), safe_text("奶茶")
    ("'=1+1", '-5', '奶茶')
    """
    if len(text) <= CELL_LIMIT // 2 and _ORDINARY.fullmatch(text):
        return text
    text = _ILLEGAL.sub("", text.replace("\r\n", "\n"))
    if _RISKY.match(text.lstrip("'")) and not _HARMLESS.fullmatch(text):
        text = "'" + text
    return _cut(text.replace("\r", "\n"), CELL_LIMIT, cut_mark)


def plain_text(text: str) -> str:
    """Undo the apostrophe of :func:`safe_text`.

    Examples
    --------
    >>> plain_text("'=1+1"), plain_text("'quoted'")
    ('=1+1', "'quoted'")
    """
    return text[1:] if text.startswith("'") and _RISKY.match(text.lstrip("'")) else text


def xml_text(text: str) -> str:
    """Return safe text as XML character data."""
    return escape(_DECODED_BY_EXCEL.sub("_x005F_", text)) if "_x" in text else escape(text)


def attribute(text: str) -> str:
    """Return a text as the value of an XML attribute, quotes included."""
    return quoteattr(_ILLEGAL.sub("", text))


def sheet_name(title: str, taken: set[str]) -> str:
    """Return a name Excel accepts and no other sheet has, and note it in ``taken`` (case-folded).

    Examples
    --------
    >>> names = set()
    >>> sheet_name("渠道: 11/22", names), sheet_name("渠道  11 22", names)
    ('渠道 11 22', '渠道 11 22 (2)')
    """
    plain = " ".join(_ILLEGAL.sub("", _NOT_IN_A_NAME.sub(" ", title)).split()).strip("' ") or "Sheet"
    name, number = _cut(plain, 31, "…"), 1
    while name.casefold() in taken | {"history"}:  # Excel keeps "History" for itself
        number += 1
        name = _cut(plain, 31 - len(f" ({number})"), "…") + f" ({number})"
    taken.add(name.casefold())
    return name


def _cut(text: str, limit: int, mark: str) -> str:
    if len(text) * 2 <= limit or _utf16(text) <= limit:
        return text
    kept = text.encode("utf-16-le")[: 2 * (limit - _utf16(mark))]
    return kept.decode("utf-16-le", "ignore") + mark


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
