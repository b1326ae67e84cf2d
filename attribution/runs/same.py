"""Whether two folders of judgements hold the same numbers, and where they do not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from attribution.runs.snapshot import checksum


def unlike(one: Path, other: Path) -> list[str]:
    """Return the files that only one of the folders has, or that hold other numbers in the other, by name.

    Files of the same numbers may differ in their bytes, where another version of a library wrote them.
    """
    names = sorted({file.name for folder in (one, other) for file in folder.glob("*.*") if file.is_file()})
    return [name for name in names if not _same(one / name, other / name)]


def _same(one: Path, other: Path) -> bool:
    if not (one.exists() and other.exists()):
        return False
    return checksum(one) == checksum(other) or _content(one) == _content(other)


def _content(file: Path) -> Any:
    return READERS.get(file.suffix, Path.read_bytes)(file)


def _arrays(file: Path) -> dict[str, Any]:
    with np.load(file) as arrays:
        return {name: arrays[name].tolist() for name in arrays.files}


def _json(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


READERS: dict[str, Callable[[Path], Any]] = {".parquet": pq.read_table, ".json": _json, ".npz": _arrays}
