"""Files in: any kind of spreadsheet, row by row accounted for. An importer says what its columns are and takes rows."""

from attribution.customers.imports.contract import Context, Field, Importer, RowImporter, Taken, importer_for, register

__all__ = ["Context", "Field", "Importer", "RowImporter", "Taken", "importer_for", "register"]
