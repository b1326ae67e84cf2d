"""Touches and conversions as a test writes them: times are days after START."""

from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pyarrow as pa

from attribution.engine import Judgement, Parameters, judge

START = datetime(2024, 3, 1)  # naive means UTC
MOMENT = pa.timestamp("us")
NUMBER, TEXT = pa.int64(), pa.string()


class Touch(NamedTuple):
    customer: Any
    channel: str
    kind: str
    day: float


class Sale(NamedTuple):
    customer: Any
    day: float
    value: int = 1000


def moment(day: float) -> datetime:
    return START + timedelta(days=day)


def touch_table(touches: list[Touch], customer: pa.DataType = NUMBER) -> pa.Table:
    columns = {
        "customer_id": pa.array([touch.customer for touch in touches], customer),
        "channel": pa.array([touch.channel for touch in touches], pa.string()),
        "kind": pa.array([touch.kind for touch in touches], pa.string()),
        "at": pa.array([moment(touch.day) for touch in touches], MOMENT),
    }
    return pa.table(columns)


def sale_table(sales: list[Sale], customer: pa.DataType = NUMBER, **more: list[Any]) -> pa.Table:
    columns = {
        "customer_id": pa.array([sale.customer for sale in sales], customer),
        "at": pa.array([moment(sale.day) for sale in sales], MOMENT),
        "value": pa.array([sale.value for sale in sales], pa.int64()),
        **more,
    }
    return pa.table(columns)


def judged(touches: list[Touch], sales: list[Sale], out: Path, **options: Any) -> Judgement:
    return judge(touch_table(touches), sale_table(sales), out, **options)


def path_of(*touches: Touch, until: float = 0, **options: Any) -> list[str]:
    """Return the channels on the path of customer 1's only sale, at the day ``until``."""
    return paths_of([*touches], [Sale(1, until)], **options)[0]


def paths_of(touches: list[Touch], sales: list[Sale], **options: Any) -> list[list[str]]:
    """Return the channels on the path of each sale, in the order of customer, time and value."""
    with TemporaryDirectory() as folder:
        judgement = judged(touches, sales, Path(folder), **options)
        channels = channels_by_path(judgement)
        ids = judgement.conversions(["path_id"])["path_id"].to_pylist()
    return [[] if path is None else channels[path] for path in ids]


def channels_by_path(judgement: Judgement) -> list[list[str]]:
    paths = judgement.paths
    names = [judgement.channels[code] for code in paths.channel]
    return [names[begin:end] for begin, end in zip(paths.offsets, paths.offsets[1:], strict=False)]


def credit_of(model: str, *touches: Touch, until: float = 0, **options: Any) -> dict[str, float]:
    """Return the credit per channel of customer 1's only sale, at the day ``until``."""
    with TemporaryDirectory() as folder:
        judgement = judged([*touches], [Sale(1, until)], Path(folder), **options)
        rows = judgement.credits(model)
    return dict(zip(rows["channel"].to_pylist(), rows["credit"].to_pylist(), strict=True))


def days(**spans: float) -> Parameters:
    return Parameters(**{name: timedelta(days=span) for name, span in spans.items()})
