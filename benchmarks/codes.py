"""``python -m benchmarks.codes``: how long a million coupon codes take the worker to make, and how much memory.

A shop of its own on SQLite: the codes are asked for as the page asks, and made by what the worker runs, with their
places in the batch's stock and the marks that a run reads. Then all are counted again. Prints one line:
``codes key=value …``.

``doubled``: codes that came twice; ``bad``: codes whose check character does not fit; ``longest_ms``: how long the
database was kept by one step, which is what a till waits for at most.
"""

import argparse
import json
import os
import sys
import tempfile

from benchmarks.processes import measured

BEGIN = """
from attribution.coupons import actions
from attribution.coupons.models import CouponBatch
batch = CouponBatch.objects.create(name_en="Bench", face_value_minor=500, days_valid=30)
actions.request_codes(batch=batch, count={count}, staff=None, language="en")
"""
MAKE = """
import json, time
from attribution.coupons.actions import making
steps, write = [], making._write_some
def timed(*values):
    begun = time.monotonic()
    write(*values)
    steps.append(time.monotonic() - begun)
making._write_some = timed
making.make_waiting_codes()
print(json.dumps(max(steps)))
"""
COUNT = """
import json
from django.db import connection
from attribution.coupons import codes
from attribution.coupons.models import CodeRun, Coupon, CouponBatch
with connection.cursor() as cursor:
    cursor.execute("SELECT count(*), count(DISTINCT code) FROM coupons_coupon")
    made, different = cursor.fetchone()
bad = sum(not codes.check(code) for code in Coupon.objects.values_list("code", flat=True).iterator())
print(json.dumps([made, different, bad, CouponBatch.objects.get().issued_count, CodeRun.objects.get().state]))
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.codes", description=__doc__)
    parser.add_argument("--codes", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wanamaker-bench-") as folder:
        os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "WARNING"}
        os.environ.pop("DATABASE_URL", None)
        measured(sys.executable, "manage.py", "migrate", "-v0")
        _script(BEGIN.format(count=options.codes))
        usage = _script(MAKE)
        made, different, bad, issued, state = json.loads(_script(COUNT).output)
    figures = {
        "codes": made,
        "seconds": usage.seconds,
        "cpu_seconds": usage.processor,
        "peak_mb": usage.peak_mb,
        "longest_ms": round(1000 * json.loads(usage.output)),
        "doubled": made - different,
        "bad": bad,
    }
    print("codes", *(f"{name}={value}" for name, value in figures.items()))
    return 0 if (made, issued, state, different, bad) == (options.codes, options.codes, "done", made, 0) else 1


def _script(code: str):
    return measured(sys.executable, "manage.py", "shell", "-v0", "-c", code)


if __name__ == "__main__":
    raise SystemExit(main())
