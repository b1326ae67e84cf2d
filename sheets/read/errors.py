"""What can be wrong with a file or a row, as codes; English for each, to be translated by who shows it."""

from typing import Final

FILE_MESSAGES: Final[dict[str, str]] = {
    "empty_file": "The file is empty.",
    "no_rows": "The file has column headings but no rows.",
    "not_a_spreadsheet": "The file is neither CSV nor an Excel workbook (.xlsx).",
    "old_excel": "This is an older or binary Excel format. Open it in Excel and save it as .xlsx.",
    "password_protected": "The workbook is protected by a password. Remove the password and try again.",
    "damaged": "The workbook is damaged. Open it in Excel and save it again.",
    "too_large": "The file is too large: {found} where {limit} is the most.",
    "unknown_encoding": "The text is neither UTF-8 nor GB18030. Save the file as “CSV UTF-8” and try again.",
    "bad_header": "The line of column headings cannot be read.",
    "missing_column": "There is no column for {columns}. The file has: {found}.",
    "duplicate_column": "More than one column could be {field}: {columns}. Keep one of them.",
    "ambiguous_dates": (
        "“{value}” can be read as day and month or as month and day, and nothing in the column says which. "
        "Write dates as 2026-11-22."
    ),
}
ROW_MESSAGES: Final[dict[str, str]] = {
    "too_many_fields": "The row has {found} fields, but there are {expected} columns.",
    "too_few_fields": "The row has {found} fields, but there are {expected} columns.",
    "unbalanced_quotes": "A quotation mark is opened and not closed, or text follows a closed one.",
    "control_character": "The row holds a control character.",
    "not_decodable": "Some characters of the row are not in the encoding of the file ({encoding}).",
    "line_too_long": "The line is longer than {limit} characters.",
    "not_a_date": "“{value}” is not a date. Write it as 2026-11-22.",
    "not_a_datetime": "“{value}” is not a date with a time. Write it as 2026-11-22 18:30.",
    "not_a_number": "“{value}” is not a number. Write it as 1234.50.",
    "not_an_integer": "“{value}” is not a whole number.",
    "number_too_large": "“{value}” is too large.",
    "other_currency": "“{value}” is in another currency than {currency}.",
}
MESSAGES: Final[dict[str, str]] = FILE_MESSAGES | ROW_MESSAGES


class SheetError(Exception):
    """The file as a whole cannot be taken. ``code`` is a key of ``FILE_MESSAGES``, ``params`` are its values."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = params
        super().__init__(FILE_MESSAGES[code].format(**params))
