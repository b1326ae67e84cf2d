"""Reports: each is registered once; page, chart, workbook, API and command are made from it."""

from analytics.reports.registry import REPORTS, Built, Figure, Report, build, get

__all__ = ["REPORTS", "Built", "Figure", "Report", "build", "get"]
