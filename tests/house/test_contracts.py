"""Imports run one way (pyproject.toml, import-linter), and the contracts can fail."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOMS, ROOT


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).parent / "lint-imports"
    return subprocess.run([command, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy_of_the_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_imports_run_one_way():
    result = lint_imports(ROOT)

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "forbidden", "contract"),
    [
        ("sheets/__init__.py", "import attribution", "Rooms"),
        ("attribution/customers/models.py", "import surveys.models", "Rooms"),
        ("surveys/models/survey.py", "import analytics.models", "Rooms"),
        ("attribution/customers/models.py", "import attribution.evidence.models", "The wing's apps"),
        ("attribution/money.py", "import attribution.customers.models", "The wing's apps"),
        ("attribution/warehouse/__init__.py", "import attribution.engine", "The arithmetic: runs"),
        ("attribution/engine/__init__.py", "import attribution.names", "The arithmetic imports no app"),
        ("attribution/engine/__init__.py", "import django.db", "Pure modules know no Django"),
        ("attribution/facts.py", "import django.db", "Pure modules know no Django"),
        ("config/views.py", "import openpyxl", "Only sheets knows openpyxl"),
    ],
)
def test_a_forbidden_import_breaks_the_contract(copy_of_the_house: Path, module: str, forbidden: str, contract: str):
    file = copy_of_the_house / module
    lawful = file.read_text()
    file.write_text(f"{lawful}\n{forbidden}\n")

    result = lint_imports(copy_of_the_house)
    file.write_text(lawful)

    broken = [line for line in result.stdout.splitlines() if line.endswith("BROKEN")]
    assert result.returncode == 1
    assert any(line.startswith(contract) for line in broken), result.stdout
