"""``python -m attribution.engine``: the engine on files, without Django and without a database."""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.abc import MetaPathFinder
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from attribution.engine.evidence.fit import FEWEST_OVERLAPS
from attribution.engine.journeys import ParameterError, Parameters
from attribution.engine.judgement import Judgement
from attribution.engine.markov import ORDERS
from attribution.engine.models import AUTO, DEFAULT, MODELS, ModelError, Order
from attribution.engine.run import MEMORY, judge
from attribution.warehouse import InputError, WarehouseError, check_cluster

EPILOG = """\
Touches have the columns customer_id, channel, kind (survey, coupon, link, referral, import) and at; conversions have
customer_id, at and value (whole minor units); capabilities have channel and kind. Times are UTC. A survey touch may
have the channel dont_remember: the answer names none.

Exit codes: 0 done; 1 it broke; 2 an argument, a file or the cluster is refused, and a line on standard error says which
and why.
"""
WIDTHS = {"customers": 14, "value": 18, "low": 14, "high": 14}
WHY_NOT = {
    "no_conversions": "no source names a channel on any conversion",
    "one_source": "only one source names channels, so nothing shows how often it errs",
    "one_channel": "all evidence names the same channel",
    "few_overlaps": f"two sources speak on fewer than {FEWEST_OVERLAPS} conversions",
    "too_many_channels": "there are too many channels",
}
LEFT_OUT = {
    "touches_after_watermark": "touches after the watermark",
    "touches_on_no_path": "touches on no path (too old, or after the purchase)",
    "touches_ended_in_nothing": "touches of customers who did not buy",
    "touches_repeating_a_survey": "repeated survey answers",
    "touches_through_no_capability": "touches through a kind that the channel has no capability for (used anyway)",
    "answers_naming_no_channel": "survey answers that name no channel (dont_remember)",
    "conversions_after_watermark": "conversions after the watermark",
    "conversions_duplicated": "duplicate conversions (same customer, time and value)",
    "conversions_without_touch": "conversions with no touch (unknown)",
    "customers_without_conversion": "customers with touches only",
    "customers_without_touch": "customers with conversions only",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        _check_model(options)
        parameters = Parameters(
            lookback=options.lookback_days,
            coupon_grace=options.coupon_grace_days,
            survey_grace=options.survey_grace_days,
            half_life=options.half_life_days,
        )
        with tempfile.TemporaryDirectory(prefix="wanamaker-") as folder:
            judgement = judge(
                options.touches,
                options.conversions,
                options.keep or (None if _asks_for_totals(options) else Path(folder)),
                capabilities=options.capabilities,
                parameters=parameters,
                watermark=options.watermark,
                models=[options.model] if options.keep is None else MODELS,
                partitions=options.partitions,
                memory=options.memory,
                threads=options.threads,
                warehouse=options.warehouse,
            )
            _deliver(judgement, options)
    except (InputError, ModelError, ParameterError, WarehouseError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _check_model(options: argparse.Namespace) -> None:
    """Refuse before the work what could not be delivered after it."""
    MODELS[options.model].check_order(options.order)
    if options.out:
        MODELS[options.model].check_credits()


def _asks_for_totals(options: argparse.Namespace) -> bool:
    """Return whether nothing is asked for but what distinct paths tell."""
    return MODELS[options.model].by_path and not (options.out or options.intervals)


def _days(text: str) -> timedelta:
    try:
        return timedelta(days=float(text))
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days") from error


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def _cluster(address: str) -> str:
    try:
        check_cluster(address)
    except WarehouseError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return address


def _order(text: str) -> Order:
    return AUTO if text == AUTO else int(text)


def _parser() -> argparse.ArgumentParser:
    defaults = Parameters()
    parser = argparse.ArgumentParser(
        prog="python -m attribution.engine",
        description="Judge which channel brought each customer.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--touches", required=True, type=Path, help="Parquet or CSV file")
    add("--conversions", required=True, type=Path, help="Parquet or CSV file")
    add("--capabilities", type=Path, help="Parquet or CSV file")
    add("--model", default=DEFAULT, choices=sorted(MODELS), help=f"default: {DEFAULT}")
    add(
        "--order",
        type=_order,
        default=1,
        choices=(*ORDERS, AUTO),
        help="of markov: how many touches a state holds, or auto: what best foretells paths left out; default: 1",
    )
    add("--intervals", action="store_true", help="give the 95 %% interval of the customers too")
    add("--out", type=Path, help="write the credits here (.parquet or .csv)")
    add("--summary", type=Path, help="write the summary here (.csv or .parquet)")
    add("--keep", type=Path, help="keep the whole judgement, for all models, in this folder")
    add("--watermark", type=datetime.fromisoformat, help="leave out what is later (ISO 8601, UTC)")
    for name in ("lookback", "coupon_grace", "survey_grace", "half_life"):
        days = getattr(defaults, name) / timedelta(days=1)
        add(f"--{name.replace('_', '-')}-days", type=_days, default=f"{days:g}", help=f"default: {days:g}")
    add("--partitions", type=_count, help="about how many partitions of customers; the result is the same")
    add("--memory", default=MEMORY, help=f"for sorting, before it spills to disk; default: {MEMORY}")
    add("--threads", type=int, help="default: all")
    add("--warehouse", type=_cluster, help="judge on this Spark cluster (spark://host:port); the result is the same")
    return parser


def _deliver(judgement: Judgement, options: argparse.Namespace) -> None:
    summary = judgement.summary(options.model, order=options.order)
    if options.intervals:
        found = judgement.intervals(options.model, order=options.order)
        summary = summary.append_column("low", found["low"]).append_column("high", found["high"])
    if options.out:
        _write(options.out, judgement.credit_tables(options.model))
    if options.summary:
        _write(options.summary, iter([summary]))
    print(
        f"{options.model}: {judgement.counts['conversions']} conversions, watermark {judgement.manifest['watermark']}"
    )
    if datetime.fromisoformat(judgement.manifest["watermark"]) > datetime.now(UTC):
        print("the latest time lies in the future: --watermark leaves out what is later")
    if judgement.used(options.model) != options.model:
        print(f"fallback to {judgement.used(options.model)}: {WHY_NOT[judgement.evidence.reason]}")
    elif options.order == AUTO:
        print(f"order {judgement.markov_order}")
    width = max(map(len, [*judgement.channels, "channel"]))
    print(f"{'channel':<{width}}", *(f"{name:>{WIDTHS[name]}}" for name in summary.column_names[1:]))
    for row in summary.to_pylist():
        print(f"{row.pop('channel'):<{width}}", *(f"{amount:>{WIDTHS[name]}.2f}" for name, amount in row.items()))
    for name, words in LEFT_OUT.items():
        if judgement.counts.get(name):
            print(f"{judgement.counts[name]} {words}")


class _NoPandas(MetaPathFinder):  # pragma: no cover - only where this is a program of its own
    """Arrow loads pandas, where it is installed, before it hands numpy the first column: 0.3 seconds for nothing."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def _write(path: Path, tables: Iterator[pa.Table]) -> None:
    first = next(tables)
    opened = pc.CSVWriter if path.suffix.lower() == ".csv" else pq.ParquetWriter
    with opened(str(path), first.schema) as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)


if __name__ == "__main__":  # pragma: no cover
    sys.meta_path.insert(0, _NoPandas())
    pa.set_memory_pool(pa.system_memory_pool())  # Arrow's own takes more memory and time
    code = main()
    sys.stdout.flush()
    os._exit(code)  # the system takes memory back faster than Python gives it
