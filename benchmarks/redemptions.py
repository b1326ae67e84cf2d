"""``python -m benchmarks.redemptions``: tills that redeem at a steady rate, against the real server, worker and beat.

Open loop: requests come when they come, whether or not the site keeps up. Each redeems a code of its own through the
API, with order number and phone, so that a redemption writes its order, customer and touch; one in ten is sent twice at
the same moment, as a till does that heard no answer. Then 50 tills redeem one code at the same moment. Prints one line:
``redemptions key=value …``.

``ok``: redemptions that were answered with 201; ``lost``: answered, but not in the database; ``doubled``: redemptions,
orders or touches beyond one a code; ``race_ok`` of ``race``: who got the one code (1), ``race_refused``: who was told
that it is used.
"""

import argparse
import asyncio
import json
import time
from typing import Any
from uuid import uuid4

from benchmarks.serving import serving

SHOP = """
from django.utils import timezone
from rest_framework.authtoken.models import Token
from attribution.coupons import actions
from attribution.coupons.models import CouponBatch
from attribution.customers.models import Staff, Store
from attribution.evidence.models import Channel
stores = [Store.objects.create(code=f"store-{{n}}", name_en=f"Store {{n}}") for n in range(6)]
manager = Staff.objects.create(username="bench", role="manager")
batches = [
    CouponBatch.objects.create(
        name_en=slug, face_value_minor=500, channel=Channel.objects.create(slug=slug, name_en=slug)
    )
    for slug in ("douyin", "meituan", "metro")
]
print(Token.objects.create(user=manager).key)
for number in range({count}):
    print(actions.issue_coupon(batch=batches[number % 3], at=timezone.now()).code)
"""
COUNT = """
import json
from attribution.coupons.models import Attempt, Redemption
from attribution.customers.models import Order
from attribution.evidence.models import Touchpoint
print(json.dumps([model.objects.count() for model in (Redemption, Order, Touchpoint, Attempt)]))
"""
Answer = tuple[int, str, float]


class Till:
    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token

    async def redeem(self, code: str, number: int, key: str) -> Answer:
        """Return the status, the error's code if any, and the seconds it took."""
        body = json.dumps(
            {
                "store": f"store-{number % 6}",
                "code": code,
                "amount_minor": 3000 + number,
                "order_number": f"N{number}",
                "phone": f"138{number:08d}",
            }
        )
        head = [
            "POST /api/v1/redemptions/ HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Connection: close",
            f"Authorization: Token {self.token}", "Content-Type: application/json", f"Content-Length: {len(body)}",
            f"Idempotency-Key: {key}", "Accept-Language: en", "", "",
        ]  # fmt: skip
        begun = time.monotonic()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(("\r\n".join(head) + body).encode())
        headers, _, answer = (await reader.read()).decode().partition("\r\n\r\n")
        writer.close()
        error = json.loads(answer).get("error", {}).get("code", "")
        return int(headers.split(" ", 2)[1]), error, time.monotonic() - begun

    async def steadily(self, codes: list[str], rate: float) -> tuple[list[list[Answer]], float]:
        """Redeem the codes evenly at ``rate`` a second; return each code's answers, and how long it all took."""
        begun, tasks = time.monotonic(), []
        for number, code in enumerate(codes):
            await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
            tasks.append(asyncio.create_task(self.perhaps_twice(code, number)))
        return await asyncio.gather(*tasks), time.monotonic() - begun

    async def perhaps_twice(self, code: str, number: int) -> list[Answer]:
        key = uuid4().hex
        times = 2 if number % 10 == 0 else 1
        return await asyncio.gather(*(self.redeem(code, number, key) for _ in range(times)))

    async def at_once(self, code: str, tills: int) -> list[Answer]:
        """Let so many tills redeem one code, each with a request of its own."""
        return await asyncio.gather(*(self.redeem(code, 10_000_000 + n, uuid4().hex) for n in range(tills)))


def quantile(values: list[float], share: float) -> float:
    """Return the quantile in milliseconds."""
    ordered = sorted(values)
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


def measure(port: int, token: str, codes: list[str], rate: float, tills: int) -> dict[str, Any]:
    till = Till(port, token)
    answers, took = asyncio.run(till.steadily(codes[1:], rate))
    raced = asyncio.run(till.at_once(codes[0], tills))
    ok = [seconds for (status, _, seconds), *_ in answers if status == 201]
    return {
        "codes": len(codes) - 1,
        "rate": round(len(ok) / took, 1),
        "p50_ms": quantile(ok, 0.5),
        "p99_ms": quantile(ok, 0.99),
        "ok": len(ok),
        "race": tills,
        "race_ok": sum(status == 201 for status, _, _ in raced),
        "race_refused": sum(error == "already_redeemed" for _, error, _ in raced),
        "race_p99_ms": quantile([seconds for _, _, seconds in raced], 0.99),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.redemptions", description=__doc__)
    parser.add_argument("--rate", type=float, default=100.0, help="redemptions a second")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--tills", type=int, default=50, help="how many redeem one code at once")
    options = parser.parse_args()
    count = int(options.rate * options.seconds)
    with serving() as site:
        token, *codes = site.script(SHOP.format(count=count + 1)).split()
        figures = measure(site.port, token, codes, options.rate, options.tills)
        redemptions, orders, touches, attempts = json.loads(site.script(COUNT))
    expected = figures["ok"] + figures["race_ok"]
    figures["lost"] = max(0, expected - redemptions)
    figures["doubled"] = sum(max(0, rows - count - 1) for rows in (redemptions, orders, touches))
    figures["attempts"] = attempts
    print("redemptions", *(f"{name}={value}" for name, value in figures.items()))
    return 1 if figures["lost"] or figures["doubled"] or figures["race_ok"] != 1 else 0


if __name__ == "__main__":
    raise SystemExit(main())
