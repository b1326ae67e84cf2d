"""Nothing grows until it can no longer be read in one go."""

import re
from pathlib import Path

import pytest

from tests.house.sources import ROOT, Function, files, functions, lines, name_of, python_files

FILE, FUNCTION, VIEW, TASK, TEST = 400, 60, 25, 8, 50
TEMPLATE, STYLE_SHEET, PAGE_SCRIPT = 150, 800, 300


def budget_of(function: Function) -> int:
    if function.is_task:
        return TASK
    if function.is_view:
        return VIEW
    return TEST if function.is_test else FUNCTION


def test_no_python_file_is_too_long():
    assert [f"{name_of(path)}: {lines(path)}" for path in python_files() if lines(path) > FILE] == []


def test_no_function_view_task_or_test_is_too_long():
    too_long = [f for f in functions() if f.length > budget_of(f)]

    assert [f"{f}: {f.length} of {budget_of(f)}" for f in too_long] == []


def test_no_template_is_too_long():
    templates = [path for path in files(".html", ".txt") if "templates" in path.parts]

    assert [f"{name_of(path)}: {lines(path)}" for path in templates if lines(path) > TEMPLATE] == []


def test_no_style_sheet_is_too_long():
    assert [f"{name_of(path)}: {lines(path)}" for path in files(".css") if lines(path) > STYLE_SHEET] == []


def parts_of(template: Path, known: frozenset[Path] = frozenset()) -> frozenset[Path]:
    """Return a page's template and all that it extends and includes, each once."""
    if template in known or not template.exists():
        return known
    known |= {template}
    for name in re.findall(r"""{%\s*(?:extends|include)\s+["']([^"']+)["']""", template.read_text()):
        known = parts_of(ROOT / "templates" / name, known)
    return known


def scripts_of(template: Path) -> set[Path]:
    text = "".join(part.read_text() for part in parts_of(template))
    return {ROOT / "static" / name for name in re.findall(r"""{%\s*static\s+["'](js/[^"']+)["']""", text)}


def test_no_page_loads_too_much_script_of_our_own():
    pages = {path: sum(map(lines, scripts_of(path))) for path in files(".html") if "templates" in path.parts}

    assert [f"{name_of(page)}: {total}" for page, total in pages.items() if total > PAGE_SCRIPT] == []


@pytest.mark.parametrize(
    ("name", "code", "budget"),
    [
        ("attribution/runs/tasks.py", "@shared_task\ndef run(run_id): ...", TASK),
        ("surveys/views.py", "def answer(request, token): ...", VIEW),
        ("surveys/api.py", "class Responses:\n    def post(self, request): ...", VIEW),
        ("tests/engine/test_rules.py", "def test_first_touch(): ...", TEST),
        ("sheets/table.py", "def heading(column): ...", FUNCTION),
    ],
)
def test_each_kind_of_function_has_its_budget(name: str, code: str, budget: int, monkeypatch: pytest.MonkeyPatch):
    import ast

    from tests.house import sources

    monkeypatch.setattr(sources, "python_files", lambda *_: [ROOT / name])
    monkeypatch.setattr(sources, "tree", lambda _: ast.parse(code))

    assert [budget_of(function) for function in functions()] == [budget]
