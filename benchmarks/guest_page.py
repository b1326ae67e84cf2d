"""``python -m benchmarks.guest_page``: how soon a guest sees the first question on a slow network, in Chromium.

A phone of 360 × 740 with a processor four times slower opens a questionnaire's page for the first time, with nothing
kept, on what Chromium's developer tools and Lighthouse call *Fast 3G*: 1.44 Mbit/s down, 0.675 up, and 562.5 ms a
request (3.75 round trips of 150 ms, as a new connection takes them). Prints one line: ``guest_page key=value …``: the
first contentful paint and the largest, and what came over the wire; medians of as many visits as ``--visits`` says.
"""

import argparse
import statistics
from typing import Any

from benchmarks.serving import serving
from benchmarks.submissions import SHOP

FAST_3G = {"offline": False, "latency": 562.5, "downloadThroughput": 1_440_000 / 8, "uploadThroughput": 675_000 / 8}
SLOWER = 4  # times, of the processor
MOST_MS = 1_000
ARGUMENTS = [
    "--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
SEEN = """() => new Promise(done => new PerformanceObserver(list => done({
    first: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    largest: list.getEntries().at(-1).startTime,
    bytes: [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .reduce((sum, one) => sum + one.transferSize, 0),
    requests: 1 + performance.getEntriesByType('resource').length,
})).observe({type: 'largest-contentful-paint', buffered: true}))"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.guest_page", description=__doc__)
    parser.add_argument("--visits", type=int, default=5)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    with serving() as site, sync_playwright() as playwright:
        address = f"http://127.0.0.1:{site.port}/s/{site.script(SHOP).split()[0]}"
        chromium = playwright.chromium.launch(executable_path=options.chromium, args=ARGUMENTS)
        visit(chromium, address)  # the site's first page is not the guest's
        seen = [visit(chromium, address) for _ in range(options.visits)]
        chromium.close()
    figures = {name: round(statistics.median(one[name] for one in seen)) for name in seen[0]}
    print("guest_page", "network=fast_3g", *(f"{name}={value}" for name, value in figures.items()))
    return 0 if figures["first_paint_ms"] < MOST_MS else 1


def visit(chromium: Any, address: str) -> dict[str, float]:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, is_mobile=True, locale="zh-CN")
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", FAST_3G)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address, wait_until="load")
    seen = page.evaluate(SEEN)
    context.close()
    return {
        "first_paint_ms": seen["first"], "largest_paint_ms": seen["largest"], "bytes": seen["bytes"],
        "requests": seen["requests"],
    }  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
