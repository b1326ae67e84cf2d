"""Simulated shops whose truth is known: what the models are measured against.

Written apart from the demo's generator and from the engine, so that a model tuned on one meets another. Every kind is a
structure of errors that real shops have:

assumed : the evidence model's own assumptions: given the true channel, the sources speak independently
trait : one hidden trait (a deal-seeker with a phone in hand) drives both the coupon and the link
drift : shares and response rates wander from one truth to another over the year
no_coupons : two channels have coupons, the others are heard of through the survey and links
herd : who remembers wrongly mostly names the one famous brand
leaky : 15–25 % of all other channels' customers use one platform's coupon
small : as ``assumed``, for a shop of a few hundred customers
demo : the demo shop's generator; a link is known of those only who answered or claimed, as in the product
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from attribution.warehouse import DONT_REMEMBER

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

KINDS = ("assumed", "trait", "drift", "no_coupons", "herd", "leaky", "small", "demo")
CHANNELS = ("flyer", "friends", "influencer", "magazine", "platform", "posters", "radio", "video")
SOURCES = ("survey", "coupon", "link")
SAID = (*CHANNELS, DONT_REMEMBER)
SILENT = -1
TRAIT = 0.7  # weight of the hidden trait in the two sources that it drives: their correlation is its square
MINUTE, DAY = 60, 86_400
YEAR = 365 * DAY
OPENING = np.datetime64("2025-01-01", "us")


@dataclass(frozen=True, eq=False)
class Shop:
    """The engine's input, and ``truth``: ``customer_id``, ``channel``, one row a customer, sorted by customer."""

    touches: pa.Table
    conversions: pa.Table
    capabilities: pa.Table
    truth: pa.Table

    def shares(self) -> dict[str, float]:
        """Return the true share of each channel that won anybody, of these very customers."""
        counted = self.truth.group_by("channel").aggregate([("channel", "count")]).sort_by("channel").to_pylist()
        return {row["channel"]: row["channel_count"] / self.truth.num_rows for row in counted}


@dataclass(frozen=True, eq=False)
class Nature:
    """What is true of a shop. A row a true channel, in the order of CHANNELS.

    shares : of the customers
    speaks : by source, P(it says anything | true channel)
    says : by source, P(what it says | true channel, it says something); a column for each of SAID
    able : by source, which channels have one; all can be named in the survey
    """

    shares: Floats
    speaks: dict[str, Floats]
    says: dict[str, Floats]
    able: dict[str, npt.NDArray[np.bool_]]


def simulate(kind: str, customers: int, seed: int) -> Shop:
    """Return a shop of a kind of KINDS; the same for the same seed."""
    if kind == "demo":
        return _demo(customers, seed)
    first, last = natures(kind, seed)
    rng = np.random.default_rng([seed, KINDS.index(kind), 1])
    when = np.sort(rng.random(customers))
    driver = rng.standard_normal(customers) if kind == "trait" else None
    truth = _blend(rng, when, *(_drawn(rng, np.tile(one.shares, (customers, 1))) for one in (first, last)))
    heard = {
        source: _blend(
            rng,
            when,
            *(_spoken(rng, one, source, truth, None if source == "survey" else driver) for one in (first, last)),
        )
        for source in SOURCES
    }
    at = (when * YEAR).astype(np.int64)
    value = np.exp(rng.normal(8.0, 0.5, customers)).astype(np.int64)
    return _shop(at, value, truth, _touches(rng, at, heard), first)


def natures(kind: str, seed: int) -> tuple[Nature, Nature]:
    """Return what is true at the beginning of the year and at its end: the same, unless the kind drifts."""
    rng = np.random.default_rng([seed, KINDS.index(kind), 0])
    able = _able(rng, coupons=2 if kind == "no_coupons" else len(CHANNELS) - int(rng.integers(2, 5)))
    first = _nature(rng, kind, able)
    if kind != "drift":
        return first, first
    later = _nature(rng, kind, able)
    return first, Nature(later.shares, later.speaks, first.says, able)


def _able(rng: np.random.Generator, *, coupons: int) -> dict[str, npt.NDArray[np.bool_]]:
    """Some channels have no coupon, some no link; one at least has neither."""
    size = len(CHANNELS)
    has_coupon = np.isin(np.arange(size), rng.choice(size, coupons, replace=False))
    without = np.flatnonzero(~has_coupon)
    linked = rng.random(size) < 0.6
    linked[rng.choice(without)] = False
    linked[rng.choice(np.flatnonzero(has_coupon), 2, replace=False)] = True
    if coupons == 2:
        linked[without[:-1]] = True
        linked[without[-1]] = False
    return {"coupon": has_coupon, "link": linked}


def _nature(rng: np.random.Generator, kind: str, able: dict[str, npt.NDArray[np.bool_]]) -> Nature:
    size = len(CHANNELS)
    shares = rng.dirichlet(np.full(size, 2.0))
    coupon = _used(rng, able["coupon"], own=(0.20, 0.60), strays=(0.02, 0.10))
    if kind == "leaky":
        platform = int(rng.choice(np.flatnonzero(able["coupon"])))
        others = np.arange(size) != platform
        coupon[others, platform] += rng.uniform(0.15, 0.25, size - 1)
    link = _used(rng, able["link"], own=(0.10, 0.35), strays=(0.005, 0.03))
    speaks = {"survey": rng.uniform(0.15, 0.60, size), "coupon": coupon.sum(axis=1), "link": link.sum(axis=1)}
    famous = int(rng.integers(size)) if kind == "herd" else None
    nothing = np.zeros((size, 1))
    says = {
        "survey": _recall(rng, famous),
        **{
            name: np.hstack([used / used.sum(axis=1, keepdims=True), nothing])
            for name, used in (("coupon", coupon), ("link", link))
        },
    }
    return Nature(shares, speaks, says, able)


def _used(
    rng: np.random.Generator,
    able: npt.NDArray[np.bool_],
    *,
    own: tuple[float, float],
    strays: tuple[float, float],
) -> Floats:
    """Return P(uses c's | brought by z): one's own with a rate of ``own``, somebody else's with one of ``strays``."""
    size = len(able)
    liked = np.tile(rng.dirichlet(np.full(size, 1.0)) * able, (size, 1))
    np.fill_diagonal(liked, 0)
    used = liked / liked.sum(axis=1, keepdims=True) * rng.uniform(*strays, (size, 1))
    used[np.diag_indices(size)] = np.where(able, rng.uniform(*own, size), 0)
    return used


def _recall(rng: np.random.Generator, famous: int | None) -> Floats:
    """Return P(said | true channel, answered): 8–40 % err, towards two or three others and "don't remember".

    With a ``famous`` channel nine of ten of those errors name it.
    """
    size = len(CHANNELS)
    table = np.zeros((size, len(SAID)))
    for row in range(size):
        others = rng.choice(np.delete(np.arange(size), row), int(rng.integers(2, 4)), replace=False)
        error = rng.uniform(0.08, 0.40)
        spread = np.zeros(len(SAID))
        spread[[*others, size]] = rng.dirichlet(np.full(len(others) + 1, 2.0))
        if famous is not None and famous != row:
            spread *= 0.1
            spread[famous] += 0.9
        table[row] = spread * error
        table[row, row] = 1 - error
    return table


def _drawn(rng: np.random.Generator, chances: Floats) -> Ints:
    """Draw a column for each row of probabilities."""
    return (rng.random((len(chances), 1)) > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)


def _blend(rng: np.random.Generator, when: Floats, early: Ints, late: Ints) -> Ints:
    """Take each customer's draw from the end of the year the more often the later it is."""
    return np.where(rng.random(len(when)) < when, late, early)


def _spoken(rng: np.random.Generator, nature: Nature, source: str, truth: Ints, driver: Floats | None) -> Ints:
    """Return what a source says of each customer: a place in SAID, or SILENT.

    A ``driver`` ranks the customers: it moves who speaks, and not how many.
    """
    luck = rng.random(len(truth))
    if driver is not None:
        mixed = TRAIT * driver + np.sqrt(1 - TRAIT**2) * rng.standard_normal(len(truth))
        luck = 1 - (np.argsort(np.argsort(mixed)) + 0.5) / len(truth)
    said = _drawn(rng, nature.says[source][truth])
    return np.where(luck < nature.speaks[source][truth], said, SILENT)


def _touches(rng: np.random.Generator, at: Ints, heard: dict[str, Ints]) -> pa.Table:
    """A coupon at the sale, the answer within 40 minutes of it, the link up to three weeks before."""
    size = len(at)
    shifts = {
        "survey": rng.integers(2 * MINUTE, 40 * MINUTE, size),
        "coupon": np.zeros(size, dtype=np.int64),
        "link": -np.clip(rng.exponential(5 * DAY, size), MINUTE, 21 * DAY).astype(np.int64),
    }
    parts = []
    for source, said in heard.items():
        who = np.flatnonzero(said != SILENT)
        parts.append(_touch_table(who, np.array(SAID)[said[who]], source, (at + shifts[source])[who]))
    return pa.concat_tables(parts)


def _touch_table(who: Ints, channel: npt.NDArray[np.str_], kind: str, seconds: Ints) -> pa.Table:
    return pa.table(
        {
            "customer_id": pa.array(who + 1, pa.int64()),
            "channel": pa.array(channel.astype(object), pa.string()),
            "kind": pa.array([kind] * len(who), pa.string()),
            "at": pa.array(OPENING + seconds.astype("timedelta64[s]")),
        }
    )


def _shop(at: Ints, value: Ints, truth: Ints, touches: pa.Table, nature: Nature) -> Shop:
    ids = pa.array(np.arange(1, len(at) + 1))
    able = [
        (channel, kind)
        for kind in ("coupon", "link")
        for channel, can in zip(CHANNELS, nature.able[kind], strict=True)
        if can
    ]
    return Shop(
        touches,
        pa.table({"customer_id": ids, "at": pa.array(OPENING + at.astype("timedelta64[s]")), "value": pa.array(value)}),
        pa.table({"channel": [channel for channel, _ in able], "kind": [kind for _, kind in able]}),
        pa.table({"customer_id": ids, "channel": pa.array(np.array(CHANNELS)[truth].astype(object), pa.string())}),
    )


def _demo(customers: int, seed: int) -> Shop:
    """Return the demo's first visits with the touches that the loaded shop has."""
    from analytics.demo import truth, world

    made = world.simulate(customers=customers, seed=seed, until=date(2026, 10, 31))
    sales = made.orders[(made.orders["customer"] >= 0) & (made.orders["refund_of"] < 0)]
    first = sales.sort_values("at", kind="stable").drop_duplicates("customer").set_index("customer").sort_index()
    slugs = np.array(world.SLUGS)
    ids = pa.array(first.index.to_numpy() + 1)
    at, value = first["at"].to_numpy("datetime64[us]"), first["amount"].to_numpy()
    brought = slugs[made.customers["channel"].loc[first.index]]
    able = [(one.slug, kind) for kind in ("coupon", "link") for one in truth.CHANNELS if getattr(one, kind)]
    return Shop(
        _demo_touches(made, slugs, first["at"]),
        pa.table({"customer_id": ids, "at": pa.array(at), "value": pa.array(value)}),
        pa.table({"channel": [channel for channel, _ in able], "kind": [kind for _, kind in able]}),
        pa.table({"customer_id": ids, "channel": pa.array(brought.astype(object), pa.string())}),
    )


def _demo_touches(made: Any, slugs: npt.NDArray[np.str_], first_at: Any) -> pa.Table:
    """Links count for those whose device is known: who answered, or claimed a coupon, with it."""
    answers = made.answers[(made.answers["customer"] >= 0) & made.answers["said"].isin([*slugs, DONT_REMEMBER])]
    used = made.coupons[made.coupons["order"] >= 0]
    claimed = made.coupons[(made.coupons["customer"] >= 0) & made.coupons["claimed_at"].notna()]
    visits = made.visits[made.visits["customer"].isin({*made.answers["customer"], *claimed["customer"]} - {-1})]
    parts = (
        ("survey", answers, answers["said"].to_numpy(str), answers["at"]),
        ("coupon", used, slugs[used["channel"]], first_at.loc[used["customer"]]),
        ("link", visits, slugs[visits["channel"]], visits["at"]),
    )
    return pa.concat_tables(
        [
            _touch_table(rows["customer"].to_numpy(), said, kind, (at.to_numpy() - OPENING) // np.timedelta64(1, "s"))
            for kind, rows, said, at in parts
        ]
    )
