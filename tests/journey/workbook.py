"""A report's workbook read in three ways: as saved, by pandas and calamine, and as LibreOffice computes it anew."""

import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

Rows = list[dict[str, Any]]


def saved_rows(path: Path, sheet: str) -> Rows:
    """Return a sheet's rows by heading, formulas by the values that were saved with them."""
    rows = list(openpyxl.load_workbook(path, data_only=True)[sheet].values)
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def pandas_rows(path: Path, sheet: str) -> Rows:
    frame = pd.read_excel(path, sheet_name=sheet, engine="calamine")
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def recalculated_rows(path: Path, sheet: str, folder: Path) -> Rows:
    """Return a sheet's rows as LibreOffice computes them: it is given the formulas without their saved values."""
    bare = folder / "bare.xlsx"
    openpyxl.load_workbook(path).save(bare)  # openpyxl keeps a formula, and drops the value beside it
    assert any(None in row.values() for row in saved_rows(bare, sheet))
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to",
         "xlsx:Calc MS Excel 2007 XML", "--outdir", folder / "computed", bare],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return saved_rows(folder / "computed" / bare.name, sheet)


def disagreements(rows: Rows, table: dict[str, Any]) -> list[str]:
    """Return where rows of a workbook differ from a table of the API: counts and money at all, ratios by over 1e-12."""
    expected = [*table["rows"], table["totals"]]
    found = [] if len(rows) >= len(expected) else [f"{len(rows)} rows, not {len(expected)}"]
    for row, numbers in zip(rows, expected, strict=False):
        for column in table["columns"]:
            wanted, got = numbers[column["key"]], row[column["label"]]
            if not _agree(got, wanted, column["type"]):
                found.append(f"{numbers['channel']}, {column['label']}: {got!r} is not {wanted!r}")
    return found


def _agree(got: Any, wanted: Any, kind: str) -> bool:
    if wanted is None or isinstance(wanted, str):
        return (None if pd.isna(got) else got) == wanted
    if kind == "money":
        got = got * 100  # shown in yuan, reckoned in fen
        wanted_whole = float(wanted).is_integer()
        return round(got) == wanted and abs(got - wanted) < 1e-6 if wanted_whole else abs(got / wanted - 1) < 1e-12
    return got == wanted if kind == "integer" else abs(got - wanted) <= 1e-12
