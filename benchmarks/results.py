"""``python -m benchmarks.results``: the page with a survey's results, of a million responses to ten questions.

Fills a database of its own, writes the answers as columns (what the worker does when the page is first asked for), and
then opens the page through Django's test client, in a process of its own: once cold, then warm, then with filters and
with two questions crossed. Prints one line: ``results key=value …``; each page's figure is the median of nine.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from typing import Any

from benchmarks.processes import measured

MOST_SECONDS = 1.0
TIMES = 9
PAGES = {
    "warm": "",
    "one_store": "?store=3",
    "one_year_one_language": "?language=en&start=2026-01-01",
    "weeks": "?unit=week",
    "crossed": "?row=q:heard&across=q:nps",
    "crossed_lists": "?row=q:ate&across=store",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.results", description=__doc__)
    parser.add_argument("--responses", type=int, default=1_000_000)
    parser.add_argument("--do", choices=("fill", "write", "look"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.do:
        print(json.dumps(do(options.do, options.responses)))
        return 0
    with tempfile.TemporaryDirectory(prefix="wanamaker-bench-") as folder:
        os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "WARNING"}
        os.environ |= {"DEBUG": "1"}  # or static files would have to be collected first
        os.environ.pop("DATABASE_URL", None)
        filled, written, looked = (
            measured(sys.executable, "-m", "benchmarks.results", f"--responses={options.responses}", f"--do={what}")
            for what in ("fill", "write", "look")
        )
    pages = json.loads(looked.output.splitlines()[-1])
    figures = {
        "responses": options.responses, "filled_s": filled.seconds, "written_s": written.seconds,
        "written_processor_s": written.processor, "written_peak_mb": written.peak_mb,
        **{f"{name}_s": round(seconds, 2) for name, seconds in pages.items()}, "page_peak_mb": looked.peak_mb,
    }  # fmt: skip
    print("results", *(f"{name}={value}" for name, value in figures.items()))
    return 0 if max(pages[name] for name in PAGES) < MOST_SECONDS else 1


def do(what: str, responses: int) -> Any:
    import django

    django.setup()
    from benchmarks import answers
    from surveys.models import Survey
    from surveys.results.file import write_answers

    if what == "fill":
        answers.fill(responses)
        return None
    if what == "write":
        write_answers(Survey.objects.get())
        return None
    return looked_at(f"/surveys/{Survey.objects.get().pk}/results/")


def looked_at(path: str) -> dict[str, float]:
    """Return the seconds of the first page, and the median of each kind of page after it."""
    import warnings

    from django.conf import settings
    from django.test import Client

    from attribution.customers.models import Staff

    settings.DEBUG = False  # no server keeps its statements
    warnings.filterwarnings("ignore", "No directory at")
    browser = Client()
    browser.force_login(Staff.objects.create(username="marketer", role=Staff.Role.MARKETER))

    def seconds(query: str) -> float:
        begun = time.monotonic()
        answer = browser.get(path + query)
        assert answer.status_code == 200, answer.status_code
        return time.monotonic() - begun

    return {"cold": seconds("")} | {
        name: statistics.median(seconds(query) for _ in range(TIMES)) for name, query in PAGES.items()
    }


if __name__ == "__main__":
    raise SystemExit(main())
