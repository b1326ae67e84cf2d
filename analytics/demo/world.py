"""Simulates the demo shop. PURE: numpy and pandas, a seed and a last day in, frames out; no clock, no database."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.demo.truth import (
    CHANNELS,
    COUPON_MINOR,
    DAYS,
    DONT_REMEMBER,
    HASTY,
    HOURS,
    LEADS,
    LEADS_WITH_LINK,
    LEAKS,
    MENU,
    OTHER,
    OUTSIDERS,
    REFUNDED,
    SECOND_COUPON,
    STORES,
    STRAY_LINKS,
    THANK_YOU_MINOR,
    UNIDENTIFIED,
    WEEKDAYS,
)

Ints = npt.NDArray[np.int64]
MOST_RETURNS = 14
SLUGS = [channel.slug for channel in CHANNELS]


@dataclass(frozen=True)
class World:
    """A simulated shop; times are naive in the business's zone, money in minor units, -1 means nobody or nothing.

    customers : ``channel`` (the truth), ``store``, ``first_at``, ``lives`` (buys at all; leads and outsiders do not)
    orders : ``customer``, ``store``, ``at``, ``amount``, ``discount``, ``refund_of`` (row of orders), sorted by time
    lines : ``order``, ``sku``, ``name``, ``category``, ``quantity``, ``amount``
    answers : ``customer``, ``store``, ``at``, ``said``, ``nps``, ``language``, ``thank_you_order``, ``hasty``
        (``said`` is what stood first)
    coupons : ``customer``, ``channel``, ``claimed_at`` (NaT: a platform's), ``order`` (-1: never used)
    visits : ``customer``, ``channel``, ``at``, ``lead`` (row of coupons: who claimed and never came)
    spend : ``channel``, ``store`` (None: all), ``first_day``, ``last_day``, ``amount``
    shown : ``store``, ``day``, ``impressions``, ``starts``, ``finishes``
    """

    customers: pd.DataFrame
    orders: pd.DataFrame
    lines: pd.DataFrame
    answers: pd.DataFrame
    coupons: pd.DataFrame
    visits: pd.DataFrame
    spend: pd.DataFrame
    shown: pd.DataFrame


def simulate(*, customers: int, seed: int, until: date) -> World:
    """Return a shop of so many identified customers whose history ends with the day ``until``."""
    rng = np.random.default_rng(seed)
    people = _people(rng, customers, until)
    orders = _orders(rng, people, until)
    answers = _answers(rng, people, orders)
    coupons = _coupons(rng, people, orders, until)
    orders = _apply_discounts(orders, coupons, answers)
    unidentified = _unidentified(rng, orders)
    orders, order_rows = _sorted(pd.concat([orders, unidentified], ignore_index=True))
    orders = _refunds(rng, orders, until)
    answers["thank_you_order"] = _moved(answers["thank_you_order"], order_rows)
    coupons["order"] = _moved(coupons["order"], order_rows)
    visits = pd.concat([_visits(rng, people), _lead_visits(rng, coupons)], ignore_index=True)
    return World(
        people,
        orders,
        _lines(rng, orders),
        answers,
        coupons,
        visits,
        _spend(rng, customers, until),
        _shown(rng, answers),
    )


def _moments(rng: np.random.Generator, days: Ints, until: date) -> pd.Series:
    """Return times on days counted back from ``until``, in the shop's hours, at the minute of the till."""
    hours = rng.choice(len(HOURS), len(days), p=HOURS) + 10
    seconds = hours * 3600 + rng.integers(0, 3600, len(days))
    start = pd.Timestamp(until)
    return pd.Series(start - pd.to_timedelta(days, unit="D") + pd.to_timedelta(seconds, unit="s")).astype(
        "datetime64[us]"
    )


def _busy_days(rng: np.random.Generator, size: int, until: date) -> Ints:
    """Return days back from ``until``, busier at weekends and towards the end."""
    back = np.arange(DAYS)
    weekday = np.array([(until - timedelta(days=int(day))).weekday() for day in back])
    weight = np.array(WEEKDAYS)[weekday] * (1.6 - back / DAYS)
    return rng.choice(back, size, p=weight / weight.sum())


def _people(rng: np.random.Generator, size: int, until: date) -> pd.DataFrame:
    shares = np.array([channel.share for channel in CHANNELS])
    channel = rng.choice(len(CHANNELS), size, p=shares / shares.sum())
    store = rng.choice(len(STORES), size, p=[store[3] for store in STORES])
    first = _moments(rng, _busy_days(rng, size, until), until)
    return pd.DataFrame({"channel": channel, "store": store, "first_at": first, "lives": True})


def _of(name: str, channel: pd.Series) -> npt.NDArray[np.float64]:
    return np.array([getattr(truth, name) for truth in CHANNELS], dtype=float)[channel.to_numpy()]


def _orders(rng: np.random.Generator, people: pd.DataFrame, until: date) -> pd.DataFrame:
    """The first visit of everybody, and the later ones of those who come back."""
    size = len(people)
    comes = rng.random((size, MOST_RETURNS)) < _of("stays", people["channel"])[:, None]
    comes[:, 0] = rng.random(size) < _of("returns", people["channel"])
    comes = np.logical_and.accumulate(comes, axis=1)
    gaps = 1 + np.floor(rng.exponential(_of("gap_days", people["channel"])[:, None], (size, MOST_RETURNS)))
    days = gaps.cumsum(axis=1)
    who, visit = np.nonzero(comes)
    first_day = people["first_at"].dt.normalize().to_numpy()
    later = pd.Series(first_day[who] + pd.to_timedelta(days[who, visit], unit="D").to_numpy())
    hours = rng.choice(len(HOURS), len(who), p=HOURS) + 10
    later += pd.to_timedelta(hours * 3600 + rng.integers(0, 3600, len(who)), unit="s")
    orders = pd.concat(
        [
            pd.DataFrame({"customer": people.index, "store": people["store"], "at": people["first_at"]}),
            pd.DataFrame(
                {"customer": who, "store": people["store"].to_numpy()[who], "at": later.astype("datetime64[us]")}
            ),
        ],
        ignore_index=True,
    )
    orders = orders[orders["at"] < pd.Timestamp(until) + pd.Timedelta(days=1)].reset_index(drop=True)
    return _priced(rng, orders, _of("basket", people["channel"])[orders["customer"]])


def _priced(rng: np.random.Generator, orders: pd.DataFrame, basket: npt.NDArray[np.float64]) -> pd.DataFrame:
    amount = np.round(rng.lognormal(7.75, 0.42, len(orders)) * basket / 100) * 100  # whole yuan
    return orders.assign(amount=np.maximum(amount, 800).astype("int64"), discount=0, refund_of=-1)


def _answers(rng: np.random.Generator, people: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Who answers depends on what brought them: that is the point."""
    answering = np.nonzero(rng.random(len(people)) < _of("answers", people["channel"]))[0]
    outside = rng.choice(len(people), int(len(answering) * OUTSIDERS))
    table = _recall_table()
    options = [*SLUGS, OTHER, DONT_REMEMBER]
    like = people.iloc[np.concatenate([answering, outside])]
    draws = (rng.random(len(like))[:, None] > table.cumsum(axis=1)[like["channel"]]).sum(axis=1)
    answers = pd.DataFrame(
        {
            "customer": np.concatenate([answering, np.full(len(outside), -1)]),
            "store": like["store"].to_numpy(),
            "at": (like["first_at"] + pd.to_timedelta(rng.integers(120, 2400, len(like)), unit="s")).to_numpy(),
            "said": np.array(options)[np.minimum(draws, len(options) - 1)],
            "nps": np.clip(np.round(rng.normal(8.3, 1.7, len(like))), 0, 10).astype(int),
            "language": np.where(rng.random(len(like)) < 0.93, "zh-hans", "en"),
        }
    )
    # A generator of its own: what else is drawn stays as it is.
    answers = _hastily(rng.spawn(1)[0], answers)
    second = _nth_orders(orders, 1)
    used = answers["customer"].map(second).fillna(-1).astype("int64")
    answers["thank_you_order"] = used.where(rng.random(len(answers)) < SECOND_COUPON, -1)
    return answers


def _hastily(rng: np.random.Generator, answers: pd.DataFrame) -> pd.DataFrame:
    """Some take the choice that stands first, which may be any channel."""
    hasty = rng.random(len(answers)) < HASTY
    first = np.array(SLUGS)[rng.integers(0, len(SLUGS), len(answers))]
    return answers.assign(said=answers["said"].where(~hasty, first), hasty=hasty)


def _recall_table() -> npt.NDArray[np.float64]:
    """Return P(said | true channel): a row per channel, a column per option; 1.5 % say something of their own."""
    options = [*SLUGS, OTHER, DONT_REMEMBER]
    table = np.zeros((len(CHANNELS), len(options)))
    for row, channel in enumerate(CHANNELS):
        for option, share in {**channel.recall, OTHER: 0.015}.items():
            table[row, options.index(option)] = share
        table[row, row] = 1 - table[row].sum()
    return table


def _nth_orders(orders: pd.DataFrame, nth: int) -> pd.Series:
    """Return, by customer, the row of the nth order (0 is the first)."""
    ranked = orders.sort_values(["customer", "at"], kind="stable")
    place = ranked.groupby("customer").cumcount()
    taken = ranked[place == nth]
    return pd.Series(taken.index, index=taken["customer"])


def _coupons(rng: np.random.Generator, people: pd.DataFrame, orders: pd.DataFrame, until: date) -> pd.DataFrame:
    """Coupons of the channel that brought them, coupons that leak to others, and coupons that nobody used."""
    first = _nth_orders(orders, 0).reindex(people.index).to_numpy()
    own = rng.random(len(people)) < _of("coupon", people["channel"])
    channel = np.where(own, people["channel"], -1)
    for slug, share in LEAKS.items():
        leaks = (channel < 0) & (rng.random(len(people)) < share)
        channel[leaks] = SLUGS.index(slug)
    who = np.nonzero(channel >= 0)[0]
    ours = np.isin(channel[who], [SLUGS.index("xiaohongshu"), SLUGS.index("wechat")])
    before = pd.to_timedelta(rng.exponential(4 * 86400, len(who)).astype("int64") + 60, unit="s")
    claimed = pd.Series(people["first_at"].to_numpy()[who] - before.to_numpy())
    used = pd.DataFrame(
        {"customer": who, "channel": channel[who], "claimed_at": claimed.where(ours), "order": first[who]}
    )
    size = int(len(people) * LEADS)
    idle = pd.DataFrame(
        {
            "customer": -1,
            "channel": rng.choice([SLUGS.index("xiaohongshu"), SLUGS.index("wechat")], size),
            "claimed_at": _moments(rng, _busy_days(rng, size, until), until),
            "order": -1,
        }
    )
    coupons = pd.concat([used, idle], ignore_index=True)
    return coupons.assign(claimed_at=coupons["claimed_at"].astype("datetime64[us]"))


def _apply_discounts(orders: pd.DataFrame, coupons: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    discount = orders["discount"].to_numpy(copy=True)
    used = coupons[coupons["order"] >= 0]
    worth = used["channel"].map({SLUGS.index(slug): minor for slug, minor in COUPON_MINOR.items()})
    np.add.at(discount, used["order"].to_numpy(), worth.to_numpy())
    np.add.at(discount, answers.loc[answers["thank_you_order"] >= 0, "thank_you_order"].to_numpy(), THANK_YOU_MINOR)
    discount = np.minimum(discount, orders["amount"])
    return orders.assign(discount=discount, amount=orders["amount"] - discount)


def _unidentified(rng: np.random.Generator, orders: pd.DataFrame) -> pd.DataFrame:
    size = int(len(orders) * UNIDENTIFIED / (1 - UNIDENTIFIED))
    like = orders.iloc[rng.choice(len(orders), size)]
    shift = pd.to_timedelta(rng.integers(-1500, 1500, size), unit="s")
    plain = pd.DataFrame({"customer": -1, "store": like["store"].to_numpy(), "at": (like["at"] + shift).to_numpy()})
    return _priced(rng, plain, np.ones(size))


def _sorted(orders: pd.DataFrame) -> tuple[pd.DataFrame, Ints]:
    """Return the orders by time, and where each row has gone."""
    order = orders.sort_values(["at", "customer"], kind="stable").index.to_numpy()
    went = np.empty(len(order), dtype=np.int64)
    went[order] = np.arange(len(order))
    return orders.iloc[order].reset_index(drop=True), went


def _moved(rows: pd.Series, went: Ints) -> pd.Series:
    values = rows.to_numpy().astype("int64")
    return pd.Series(np.where(values >= 0, went[values], -1), index=rows.index)


def _refunds(rng: np.random.Generator, orders: pd.DataFrame, until: date) -> pd.DataFrame:
    back = np.nonzero(rng.random(len(orders)) < REFUNDED)[0]
    refunds = orders.iloc[back].assign(refund_of=back, discount=0)
    refunds["at"] = refunds["at"] + pd.to_timedelta(rng.integers(300, 5400, len(back)), unit="s")
    kept = refunds[refunds["at"] < pd.Timestamp(until) + pd.Timedelta(days=1)]
    return pd.concat([orders, kept], ignore_index=True)


def _lines(rng: np.random.Generator, orders: pd.DataFrame) -> pd.DataFrame:
    """One to three lines an order, whose amounts sum to what was paid; a refund gives back in one line."""
    count = np.where(orders["refund_of"] >= 0, 1, rng.choice([1, 2, 3], len(orders), p=[0.55, 0.33, 0.12]))
    owner = np.repeat(np.arange(len(orders)), count)
    position = np.arange(len(owner)) - np.repeat(count.cumsum() - count, count)
    item = rng.integers(0, len(MENU), len(owner))
    even = orders["amount"].to_numpy()[owner] // count[owner]
    last = position == count[owner] - 1
    amount = np.where(last, orders["amount"].to_numpy()[owner] - even * (count[owner] - 1), even)
    menu = pd.DataFrame(MENU, columns=["sku", "name", "category", "price"])
    frame = menu.iloc[item].reset_index(drop=True)[["sku", "name", "category"]]
    return frame.assign(order=owner, position=position, quantity=1, amount=amount)


def _visits(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """Posters scanned and posts tapped, up to three weeks before the first visit."""
    parts = []
    own = rng.random(len(people)) < _of("link", people["channel"])
    channel = people["channel"].to_numpy()
    chances: list[tuple[Ints, str | None]] = [(np.nonzero(own)[0], None)]
    chances += [(np.nonzero(rng.random(len(people)) < share)[0], slug) for slug, share in STRAY_LINKS.items()]
    for who, slug in chances:
        before = pd.to_timedelta(rng.exponential(5 * 86400, len(who)).clip(60, 21 * 86400).astype("int64"), unit="s")
        brought = channel[who] if slug is None else np.full(len(who), SLUGS.index(slug))
        at = people["first_at"].to_numpy()[who] - before.to_numpy()
        parts.append(pd.DataFrame({"customer": who, "channel": brought, "at": at}))
    visits = pd.concat(parts, ignore_index=True)
    strangers = visits.iloc[rng.choice(len(visits), len(visits) * 2)].assign(customer=-1)
    visits = pd.concat([visits, strangers], ignore_index=True)
    return visits.assign(at=visits["at"].astype("datetime64[us]"), lead=-1)


def _lead_visits(rng: np.random.Generator, coupons: pd.DataFrame) -> pd.DataFrame:
    """Some of those who claimed a coupon and never came had scanned a poster or tapped a post just before."""
    idle = coupons.index[coupons["customer"] < 0].to_numpy()
    lead = idle[rng.random(len(idle)) < LEADS_WITH_LINK]
    weight = np.array([channel.share * channel.link for channel in CHANNELS])
    before = pd.to_timedelta(rng.integers(20, 1800, len(lead)), unit="s")
    at = coupons["claimed_at"].to_numpy()[lead] - before.to_numpy()
    channel = rng.choice(len(CHANNELS), len(lead), p=weight / weight.sum())
    visits = pd.DataFrame({"customer": -1, "channel": channel, "at": at, "lead": lead})
    return visits.assign(at=visits["at"].astype("datetime64[us]"))


def _spend(rng: np.random.Generator, customers: int, until: date) -> pd.DataFrame:
    """A bill a month and channel; the posters' bills name the store."""
    rows = []
    start = until - timedelta(days=DAYS - 1)
    first = start.replace(day=1)
    while first <= until:
        last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        for number, channel in enumerate(CHANNELS):
            if channel.monthly_minor:
                sum_minor = channel.monthly_minor * customers / 1000 * rng.uniform(0.85, 1.15)
                parts = (
                    [(place, store[3]) for place, store in enumerate(STORES)]
                    if channel.slug == "metro"
                    else [(-1, 1.0)]
                )
                rows += [(number, store, first, last, int(sum_minor * part)) for store, part in parts]
        first = last + timedelta(days=1)
    return pd.DataFrame(rows, columns=["channel", "store", "first_day", "last_day", "amount"])


def _shown(rng: np.random.Generator, answers: pd.DataFrame) -> pd.DataFrame:
    """How often the questionnaire was shown and started, beside how often it was finished."""
    days = answers.assign(day=answers["at"].dt.date).groupby(["store", "day"]).size().rename("finishes").reset_index()
    left = rng.poisson(days["finishes"] * 0.22)
    unseen = rng.poisson(days["finishes"] * 1.3 + 0.5)
    return days.assign(starts=days["finishes"] + left, impressions=days["finishes"] + left + unseen)
