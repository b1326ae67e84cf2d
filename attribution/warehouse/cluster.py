"""Work for a Spark cluster: a function of ours over items. What talks to Spark is a process of its own."""

import os
import pickle
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from attribution.warehouse.errors import WarehouseError

ADDRESS = re.compile(r"spark://[\w.-]+:\d{1,5}(,[\w.-]+:\d{1,5})*|local\[(\*|[1-9]\d{0,2})\]")
ROOT = Path(__file__).resolve().parents[2]
JOB, RESULTS, LOG, MESSAGE = "job.pickle", "results.pickle", "spark.log", "error.txt"

Item = TypeVar("Item")
Result = TypeVar("Result")


def check_cluster(address: str) -> None:
    """Refuse an address that is none, and a machine that lacks what Spark needs.

    Raises
    ------
    WarehouseError : says what to do
    """
    if not ADDRESS.fullmatch(address):
        raise WarehouseError(f"{address!r} names no cluster; write spark://host:port, or local[2] for this machine")
    if find_spec("pyspark") is None:
        raise WarehouseError("pyspark is not installed; run: .venv/bin/python -m pip install -r requirements/spark.txt")
    if not ("JAVA_HOME" in os.environ or shutil.which("java")):
        raise WarehouseError("Spark needs Java 17 or newer; install such as openjdk-17-jre-headless, or set JAVA_HOME")


def map_on_cluster(
    address: str, function: Callable[[Item], Result], items: Sequence[Item], folder: Path
) -> list[Result]:
    """Return the function's results in the order of the items.

    The function and what it imports come from this checkout: they are sent along. It may be called twice for an item
    (when a machine dies), also at once, and must leave the same then.

    Parameters
    ----------
    address : of `check_cluster`
    function : of a module's top level; arguments and results are pickled
    folder : for the job's files, and Spark's log while it works

    Raises
    ------
    WarehouseError : the cluster cannot be reached, or the function failed on it
    """
    check_cluster(address)
    (folder / JOB).write_bytes(pickle.dumps((address, function, list(items))))
    command = [sys.executable, "-m", "attribution.warehouse.spark", str(folder.resolve())]
    with (folder / LOG).open("wb") as log:
        # Its standard input ends when this process does, however that happens, and the job with it.
        job = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=log, stderr=log)  # noqa: S603 - our own
        try:
            code = job.wait()
        finally:
            job.kill()
            job.wait()
            assert job.stdin is not None
            job.stdin.close()
    if code:
        message = folder / MESSAGE
        told = message.read_text(encoding="utf-8") if message.exists() else "the job was ended from outside"
        raise WarehouseError(f"{address}: {told}")
    # What `make cluster-test` is for.
    return _results(folder)  # pragma: no cover


def _results(folder: Path) -> list[Any]:  # pragma: no cover
    results: list[Any] = pickle.loads((folder / RESULTS).read_bytes())  # noqa: S301 - written by the job just now
    return results
