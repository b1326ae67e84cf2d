"""What can be set, called or read has its heading in the docs, so that they keep up."""

import ast
import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from analytics.reports.columns import channel_columns
from analytics.reports.registry import REPORTS
from tests.house.sources import ROOMS, ROOT, files, name_of, python_files, tree

# The machine's own, and those that only a test or a child process of ours is given.
NOT_SETTINGS = {"PATH", "READY_MESSAGE", "TLS_CERTIFICATE", "TLS_KEY", "DJANGO_SETTINGS_MODULE"}


def headings(name: str) -> str:
    lines = (ROOT / "docs" / name).read_text().splitlines()
    return "\n".join(line for line in lines if line.startswith("#"))


def first_text(call: ast.Call) -> str | None:
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def settings_read_in(path: Path) -> set[str]:
    """Return the names that the file reads from the environment, through config.env or by itself."""
    found = set()
    for call in (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)):
        function = ast.unparse(call.func)
        if re.fullmatch(r"env\.\w+|os\.environ\.get", function):
            found.add(first_text(call))
    return {name for name in found if name} - NOT_SETTINGS


def all_settings() -> set[str]:
    read = set().union(*(settings_read_in(path) for path in python_files(*ROOMS, "deploy")))
    return read | set(re.findall(r"\$\{([A-Z_]+):-", (ROOT / "deploy/Procfile").read_text()))


def test_settings_are_found_where_they_are_read():
    assert {"CURRENCY", "DATABASE_URL", "LOOKBACK_DAYS", "PORT", "WEB_PROCESSES", "WORKER_PROCESSES"} <= all_settings()


def test_every_setting_has_a_heading_and_every_heading_a_setting():
    documented = set(re.findall(r"`([A-Z_]+)`", headings("settings.md")))

    assert documented == all_settings()


def test_every_command_has_a_heading():
    ours = {name for name, app in get_commands().items() if app.split(".")[0] in ROOMS}

    assert {name for name in ours if f"`manage.py {name}`" not in headings("commands.md")} == set()


def test_every_verb_of_make_has_a_heading():
    verbs = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert {verb for verb in verbs if f"`make {verb}`" not in headings("commands.md")} == set()


def test_every_report_and_each_of_its_figures_has_a_heading():
    """A figure is a column that says what it counts; the ends of its interval are explained with it."""
    figures = {c.key for c in channel_columns() if c.definition and not c.key.endswith(("_low", "_high"))}

    assert {key for key in {*REPORTS, *figures} if f"`{key}`" not in headings("metrics.md")} == set()


@pytest.mark.parametrize("page", files(".md"), ids=name_of)
def test_links_in_the_docs_lead_somewhere(page: Path):
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text())

    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_page_of_the_docs_is_linked_from_the_index():
    index = (ROOT / "docs/index.md").read_text()
    pages = [path.relative_to(ROOT / "docs").as_posix() for path in files(".md") if path.parts[-2] in {"docs", "adr"}]

    assert [page for page in pages if page != "index.md" and f"({page})" not in index] == []
