"""``python -m benchmarks.accuracy``: how far each model's channel shares are from the truth, on simulated shops.

Every shop of `benchmarks.shops`, in several sizes and seeds that no model was tuned on, goes through the whole engine.
The error of a model is the mean over channels of the distance between its share and the channel's true share of these
very customers, in points. Survey and precedence, like all rule models, are read in their favour: as shares among the
conversions that they credit to a channel.

Without arguments it also writes its tables to docs/benchmarks.md.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attribution.engine import Judgement, judge
from attribution.warehouse import UNKNOWN
from benchmarks import pages
from benchmarks.shops import KINDS, Shop, simulate

SEEDS = {300: 24, 2_000: 12, 20_000: 6}  # shops by customers
FIRST_SEED = 7_000  # none of them was looked at while the evidence model was tuned
RULES = ("survey", "precedence", "linear", "shapley")
POINTS = 100
ASSUMED = ("assumed", "small")  # kinds that break no assumption of the evidence model


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("--kinds", nargs="+", default=KINDS, choices=KINDS)
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SEEDS))
    parser.add_argument("--seeds", type=int, help="shops of each kind and size")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--shops", type=Path, help="write a row per shop to this CSV file")
    parser.add_argument("--write", action="store_true", help="write the tables to docs/benchmarks.md")
    options = parser.parse_args()
    rows = [
        measure(kind, size, options.first_seed + number)
        for size in options.sizes
        for kind in options.kinds
        if kind != "small" or size < 1_000
        for number in range(options.seeds or SEEDS.get(size, 4))
    ]
    frame = pd.DataFrame(rows)
    if options.shops:
        frame.to_csv(options.shops, index=False)
    tables = [errors(frame), intervals(frame)]
    for lines in tables:
        print(*lines, "", sep="\n")
    if options.write or len(sys.argv) == 1:
        pages.write("accuracy", tables)
    return 0


def measure(kind: str, customers: int, seed: int) -> dict[str, Any]:
    """Judge one shop; return each model's error and what the evidence model says of itself."""
    shop = simulate(kind, customers, seed)
    with tempfile.TemporaryDirectory(prefix="wanamaker-bench-") as folder:
        begun = time.monotonic()
        judgement = judge(
            shop.touches, shop.conversions, Path(folder) / "run", capabilities=shop.capabilities, models=("evidence",)
        )
        truth = shop.shares()
        row: dict[str, Any] = {"kind": kind, "customers": customers, "seed": seed}
        for model in (*RULES, "evidence"):
            row[model] = error_of(shares_of(judgement, model), truth)
        row |= _evidence(judgement, shop, truth)
        row["seconds"] = time.monotonic() - begun
    return row


def shares_of(judgement: Judgement, model: str) -> dict[str, float]:
    """Return a model's shares among what it credits to channels."""
    credited = {row["channel"]: row["customers"] for row in judgement.summary(model).to_pylist()}
    credited.pop(UNKNOWN)
    total = sum(credited.values())
    return {channel: customers / total if total else np.nan for channel, customers in credited.items()}


def error_of(shares: dict[str, float], truth: dict[str, float]) -> float:
    """Return the mean distance, in points, over all channels that are true or credited."""
    channels = sorted(shares.keys() | truth.keys())
    return POINTS * float(np.mean([abs(shares.get(one, 0) - truth.get(one, 0)) for one in channels]))


def _evidence(judgement: Judgement, shop: Shop, truth: dict[str, float]) -> dict[str, Any]:
    """What the evidence model says, and how many of its intervals hold the truth."""
    fit = judgement.evidence
    said: dict[str, Any] = {"status": fit.status, "reason": fit.reason, "p_value": fit.p_value}
    if fit.status == "fallback":
        return said
    shares = fit.shares().to_pylist()
    customers = judgement.intervals("evidence").to_pylist()
    size = shop.truth.num_rows
    held = [row["low"] <= truth.get(row["channel"], 0) <= row["high"] for row in shares]
    held_customers = [
        row["low"] <= truth.get(row["channel"], 0) * size <= row["high"] for row in customers if row["channel"] in truth
    ]
    return said | {
        "held": sum(held),
        "shares": len(held),
        "held_customers": sum(held_customers),
        "counts": len(held_customers),
        "width": POINTS * float(np.mean([row["high"] - row["low"] for row in shares])),
    }


def errors(frame: pd.DataFrame) -> list[str]:
    """One line a size and kind: errors in points, and evidence against the better of survey and precedence.

    The ratio is that of the means; "worst shop" is the most points that evidence lost in one shop to the one of the two
    that was better in that very shop, which nobody can know beforehand.
    """
    models = [*RULES, "evidence"]
    rows = []
    for (size, kind), shops in frame.groupby(["customers", "kind"], sort=False):
        mean = shops[models].mean()
        ratio = mean["evidence"] / mean[["survey", "precedence"]].min()
        worst = (shops["evidence"] - shops[["survey", "precedence"]].min(axis=1)).max()
        cells = [f"{size:,}", kind, len(shops), *(f"{mean[model]:.1f}" for model in models)]
        rows.append([*cells, f"{ratio:.2f}", f"{worst:+.1f}"])
    return pages.table(["customers", "kind", "shops", *models, "evidence ÷ better", "worst shop"], rows)


def intervals(frame: pd.DataFrame) -> list[str]:
    """One line a size and kind: how often the 95 % intervals hold the truth, and what the model's own check says."""
    rows = []
    for (size, kind), shops in frame.groupby(["customers", "kind"], sort=False):
        fitted = shops[shops["status"] != "fallback"]
        p_values = fitted["p_value"].dropna()
        rows.append(
            [
                f"{size:,}",
                kind,
                "holds" if kind in ASSUMED else "broken",
                f"{len(fitted)} of {len(shops)}",
                _percent(fitted.get("held"), fitted.get("shares")),
                _percent(fitted.get("held_customers"), fitted.get("counts")),
                f"{fitted['width'].mean():.1f}" if len(fitted) else "—",
                f"{p_values.median():.2f}" if len(p_values) else "—",
                f"{(p_values < 0.05).sum()} of {len(p_values)}",
            ]
        )
    heading = "customers,kind,assumptions,fitted,shares held,customers held,width,median p,p < 0.05"
    return pages.table(heading.split(","), rows)


def _percent(part: Any, whole: Any) -> str:
    return f"{part.sum() / whole.sum():.0%}" if whole is not None and whole.sum() else "—"


if __name__ == "__main__":
    raise SystemExit(main())
