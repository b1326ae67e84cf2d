"""``python -m attribution.warehouse.spark FOLDER``: does the job that `attribution.warehouse.cluster` left there.

A process of its own, so that Java, its memory and its messages end with the job.
"""

import os
import pickle
import re
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any

from attribution.warehouse.cluster import JOB, MESSAGE, RESULTS, ROOT

PATIENCE_SECONDS = 300  # how long the cluster may have no worker for us
SETTINGS = {
    "spark.app.name": "wanamaker",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}
SENT = ("attribution/__init__.py", "attribution/engine/**/*.py", "attribution/warehouse/**/*.py")
# The last line of a Python traceback within Java's.
RAISED = re.compile(r"^(?!(?:org|java|py4j|scala)\.)[\w.]+(?:Error|Exception): .*", re.MULTILINE)


def main(folder: Path) -> int:
    """Do the job; return the exit code, and leave results or a message in the folder."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        results = _results(folder)
    except Exception as error:  # noqa: BLE001 - whatever it is, our parent tells it
        found = RAISED.findall(str(error)) or str(error).strip().splitlines() or [type(error).__name__]
        (folder / MESSAGE).write_text(found[-1].strip(), encoding="utf-8")
        return 1
    (folder / RESULTS).write_bytes(pickle.dumps(results))
    return 0


def _results(folder: Path) -> list[Any]:
    from pyspark import SparkConf, SparkContext

    # The workers' Python must be of the same version as this one: on other machines PYSPARK_PYTHON says where it is.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    address, function, items = pickle.loads((folder / JOB).read_bytes())  # noqa: S301 - our parent wrote it
    with SparkContext(conf=SparkConf().setMaster(address).setAll([*SETTINGS.items()])) as context:
        context.addPyFile(str(_packed(folder / "wanamaker.zip")))
        if address.startswith("spark://"):
            _await_workers(context)
        results: list[Any] = context.parallelize(items, len(items)).map(function).collect()
    return results


def _await_workers(context: Any) -> None:
    """Spark itself would wait for ever for a cluster whose workers are gone."""
    waited = threading.Event()
    for _ in range(5 * PATIENCE_SECONDS):
        if context._jsc.sc().getExecutorMemoryStatus().size() > 1:  # the driver is one
            return
        waited.wait(0.2)
    raise TimeoutError(f"no worker took the job in {PATIENCE_SECONDS} s: do any run, with cores and memory left?")


def _packed(path: Path) -> Path:
    """Return a zip of the modules that workers import."""
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted({file for pattern in SENT for file in ROOT.glob(pattern)}):
            archive.write(file, file.relative_to(ROOT))
    return path


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)  # nothing is ever written: this is its end
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
