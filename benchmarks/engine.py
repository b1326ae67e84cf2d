"""``python -m benchmarks.engine``: the engine against two published programs, and against bare DuckDB.

All read the same two Parquet files, as whole processes: start of Python, reading, building what they need, computing,
ending. The other programs live in environments of their own under build/, which this makes. Each line is a process;
"our time" is the wall time of ours divided by theirs. A peer is ended after 10 minutes or at 12 GB.

Without arguments it also writes its tables to docs/benchmarks.md.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import pages
from benchmarks.journeys import files
from benchmarks.processes import ROOT, OverLimit, Usage, measured

SIZES = (100_000, 1_000_000)
MOST_SECONDS, MOST_MEGABYTES = 600, 12_000
RULES = (
    "first_touch", "last_touch", "linear", "position_based", "time_decay", "survey", "coupon", "link", "precedence",
)  # fmt: skip
BARE = {
    "count": "SELECT sum(touches) FROM (SELECT count(*) AS touches FROM read_parquet({}) GROUP BY customer_id)",
    "ordered lists": 'SELECT sum(len(path)) FROM (SELECT list(channel ORDER BY "at") AS path FROM read_parquet({})'
    " GROUP BY customer_id)",
}


@dataclass(frozen=True)
class Peer:
    """A published program: what to install, and what it is asked to do (ours that answer the same question)."""

    requirements: tuple[str, ...]
    module: str
    tasks: dict[str, tuple[str, ...]]

    @property
    def name(self) -> str:
        return self.requirements[0].replace("==", " ")


PEERS = (
    Peer(
        ("ChannelAttribution==2.2.5", "matplotlib", "duckdb", "pandas", "pyarrow"),
        "channel_attribution",
        {"heuristics": ("first_touch", "last_touch", "linear"), "markov": ("markov",)},
    ),
    Peer(
        ("marketing-attribution-models==2.1.1", "duckdb", "pandas", "pyarrow"),
        "marketing_attribution_models",
        {
            model: (model,)
            for model in ("first_touch", "last_touch", "linear", "position_based", "time_decay", "markov", "shapley")
        },
    ),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("--journeys", nargs="+", type=int, default=SIZES)
    parser.add_argument("--repeat", type=int, default=3, help="take the fastest of so many; default: 3")
    parser.add_argument("--write", action="store_true", help="write the tables to docs/benchmarks.md")
    parser.add_argument("--generate", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--rules", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.generate:
        files(options.generate)
        return 0
    if options.rules:
        every_rule(*options.rules)
        return 0
    interpreters = [environment(peer) for peer in PEERS]
    ours, theirs = [], []
    for journeys in options.journeys:
        # In a process of its own: a child's peak memory is never less than its parent's.
        measured(sys.executable, "-m", "benchmarks.engine", f"--generate={journeys}")
        bench = Bench(journeys, options.repeat)
        ours += bench.ours()
        for peer, python in zip(PEERS, interpreters, strict=True):
            theirs += bench.theirs(peer, python)
    tables = [
        pages.table(["journeys", "ours", "wall", "processor", "peak memory", "÷ DuckDB ordered lists"], ours),
        pages.table(
            [
                "journeys",
                "program",
                "asked for",
                "wall",
                "processor",
                "peak memory",
                "our time",
                "our memory",
                "differs",
            ],
            theirs,
        ),
    ]
    for lines in tables:
        print(*lines, "", sep="\n")
    if options.write or len(sys.argv) == 1:
        pages.write("engine", tables)
    return 0


def environment(peer: Peer) -> Path:
    """Return the Python of a peer's own environment; make it if it is not there."""
    folder = ROOT / "build" / "bench" / "peers" / peer.module
    python, done = folder / "bin" / "python", folder / "requirements.txt"
    wanted = "\n".join(peer.requirements)
    if not done.exists() or done.read_text() != wanted:
        print(f"Installing {peer.name} …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        quiet = ("-qq", "--disable-pip-version-check", "--no-input")
        subprocess.run([python, "-m", "pip", "install", *quiet, *peer.requirements], check=True)
        done.write_text(wanted)
    return python


def every_rule(touches: Path, conversions: Path) -> None:
    """All rule models in one pass, with the summary of each."""
    from attribution.engine import judge

    with tempfile.TemporaryDirectory(prefix="wanamaker-bench-") as folder:
        judgement = judge(touches, conversions, Path(folder) / "run", models=RULES)
        for model in RULES:
            judgement.summary(model)


class Bench:
    """The files of one size, and what ours took on them."""

    def __init__(self, journeys: int, repeat: int) -> None:
        self._journeys, self._repeat = f"{journeys:,}", repeat
        self._files = [str(path) for path in files(journeys)]
        for path in self._files:
            subprocess.run(["cat", path], stdout=subprocess.DEVNULL, check=True)  # from now on in the system's memory
        self._usage: dict[str, Usage] = {}
        self._totals: dict[str, dict[str, float]] = {}

    def ours(self) -> list[list[object]]:
        """Run each model that a peer has, all rule models in one pass, and the bare grouping."""
        models = sorted({model for peer in PEERS for task in peer.tasks.values() for model in task})
        for model in models:
            self._usage[model], self._totals[model] = self._judge(model)
        self._usage["all rule models"] = self._fastest(
            sys.executable, "-m", "benchmarks.engine", "--rules", *self._files
        )
        for name, query in BARE.items():
            code = f"import duckdb; duckdb.sql({query.format(repr(self._files[0]))!r}).fetchall()"
            self._usage[f"DuckDB: {name}"] = self._fastest(sys.executable, "-c", code)
        bare = self._usage["DuckDB: ordered lists"].seconds
        return [
            [self._journeys, name.replace("_", " "), *_cells(usage), f"{usage.seconds / bare:.1f}"]
            for name, usage in self._usage.items()
        ]

    def theirs(self, peer: Peer, python: Path) -> list[list[object]]:
        """Run all that a peer has, against ours that answers the same."""
        return [self._compare(peer, python, task, models) for task, models in peer.tasks.items()]

    def _compare(self, peer: Peer, python: Path, task: str, models: tuple[str, ...]) -> list[object]:
        line = [self._journeys, peer.name, task.replace("_", " ")]
        try:
            usage = self._fastest(
                str(python), "-m", f"benchmarks.peers.{peer.module}", task, *self._files,
                seconds=MOST_SECONDS, megabytes=MOST_MEGABYTES,
            )  # fmt: skip
        except OverLimit as error:
            return [*line, str(error), "", "", "", "", ""]
        found = json.loads(usage.output.splitlines()[-1])
        # Where the peer gives several models at once, so does ours.
        mine = self._usage[models[0] if len(models) == 1 else "all rule models"]
        differs = max(_distance(found[model], self._totals[model]) for model in models)
        times, memory = mine.seconds / usage.seconds, mine.peak_mb / usage.peak_mb
        return [*line, *_cells(usage), f"{times:.2f}", f"{memory:.2f}", f"{differs:.1%}"]

    def _judge(self, model: str) -> tuple[Usage, dict[str, float]]:
        with tempfile.TemporaryDirectory(prefix="wanamaker-bench-") as folder:
            summary = Path(folder) / "summary.csv"
            touches, conversions = self._files
            usage = self._fastest(
                sys.executable, "-m", "attribution.engine", "--model", model, "--summary", str(summary),
                "--touches", touches, "--conversions", conversions,
            )  # fmt: skip
            lines = [line.split(",") for line in summary.read_text().splitlines()[1:]]
        return usage, {channel.strip('"'): float(customers) for channel, customers, _ in lines}

    def _fastest(self, *command: str, **limits: Any) -> Usage:
        return min((measured(*command, **limits) for _ in range(self._repeat)), key=lambda usage: usage.seconds)


def _cells(usage: Usage) -> list[str]:
    return [f"{usage.seconds:.1f} s", f"{usage.processor:.1f} s", f"{usage.peak_mb:,} MB"]


def _distance(found: dict[str, float], ours: dict[str, float]) -> float:
    """Return how far their totals are from ours at most, as a share of ours."""
    return max(abs(found.get(channel, 0) - total) / total for channel, total in ours.items() if total)


if __name__ == "__main__":
    raise SystemExit(main())
