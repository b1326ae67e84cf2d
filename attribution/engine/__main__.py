"""``python -m attribution.engine``: the engine on files, without Django and without a database."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from attribution.engine.journeys import ParameterError, Parameters
from attribution.engine.judgement import Judgement
from attribution.engine.markov import ORDERS
from attribution.engine.models import DEFAULT, MODELS, ModelError
from attribution.engine.run import MEMORY, judge
from attribution.warehouse import InputError

EPILOG = """\
Touches have the columns customer_id, channel, kind (survey, coupon, link, referral, import) and at; conversions have
customer_id, at and value (whole minor units); capabilities have channel and kind. Times are UTC.

Exit codes: 0 done; 1 it broke; 2 an argument or a file is refused, and a line on standard error says which and why.
"""
LEFT_OUT = {
    "touches_after_watermark": "touches after the watermark",
    "touches_on_no_path": "touches on no path (too old, or after the purchase)",
    "touches_ended_in_nothing": "touches of customers who did not buy",
    "touches_repeating_a_survey": "repeated survey answers",
    "touches_through_no_capability": "touches through a kind that the channel has no capability for (used anyway)",
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
                options.keep or Path(folder),
                capabilities=options.capabilities,
                parameters=parameters,
                watermark=options.watermark,
                models=[options.model] if options.keep is None else MODELS,
                partitions=options.partitions,
                memory=options.memory,
                threads=options.threads,
            )
            _deliver(judgement, options)
    except (InputError, ModelError, ParameterError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _check_model(options: argparse.Namespace) -> None:
    """Refuse before the work what could not be delivered after it."""
    MODELS[options.model].check_order(options.order)
    if options.out:
        MODELS[options.model].check_credits()


def _days(text: str) -> timedelta:
    try:
        return timedelta(days=float(text))
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days") from error


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
    add("--order", type=int, default=1, choices=ORDERS, help="of markov: how many touches a state holds; default: 1")
    add("--out", type=Path, help="write the credits here (.parquet or .csv)")
    add("--summary", type=Path, help="write the summary here (.csv or .parquet)")
    add("--keep", type=Path, help="keep the whole judgement, for all models, in this folder")
    add("--watermark", type=datetime.fromisoformat, help="leave out what is later (ISO 8601, UTC)")
    for name in ("lookback", "coupon_grace", "survey_grace", "half_life"):
        days = getattr(defaults, name) / timedelta(days=1)
        add(f"--{name.replace('_', '-')}-days", type=_days, default=f"{days:g}", help=f"default: {days:g}")
    add("--partitions", type=int, help="about how many partitions of customers; the result is the same")
    add("--memory", default=MEMORY, help=f"for sorting, before it spills to disk; default: {MEMORY}")
    add("--threads", type=int, help="default: all")
    return parser


def _deliver(judgement: Judgement, options: argparse.Namespace) -> None:
    summary = judgement.summary(options.model, order=options.order)
    if options.out:
        _write(options.out, judgement.credit_tables(options.model))
    if options.summary:
        _write(options.summary, iter([summary]))
    print(
        f"{options.model}: {judgement.counts['conversions']} conversions, watermark {judgement.manifest['watermark']}"
    )
    width = max(map(len, [*judgement.channels, "channel"]))
    print(f"{'channel':<{width}} {'customers':>14} {'value':>18}")
    for row in summary.to_pylist():
        print(f"{row['channel']:<{width}} {row['customers']:>14.2f} {row['value']:>18.2f}")
    for name, words in LEFT_OUT.items():
        if judgement.counts.get(name):
            print(f"{judgement.counts[name]} {words}")


def _write(path: Path, tables: Iterator[pa.Table]) -> None:
    first = next(tables)
    opened = pc.CSVWriter if path.suffix.lower() == ".csv" else pq.ParquetWriter
    with opened(str(path), first.schema) as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)


if __name__ == "__main__":
    sys.exit(main())
