"""METRICS §2 again, one customer and one touch at a time: slow, and easy to read beside the text."""

from collections import Counter, defaultdict
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from attribution.engine import Parameters
from tests.engine.shop import Sale, Touch

TIE = ("link", "referral", "import", "coupon")
STRENGTH = ("referral", "coupon", "link", "import", "survey")


class Step(NamedTuple):
    channel: str
    kind: str
    age: float


Journey = tuple[tuple[str, str], ...]


class Judged(NamedTuple):
    paths: dict[Sale, list[Step]]
    lost: list[Journey]


def reference(touches: list[Touch], sales: list[Sale], parameters: Parameters, watermark: float) -> Judged:
    """Return the path of each sale, without duplicates, and the paths that ended in nothing."""
    paths: dict[Sale, list[Step]] = {}
    lost = []
    for customer in {touch.customer for touch in touches} | {sale.customer for sale in sales}:
        mine = sorted({sale for sale in sales if sale.customer == customer}, key=lambda sale: (sale.day, sale.value))
        gathered: dict[Sale | None, list[Touch]] = defaultdict(list)
        for touch in touches:
            if touch.customer == customer:
                gathered[sale_of(touch, mine, parameters)].append(touch)
        for sale in mine:
            paths[sale] = ordered(gathered[sale], sale.day)
        left = [touch for touch in gathered[None] if watermark - touch.day <= in_days(parameters, "lookback")]
        if left and not mine:
            lost.append(tuple((step.channel, step.kind) for step in ordered(left, float("inf"))))
    return Judged(paths, lost)


def in_days(parameters: Parameters, name: str) -> float:
    return getattr(parameters, name).total_seconds() / 86_400


def sale_of(touch: Touch, sales: list[Sale], parameters: Parameters) -> Sale | None:
    for sale in sales:
        if sale.day >= touch.day:
            if sale.day - touch.day <= in_days(parameters, "lookback"):
                return sale
            break
    earlier = [sale.day for sale in sales if sale.day < touch.day]
    if not earlier:
        return None
    if touch.kind == "coupon":
        day, grace = max(earlier), in_days(parameters, "coupon_grace")
    elif touch.kind == "survey":
        day, grace = min(earlier), in_days(parameters, "survey_grace")
    else:
        return None
    return next(sale for sale in sales if sale.day == day) if touch.day - day <= grace else None


def ordered(touches: list[Touch], end: float) -> list[Step]:
    answers = sorted(
        (touch for touch in touches if touch.kind == "survey"), key=lambda touch: (touch.day, touch.channel)
    )
    others = [touch._replace(day=min(touch.day, end)) for touch in touches if touch.kind != "survey"]
    others.sort(key=lambda touch: (touch.day, TIE.index(touch.kind), touch.channel))
    steps = [Step(touch.channel, touch.kind, end - touch.day) for touch in others]
    oldest = max((step.age for step in steps), default=0.0)
    return [Step(answer.channel, "survey", oldest) for answer in answers[:1]] + steps


def credit(model: str, path: list[Step], half_life: float) -> dict[str, float]:
    """Return the credit per channel of one path."""
    given: dict[str, float] = defaultdict(float)
    for step, amount in zip(path, amounts(model, path, half_life), strict=True):
        given[step.channel] += amount
    if not any(given.values()):
        return {"unknown": 1.0}
    return {channel: amount for channel, amount in given.items() if amount}


def amounts(model: str, path: list[Step], half_life: float) -> list[float]:
    n = len(path)
    if n == 0:
        return []
    match model:
        case "first_touch":
            return [1.0] + [0.0] * (n - 1)
        case "last_touch":
            return [0.0] * (n - 1) + [1.0]
        case "linear":
            return [1 / n] * n
        case "position_based":
            return {1: [1.0], 2: [0.5, 0.5]}.get(n) or [0.4, *[0.2 / (n - 2)] * (n - 2), 0.4]
        case "time_decay":
            weights = [2 ** (-step.age / half_life) for step in path]
            return [weight / sum(weights) for weight in weights]
        case "shapley":
            channels = [step.channel for step in path]
            return [1 / len(set(channels)) / channels.count(channel) for channel in channels]
        case "precedence":
            model = next(kind for kind in STRENGTH if any(step.kind == kind for step in path))
    counted = [step.kind == model for step in path]
    return [counts / sum(counted) if counts else 0.0 for counts in counted]


class Walk(NamedTuple):
    channels: tuple[str, ...]
    sold: float  # 0: it ended in nothing
    value: float


Window = tuple[str, ...]


def markov(walks: list[Walk], order: int) -> dict[str, tuple[float, ...]]:
    """Return customers and value per channel: build the graph again without each channel, and solve it."""
    totals = sum(walk.sold for walk in walks), sum(walk.value for walk in walks)
    whole = brought(walks, order, None)
    effects = {
        channel: [
            1 - without / all_of_it if all_of_it else 0.0
            for without, all_of_it in zip(brought(walks, order, channel), whole, strict=True)
        ]
        for channel in {channel for walk in walks for channel in walk.channels}
    }
    sums = [sum(effect) for effect in zip(*effects.values(), strict=True)]
    return {
        channel: tuple(
            total * part / added if added else 0.0 for total, part, added in zip(totals, effect, sums, strict=True)
        )
        for channel, effect in effects.items()
    }


def brought(walks: list[Walk], order: int, removed: str | None) -> tuple[float, float]:
    """Return the chance of a conversion from the start, and its mean value, without the states of a channel."""
    left: Counter[Window] = Counter()
    step: Counter[tuple[Window, Window]] = Counter()
    sold: dict[Window, float] = defaultdict(float)
    value: dict[Window, float] = defaultdict(float)
    for walk in walks:
        windows = windows_of(walk.channels, order)
        left.update(windows)
        step.update(pairwise(windows))
        sold[windows[-1]] += walk.sold
        value[windows[-1]] += walk.value
    states = [state for state in left if removed not in state]
    if not states:
        return 0.0, 0.0
    moves = np.array([[step[here, there] / left[here] for there in states] for here in states])
    ends = np.array([[sold[state] / left[state], value[state] / left[state]] for state in states])
    found = np.linalg.solve(np.eye(len(states)) - moves, ends)[states.index(())]
    return float(found[0]), float(found[1])


def windows_of(channels: tuple[str, ...], order: int) -> list[Window]:
    seen = [channel for place, channel in enumerate(channels) if not place or channels[place - 1] != channel]
    return [(), *(tuple(seen[max(0, end - order) : end]) for end in range(1, len(seen) + 1))]
