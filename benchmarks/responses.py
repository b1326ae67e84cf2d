"""``python -m benchmarks.responses``: whole responses at a steady rate, one submission each, until the coupon is shown.

``--by api``: one request, answered with the coupon's code. ``--by page``: a guest's last step and the thank-you page
that it leads to, two requests; the steps before it are in the database already. Open loop: each submission is due at
its time, and what it waits for a free connection, a queue or the load generator counts: no slow answer holds back the
next submission. One in twenty is sent twice at the same moment. Two seconds at a tenth of the rate come before.

The site, its worker and the load generator share the machine; so does PostgreSQL, for ``--database postgresql``, which
lives as long as the measurement. Prints one line: ``responses key=value …``. ``lost``: submissions that were answered,
but whose response, coupon or touch is not there; ``doubled``: responses, coupons and touches beyond one each.
"""

import argparse
import asyncio
import json
import os
import secrets
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.processes import ROOT
from benchmarks.serving import Site, serving
from benchmarks.submissions import SHOP, quantile

CLUSTER = str(ROOT / "deploy" / "cluster.sh")
WARM_SECONDS = 2
TWICE = 20  # one in so many
RATES = {"sqlite": 100.0, "postgresql": 150.0}
PARTS = {"gunicorn": "site", "celery": "worker"}
TICKS = os.sysconf("SC_CLK_TCK")
STAFF = """
from rest_framework.authtoken.models import Token
from attribution.customers.models import Staff
print(Token.objects.create(user=Staff.objects.create(username="device", role=Staff.Role.MANAGER)).key)
"""
BEGUN = """
import json, sys, uuid
from django.utils import timezone
from surveys.models import Placement, Response
from surveys.tickets import new_ticket
places = list(Placement.objects.select_related("survey"))
version, rows, tickets = places[0].survey.latest_version(), [], []
for number in range({size}):
    place, ticket = places[number % len(places)], new_ticket(version, "")
    rows.append(Response(uuid=ticket.uuid, placement=place, version=version, language="en", shown_at=ticket.shown_at,
        started_at=timezone.now(), answers={{"first_heard": "metro", "nps": 9}}, saves=2, steps="first_heard+ nps+"))
    tickets.append((str(ticket.uuid), place.token, ticket.signed(place)))
Response.objects.bulk_create(rows, batch_size=500)
print(json.dumps(tickets))
"""
COUNT = """
import json, os
from attribution.coupons.models import Coupon
from attribution.evidence.models import Touchpoint
from surveys.models import Response
said = json.load(open(os.environ["DATA_DIR"] + "/said.json"))
stored = {{str(pk): code for pk, code in
    Response.objects.filter(received_at__isnull=False).values_list("pk", "coupon__code")}}
touched = set(Touchpoint.objects.values_list("source_key", flat=True))
lost = [pk for pk, code in said.items() if stored.get(pk) != code or f"response:{{pk}}" not in touched]
print(json.dumps([len(lost), len(stored), Coupon.objects.count(), Touchpoint.objects.count()]))
"""


@dataclass
class Sent:
    """One submission: what is sent, when it is due, and what came back."""

    uuid: str
    requests: list[bytes]
    due: float = 0.0
    seconds: float = 0.0
    code: str | None = None


class _Answer(asyncio.Protocol):
    """Sends a request and keeps what comes back until the connection ends."""

    def __init__(self, request: bytes) -> None:
        self.request, self.parts = request, list[bytes]()
        self.done: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.parts.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is None:
            self.done.set_result(b"".join(self.parts))
        else:
            self.done.set_exception(exc)


async def submit(sent: Sent, port: int, due: float) -> None:
    loop, answer = asyncio.get_running_loop(), b""
    for request in sent.requests:
        _, protocol = await loop.create_connection(lambda request=request: _Answer(request), "127.0.0.1", port)  # type: ignore[misc]
        answer = await protocol.done
    code = shown(answer)
    sent.seconds = max(sent.seconds, time.monotonic() - due)
    assert sent.code in (None, code), "two answers to one submission"
    sent.code = code


def shown(answer: bytes) -> str | None:
    """Return the coupon's code in an answer, without its hyphens."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    if status == 201:
        code: str = json.loads(body)["coupon"]
    elif status == 200 and b'class="code"' in body:
        code = body.split(b'class="code"')[1].split(b">", 1)[1].split(b"<", 1)[0].decode()
    else:
        raise RuntimeError(f"{status}: {body[:300]!r}")
    return code.replace("-", "").replace(" ", "").strip()


async def offer(every: list[Sent], port: int, rate: float) -> int:
    """Send each when it is due; return how many failed."""
    begun, tasks = time.monotonic() + 0.1, []
    for number, sent in enumerate(every):
        due = begun + number / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        tasks += [asyncio.create_task(submit(sent, port, due)) for _ in range(2 if number % TWICE == 0 else 1)]
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    failures = [end for end in ends if end is not None]
    for failure in failures[:3]:
        print(failure, file=sys.stderr)
    return len(failures)


def by_api(site: Site, tokens: list[str], size: int) -> list[Sent]:
    key, made = site.script(STAFF).strip(), []
    for number in range(size):
        answer = {
            "placement": tokens[number % len(tokens)], "uuid": str(uuid.uuid4()), "language": "en",
            "answers": {"first_heard": "metro", "nps": 9}, "submitted_at": datetime.now(UTC).isoformat(),
            "phone": f"138{number:08d}", "consent": True,
        }  # fmt: skip
        headers = {
            "Authorization": f"Token {key}", "Idempotency-Key": str(uuid.uuid4()), "Content-Type": "application/json"
        }  # fmt: skip
        made.append(Sent(str(answer["uuid"]), [written("POST", "/api/v1/responses/", headers, json.dumps(answer))]))
    return made


def by_page(site: Site, tokens: list[str], size: int) -> list[Sent]:
    made = []
    for identity, token, ticket in json.loads(site.script(BEGUN.format(size=size))):
        csrf, path = secrets.token_hex(16), f"/s/{token}"
        body = urlencode({"ticket": ticket, "question": "phone", "finish": "without"})
        headers = {"Cookie": f"guest={ticket}; csrftoken={csrf}", "Accept-Language": "en"}
        form = headers | {"X-CSRFToken": csrf, "Content-Type": "application/x-www-form-urlencoded"}
        made.append(Sent(identity, [written("POST", path, form, body), written("GET", path, headers)]))
    return made


def written(method: str, path: str, headers: dict[str, str], body: str = "") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", body]).encode()


def processor_seconds() -> dict[str, float]:
    """Return what this process and those below it have used so far: the site, the worker with its clock, the load."""
    parents, used = {}, {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields, command = entry.read_text().rpartition(")")[2].split(), (entry.parent / "cmdline").read_text()
        except OSError:
            continue
        pid = int(entry.parent.name)
        name = next((name for part, name in PARTS.items() if part in command), "load")
        parents[pid], used[pid] = int(fields[1]), (name, (int(fields[11]) + int(fields[12])) / TICKS)
    mine = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in mine} - mine:
        mine |= more
    found = dict.fromkeys([*PARTS.values(), "load"], 0.0)
    for name, seconds in (used[pid] for pid in mine & used.keys()):
        found[name] += seconds
    return found


def one(database: str, by: str, rate: float, seconds: float) -> int:
    warm, size = int(WARM_SECONDS * rate / 10), int(rate * seconds)
    os.environ |= {"API_RATE": "1000000/min"}
    with serving() as site:
        tokens = site.script(SHOP).split()
        every = (by_api if by == "api" else by_page)(site, tokens, warm + size)
        failed = asyncio.run(offer(every[:warm], site.port, rate / 10))
        before, begun = processor_seconds(), time.monotonic()
        failed += asyncio.run(offer(every[warm:], site.port, rate))
        took, after = time.monotonic() - begun, processor_seconds()
        said = {sent.uuid: sent.code for sent in every if sent.code}
        Path(site.environment["DATA_DIR"], "said.json").write_text(json.dumps(said))
        lost, stored, coupons, touches = json.loads(site.script(COUNT.replace("{{", "{").replace("}}", "}")))
    waited = [sent.seconds for sent in every[warm:] if sent.code]
    figures = {
        "database": database, "by": by, "offered": rate, "rate": round(len(waited) / took, 1), "stored": stored,
        **{f"p{share}_ms": quantile(waited, share / 100) for share in (50, 90, 99)},
        "most_ms": quantile(waited, 1.0), "failed": failed, "lost": lost,
        "doubled": sum(max(0, count - len(every)) for count in (stored, coupons, touches)),
        **{f"{name}_ms_each": round(1000 * (after[name] - before[name]) / size, 1) for name in after},
    }  # fmt: skip
    print("responses", *(f"{name}={value}" for name, value in figures.items()), flush=True)
    return 1 if failed or lost or figures["doubled"] else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.responses", description=__doc__)
    parser.add_argument("--database", choices=RATES, default="sqlite")
    parser.add_argument("--by", choices=("api", "page"), default="api")
    parser.add_argument("--rate", type=float, help="submissions a second; else 100 on SQLite, 150 on PostgreSQL")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.database == "postgresql" and not options.here:
        return subprocess.run([CLUSTER, sys.executable, "-m", "benchmarks.responses", *sys.argv[1:], "--here"],
                              cwd=ROOT, check=False).returncode  # fmt: skip
    if options.database == "sqlite":
        os.environ.pop("DATABASE_URL", None)
    return one(options.database, options.by, options.rate or RATES[options.database], options.seconds)


if __name__ == "__main__":
    raise SystemExit(main())
