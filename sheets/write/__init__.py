"""Tables out: Excel workbooks and CSV."""

from sheets.write.book import write_workbook
from sheets.write.delimited import write_csv
from sheets.write.rejects import write_error_rows
from sheets.write.safe import safe_text

__all__ = ["safe_text", "write_csv", "write_error_rows", "write_workbook"]
