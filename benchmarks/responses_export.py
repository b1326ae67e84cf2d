"""``python -m benchmarks.responses_export``: a million responses to ten questions as one Excel file, by the worker.

Fills a database of its own, asks for the file as the page does, and writes it in a process of its own as the worker
does; then opens the file and counts its rows. Prints one line: ``responses_export key=value …``. Wall and processor
seconds and the peak of memory are those of the whole process that writes, start of Python included.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any
from zipfile import ZipFile

from benchmarks.processes import measured

MOST_MB = 300
BLOCK = 1 << 20
ROW = b"<row "


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.responses_export", description=__doc__)
    parser.add_argument("--responses", type=int, default=1_000_000)
    parser.add_argument("--do", choices=("fill", "write"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.do:
        print(json.dumps(fill(options.responses) if options.do == "fill" else write()))
        return 0
    with tempfile.TemporaryDirectory(prefix="wanamaker-bench-") as folder:
        os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "WARNING"}
        os.environ.pop("DATABASE_URL", None)
        filled, written = (
            measured(sys.executable, "-m", "benchmarks.responses_export", f"--responses={options.responses}", what)
            for what in ("--do=fill", "--do=write")
        )
        said = json.loads(written.output.splitlines()[-1])
        sheets = rows_of(Path(said["path"]))
        figures = {
            "responses": options.responses,
            "filled_s": filled.seconds,
            "wall_s": written.seconds,
            "processor_s": written.processor,
            "peak_mb": written.peak_mb,
            "at_start_mb": said["at_start_mb"],
            "file_mb": Path(said["path"]).stat().st_size // 2**20,
            "sheets": "+".join(f"{rows - 1}" for rows in sheets),
        }
    print("responses_export", *(f"{name}={value}" for name, value in figures.items()))
    is_whole = sum(rows - 1 for rows in sheets) == options.responses
    return 0 if is_whole and written.peak_mb < MOST_MB else 1


def fill(responses: int) -> float:
    import django

    django.setup()
    from benchmarks import answers
    from surveys.actions.exporting import request_responses
    from surveys.exports.items import Asked
    from surveys.results.picked import Picked

    begun = time.monotonic()
    survey = answers.fill(responses)
    request_responses(survey=survey, asked=Asked(is_raw=True), picked=Picked(), language="en", staff=None)
    return time.monotonic() - begun


def write() -> dict[str, Any]:
    import resource

    import django

    django.setup()
    from surveys.actions.exporting import write_waiting_responses
    from surveys.models import ResponseFile

    at_start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    write_waiting_responses()
    row = ResponseFile.objects.get()
    assert row.state == row.State.DONE, row.error_code
    return {"path": row.file.path, "at_start_mb": at_start}


def rows_of(path: Path) -> list[int]:
    """Return how many lines each sheet of responses has; About comes before them, the code book after."""
    with ZipFile(path) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        counts = []
        for place in range(2, len(sheets)):
            with archive.open(f"xl/worksheets/sheet{place}.xml") as sheet:
                counts.append(_count(sheet))
    return counts


def _count(sheet: IO[bytes]) -> int:
    found, rest = 0, b""
    while block := sheet.read(BLOCK):
        found += (rest + block).count(ROW)
        rest = block[-len(ROW) + 1 :]
    return found


if __name__ == "__main__":
    raise SystemExit(main())
