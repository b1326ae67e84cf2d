"""``python -m benchmarks.lookup``: how long a till's look-up of one code takes among ten million.

A database of its own on SQLite, filled in the order of the index (whoever makes ten million codes at once has nothing
to redeem yet); then, in a process of its own, codes that are there and codes that are not are looked up as the till
does: the check character, the coupon, its batch. Prints one line: ``lookup key=value …``, times in milliseconds:
``cpu`` is the processor's share of a mean one, ``by_index`` whether the database goes by its index, by its own word.
"""

import argparse
import json
import os
import sys
import tempfile

from benchmarks.processes import measured

FILL = """
import numpy as np
from django.db import connection
from attribution.coupons import codes
from attribution.coupons.models import CouponBatch
batches = [CouponBatch.objects.create(name_en=f"Batch {{n}}", face_value_minor=500) for n in range(20)]
wanted = np.sort(np.array(codes.new_codes({count}), dtype=f"S{{codes.LENGTH}}"))
at = "2026-11-01 04:00:00"
with connection.cursor() as cursor:
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.execute("DROP TRIGGER mark_coupons_coupon_insert")
    for start in range(0, len(wanted), 200_000):
        rows = [
            (batches[place % 20].pk, "own", at, code)
            for place, code in enumerate(wanted[start : start + 200_000].astype(str).tolist())
        ]
        cursor.execute("BEGIN")
        cursor.executemany(
            "INSERT INTO coupons_coupon (batch_id, issuer, issued_at, code) VALUES (%s, %s, %s, %s)", rows
        )
        cursor.execute("COMMIT")
print(",".join(wanted[:: max(1, len(wanted) // {looks})].astype(str)))
"""
LOOK = """
import json, random, time
from attribution.coupons import codes
from attribution.coupons.actions import find
from attribution.coupons.models import Coupon
known = {known!r}.split(",")
random.Random(1).shuffle(known)
def times(wanted):
    found, took, worked = 0, [], time.thread_time()
    for code in wanted:
        begun = time.perf_counter()
        found += find(code=code, issuer="own", batch=None).coupon is not None
        took.append(time.perf_counter() - begun)
    return found, sorted(took), (time.thread_time() - worked) / len(wanted)
plan = Coupon.objects.filter(issuer="own", code="X").explain()
print(json.dumps([times(known), times(codes.new_codes(len(known))), plan, Coupon.objects.count()]))
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lookup", description=__doc__)
    parser.add_argument("--codes", type=int, default=10_000_000)
    parser.add_argument("--looks", type=int, default=5_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wanamaker-bench-") as folder:
        os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "WARNING"}
        os.environ.pop("DATABASE_URL", None)
        measured(sys.executable, "manage.py", "migrate", "-v0")
        known = _script(FILL.format(count=options.codes, looks=options.looks)).strip()
        there, missing, plan, count = json.loads(_script(LOOK.format(known=known)))
    by_index = "(issuer=? AND code=?)" in plan and "USING INDEX" in plan.replace("COVERING ", "")
    figures = {"codes": count, "looks": len(there[1]), "found": there[0], "by_index": by_index}
    for name, (_found, took, worked) in {"known": there, "unknown": missing}.items():
        figures[f"{name}_cpu_ms"] = round(1000 * worked, 2)
        for share in (0.5, 0.99, 1.0):
            place = min(len(took) - 1, int(share * len(took)))
            figures[f"{name}_p{share * 100:.0f}_ms"] = round(1000 * took[place], 2)
    print("lookup", *(f"{name}={value}" for name, value in figures.items()))
    return 0 if by_index and there[0] == len(there[1]) and missing[0] == 0 else 1


def _script(code: str) -> str:
    return measured(sys.executable, "manage.py", "shell", "-v0", "-c", code).output


if __name__ == "__main__":
    raise SystemExit(main())
