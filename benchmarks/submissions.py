"""``python -m benchmarks.submissions``: guests who answer at a steady rate, against the real server, worker and beat.

Open loop: guests arrive when they arrive, whether or not the site keeps up, and what they wait for it counts. Each goes
through the whole questionnaire (9 requests: every page, every step), one in ten taps the last button twice at the same
moment. Prints one line: ``submissions key=value …``.

``p50_ms``, ``p99_ms``: the last step, which records the response with all that follows from it; ``visit_*``: from the
guest's arrival to the thank-you page. ``lost``: guests who were thanked, but whose response or coupon is not there;
``doubled``: responses, coupons or touches beyond one a guest.
"""

import argparse
import asyncio
import json
import re
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from benchmarks.serving import serving

SHOP = """
from attribution.coupons.models import CouponBatch
from attribution.customers.models import Store
from attribution.evidence.models import Channel
from surveys.actions import create_first_visit_survey
from surveys.models import Placement
Store.objects.bulk_create(Store(code=f"store-{n}", name_en=f"Store {n}") for n in range(6))
Channel.objects.bulk_create(Channel(slug=slug, name_en=slug, kind="other") for slug in ("douyin", "metro", "walkby"))
survey = create_first_visit_survey()
survey.reward_batch = CouponBatch.objects.create(name_en="Thanks", face_value_minor=500)
survey.save()
print(*Placement.objects.values_list("token", flat=True))
"""
COUNT = """
import json
from attribution.coupons.models import Coupon
from attribution.evidence.models import Touchpoint
from surveys.models import Response
done = Response.objects.filter(received_at__isnull=False, coupon__isnull=False)
print(json.dumps([done.count(), Response.objects.count(), Coupon.objects.count(), Touchpoint.objects.count()]))
"""


@dataclass
class Guest:
    """A phone: its cookies, the page before it, and how long it has waited."""

    port: int
    path: str
    cookies: dict[str, str] = field(default_factory=dict)
    page: str = ""
    last_step: float = 0.0
    visit: float = 0.0

    async def request(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        """Return status and page, following a redirect as the browser does."""
        body = urlencode(fields or {}).encode()
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = [
            f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Connection: close", f"Cookie: {cookies}",
            "Accept-Language: en", "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}",
            f"X-CSRFToken: {self.cookies.get('csrftoken', '')}", "", "",
        ]  # fmt: skip
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write("\r\n".join(head).encode() + body)
        raw = (await reader.read()).decode()
        writer.close()
        headers, _, page = raw.partition("\r\n\r\n")
        self.cookies |= dict(re.findall(r"^Set-Cookie: ([^=]+)=([^;]*)", headers, re.MULTILINE | re.IGNORECASE))
        status = int(headers.split(" ", 2)[1])
        if to := re.search(r"^Location: (\S+)", headers, re.MULTILINE | re.IGNORECASE):
            return await self.request("GET", to[1])
        return status, page

    async def send(self, **fields: str) -> None:
        status, self.page = await self.request("POST", self.path, self.form() | fields)
        if status != 200:
            raise RuntimeError(f"{status} after {fields}")

    def form(self) -> dict[str, str]:
        return dict(re.findall(r'<input type="hidden" name="(ticket|question)" value="([^"]*)"', self.page))

    async def answer(self, taps_twice: bool) -> None:
        arrived = time.monotonic()
        _, self.page = await self.request("GET", self.path)
        await self.send(answer="metro")
        await self.send(answer="9")
        begun, last = time.monotonic(), self.form() | {"finish": "without"}
        taps = [self.request("POST", self.path, last) for _ in range(2 if taps_twice else 1)]
        pages = await asyncio.gather(*taps)
        self.last_step, self.visit = time.monotonic() - begun, time.monotonic() - arrived
        if any('class="code"' not in page for _, page in pages):
            raise RuntimeError("no thank-you page")


async def arrive(port: int, tokens: list[str], rate: float, seconds: float) -> tuple[list[Guest], int, float]:
    """Let guests arrive evenly; return those who were thanked, how many were not, and how long it all took."""
    begun, tasks, guests = time.monotonic(), [], []
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
        guests.append(Guest(port, f"/s/{tokens[number % len(tokens)]}"))
        tasks.append(asyncio.create_task(guests[-1].answer(taps_twice=number % 10 == 0)))
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    thanked = [guest for guest, end in zip(guests, ends, strict=True) if end is None]
    return thanked, len(guests) - len(thanked), time.monotonic() - begun


def quantile(values: list[float], share: float) -> float:
    """Return the quantile in milliseconds."""
    ordered = sorted(values)
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.submissions", description=__doc__)
    parser.add_argument("--rate", type=float, default=10.0, help="guests a second")
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    with serving() as site:
        tokens = site.script(SHOP).split()
        thanked, failed, took = asyncio.run(arrive(site.port, tokens, options.rate, options.seconds))
        submitted, responses, coupons, touches = json.loads(site.script(COUNT))
    guests = len(thanked) + failed
    figures = {
        "guests": guests,
        "rate": round(len(thanked) / took, 1),
        "p50_ms": quantile([guest.last_step for guest in thanked], 0.5),
        "p99_ms": quantile([guest.last_step for guest in thanked], 0.99),
        "visit_p50_ms": quantile([guest.visit for guest in thanked], 0.5),
        "visit_p99_ms": quantile([guest.visit for guest in thanked], 0.99),
        "failed": failed,
        "lost": max(0, len(thanked) - submitted),
        "doubled": sum(max(0, count - guests) for count in (responses, coupons, touches)),
    }
    print("submissions", *(f"{name}={value}" for name, value in figures.items()))
    return 1 if figures["lost"] or figures["doubled"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
