"""Spreadsheets in and out: Table, write, read. Pure: no Django, no database; the only place that knows openpyxl."""
