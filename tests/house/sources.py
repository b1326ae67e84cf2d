"""The project's own files and functions, for the tests that hold the house rules."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("config", "analytics", "surveys", "attribution", "sheets")


@cache
def files(*suffixes: str) -> tuple[Path, ...]:
    """Return the files with one of the suffixes that are in the repository or would be with the next commit."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    paths = (ROOT / name for name in sorted(set(listed)) if name)
    return tuple(path for path in paths if path.is_file() and (not suffixes or path.suffix in suffixes))


def python_files(*folders: str) -> list[Path]:
    """Return our Python files, without migrations, below the folders (or everywhere)."""
    return [
        path
        for path in files(".py")
        if "migrations" not in path.parts and (not folders or path.relative_to(ROOT).parts[0] in folders)
    ]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


@dataclass(frozen=True)
class Function:
    """A function of ours; its length is that of its code: a docstring costs nothing."""

    path: Path
    node: ast.FunctionDef | ast.AsyncFunctionDef
    in_class: str

    @property
    def length(self) -> int:
        first = self.node.body[0]
        has_docstring = isinstance(first, ast.Expr) and isinstance(getattr(first.value, "value", None), str)
        docstring = (first.end_lineno or 0) - first.lineno + 1 if has_docstring else 0
        return (self.node.end_lineno or 0) - self.node.lineno + 1 - docstring

    @property
    def decorators(self) -> set[str]:
        return {ast.unparse(decorator).split("(")[0] for decorator in self.node.decorator_list}

    @property
    def is_view(self) -> bool:
        arguments = [argument.arg for argument in self.node.args.args[:2]]
        return bool({"views", "api"} & {self.path.stem, self.path.parent.name}) and "request" in arguments

    @property
    def is_task(self) -> bool:
        return bool({"shared_task", "app.task"} & self.decorators)

    @property
    def is_test(self) -> bool:
        return self.node.name.startswith("test_")

    def __str__(self) -> str:
        return f"{name_of(self.path)}:{self.node.lineno} {self.node.name}"


def functions(*folders: str) -> Iterator[Function]:
    for path in python_files(*folders):
        for node in ast.walk(tree(path)):
            inside = node.name if isinstance(node, ast.ClassDef) else ""
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield Function(path, child, inside)


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())
