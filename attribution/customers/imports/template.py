"""An example file of each kind, to be filled in."""

from io import TextIOWrapper
from typing import IO

from django.conf import settings
from django.utils import translation
from django.utils.encoding import force_str

from attribution.customers.imports.contract import Importer
from attribution.customers.models import Store
from sheets.table import Column, Table, Workbook
from sheets.write import write_csv, write_workbook

EXTENSIONS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def example(importer: Importer) -> Table:
    """Return the fields that have samples, headed in the reader's language."""
    fields = [one for one in importer.fields if one.samples or one.name == "store"]
    store = Store.objects.filter(is_active=True).first()
    code = store.code if store else "store-1"
    depth = max(len(one.samples) for one in fields)
    samples = [one.samples or (code,) * depth for one in fields]
    rows = [
        [force_str(column[i]) or None if i < len(column) else None for column in samples]  # nothing is an empty cell
        for i in range(depth)
    ]
    columns = [Column(one.name, force_str(one.label)) for one in fields]
    return Table(importer.kind, force_str(importer.title), columns, rows)


def write_template(importer: Importer, extension: str, target: IO[bytes]) -> None:
    table = example(importer)
    if extension == "xlsx":
        language = translation.get_language() or settings.LANGUAGE_CODE
        book = Workbook(table.title, [table], language=language, currency=settings.CURRENCY)
        write_workbook(book, target, about_last=True)
        return
    text = TextIOWrapper(target, encoding="utf-8", newline="")
    write_csv(table, text)
    text.detach()
