"""What can be wrong with a file or a row, in the reader's language. Placeholders are those of ``sheets``."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from attribution.errors import DomainError

MESSAGES = {
    # the file
    "empty_file": _("The file is empty."),
    "no_rows": _("The file has column headings but no rows."),
    "not_a_spreadsheet": _("The file is neither CSV nor an Excel workbook (.xlsx)."),
    "old_excel": _("This is an older or binary Excel format. Open it in Excel and save it as .xlsx."),
    "password_protected": _("The workbook is protected by a password. Remove the password and try again."),
    "damaged": _("The workbook is damaged. Open it in Excel and save it again."),
    "too_large": _("The file is too large: {found} where {limit} is the most."),
    "unknown_encoding": _("The text is neither UTF-8 nor GB18030. Save the file as “CSV UTF-8” and try again."),
    "bad_header": _("The line of column headings cannot be read."),
    "missing_column": _("There is no column for {columns}. The file has: {found}."),
    "duplicate_column": _("More than one column could be {field}: {columns}. Keep one of them."),
    "ambiguous_dates": _(
        "“{value}” can be read as day and month or as month and day, and nothing in the column says which. "
        "Write dates as 2026-11-22."
    ),
    # a row
    "too_many_fields": _("The row has {found} fields, but there are {expected} columns."),
    "too_few_fields": _("The row has {found} fields, but there are {expected} columns."),
    "unbalanced_quotes": _("A quotation mark is opened and not closed, or text follows a closed one."),
    "control_character": _("The row holds a control character."),
    "not_decodable": _("Some characters of the row are not in the encoding of the file ({encoding})."),
    "line_too_long": _("The line is longer than {limit} characters."),
    "not_a_date": _("“{value}” is not a date. Write it as 2026-11-22."),
    "not_a_datetime": _("“{value}” is not a date with a time. Write it as 2026-11-22 18:30."),
    "not_a_number": _("“{value}” is not a number. Write it as 1234.50."),
    "not_an_integer": _("“{value}” is not a whole number."),
    "number_too_large": _("“{value}” is too large."),
    "other_currency": _("“{value}” is in another currency than {currency}."),
    # ours
    "headings_known": _(
        "There is no column for {columns}. The file has: {found}. These headings are recognised: {known}."
    ),
    "no_store": _("The file names no store. Choose the store that it belongs to."),
    "blank": _("{field} is missing."),
    "too_long": _("{field} is longer than {limit} characters."),
    "same_group": _("Row {row} of the same order could not be taken: {reason}"),
    "worker_died": _("The work was started several times and broke off each time. Upload the file again."),
    "crashed": _("Something unforeseen went wrong ({error}). What was imported before is kept; upload the file again."),
    "file_gone": _("The file is no longer there. Upload it again."),
}


class BadFile(DomainError):
    """A file that cannot be imported as a whole."""

    field = "file"

    def __init__(self, code: str, params: Mapping[str, Any] | None = None) -> None:
        super().__init__(MESSAGES[code])
        self.code, self.params = code, dict(params or {})

    def __str__(self) -> str:
        return tell(self.code, self.params)


def tell(code: str, params: Mapping[str, Any]) -> str:
    """Return what a code says, in the reader's language."""
    return str(MESSAGES[code]).format(**params) if code in MESSAGES else code
