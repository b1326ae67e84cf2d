"""Habits that no linter knows."""

import ast
import re

import pytest

from tests.house.sources import ROOMS, files, name_of, python_files, tree

SWALLOWED = {"Exception", "BaseException"}


def swallows(handler: ast.ExceptHandler) -> bool:
    catches_all = handler.type is None or bool({ast.unparse(handler.type)} & SWALLOWED)
    does_nothing = all(isinstance(step, ast.Pass | ast.Continue) for step in handler.body)
    return catches_all and does_nothing


def test_no_error_is_swallowed():
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in python_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and swallows(node)
    ]
    assert found == []


@pytest.mark.parametrize("clause", ["except Exception", "except", "except BaseException"])
def test_a_swallowed_error_is_found(clause: str):
    code = ast.parse(f"try:\n    pay()\n{clause}:\n    pass")

    assert [swallows(node) for node in ast.walk(code) if isinstance(node, ast.ExceptHandler)] == [True]


def test_modules_are_named_for_what_they_hold():
    nameless = {"utils", "util", "helpers", "helper", "services", "misc", "common", "signals"}

    assert [name_of(path) for path in python_files(*ROOMS) if nameless & {path.stem, path.parent.name}] == []


def test_tasks_are_sent_only_after_the_commit():
    """A message sent inside the transaction is read before the row is there, or although it never will be."""
    calls = re.compile(r"\.(delay|apply_async)\(")

    assert [name_of(path) for path in python_files(*ROOMS) if calls.search(path.read_text())] == []


def test_no_test_is_skipped_expected_to_fail_or_tried_again():
    ways_out = {"skip", "skipif", "xfail", "importorskip", "flaky"}
    found = [
        f"{name_of(path)}:{node.lineno} {node.attr}"
        for path in python_files("tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in ways_out and "pytest" in ast.unparse(node)
    ]
    assert found == []


def test_every_test_says_what_it_claims():
    """test_redeem_1 claims nothing; three words at least do."""
    terse = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in python_files("tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and node.name.count("_") < 3
    ]
    assert terse == []


def test_nothing_built_or_bulky_is_committed():
    built = {".mo", ".pyc", ".sqlite3", ".db", ".xlsx", ".parquet", ".zip", ".whl", ".woff", ".woff2", ".map"}
    most = 200_000

    found = [name_of(path) for path in files() if path.suffix in built or path.stat().st_size > most]

    assert [name for name in found if name not in {"requirements/dev.txt", "requirements/base.txt"}] == []
