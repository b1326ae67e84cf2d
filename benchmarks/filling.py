"""Fills an empty database with a big shop: the small tables as the demo makes them, the big ones in columns.

Columns that are not given get the model's default, so that a new one needs no line here. All constraints hold.
"""

import io
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

DAYS = 730
NOW = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
ROWS = 200_000  # written at once
KINDS = {"survey": 0.25, "coupon": 0.20, "link": 0.45, "referral": 0.05, "import": 0.05}
TRUE = 0.7  # of the touches name the channel that brought the customer, where they can
NEVER_AGAIN = 0.04  # of the answers name nobody


def fill(customers: int, touches: int, orders: int) -> None:
    """Make a shop of so many rows of two years; needs Django to be set up, and makes the tables."""
    from django.core.management import call_command
    from django.db import connection, transaction

    call_command("migrate", verbosity=0)
    quick()
    rng = np.random.default_rng(1)
    with transaction.atomic():
        shop = _small_tables()
        came = rng.integers(0, DAYS * 86_400, customers)  # seconds before now of each customer's first order
        _customers(came)
        _orders(rng, came, orders, [store.pk for store in shop.stores])
        _touches(rng, came, touches, shop)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def quick() -> None:
    """Let the connection write as fast as it can: what is lost with the machine is made again."""
    from django.db import connection

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous = OFF")
            cursor.execute("PRAGMA cache_size = -1000000")


def _small_tables() -> Any:
    from analytics.demo.setup import make_shop
    from attribution.evidence.models import Spend

    shop = make_shop()
    first = (NOW - timedelta(days=DAYS)).date()
    months = [first + timedelta(days=30 * month) for month in range(DAYS // 30)]
    Spend.objects.bulk_create(
        Spend(
            channel=channel,
            first_day=day,
            last_day=day + timedelta(days=29),
            amount_minor=1_000_003 + place,
            source_key=f"bench:{channel.slug}:{day}",
        )
        for place, channel in enumerate(shop.channels.values())
        if channel.is_paid
        for day in months
    )
    return shop


def _customers(came: Any) -> None:
    from attribution.customers.models import Customer

    insert(Customer, id=np.arange(1, len(came) + 1), uuid=uuids(len(came)), joined_at=moments(came))


def _orders(rng: Any, came: Any, size: int, stores: list[int]) -> None:
    from attribution.customers.models import Order

    customers = len(came)
    buyer = np.concatenate([np.arange(customers), rng.integers(0, customers, size - customers)])
    since = np.concatenate([np.zeros(customers), rng.exponential(60 * 86_400, size - customers)])
    number = np.arange(size)
    insert(
        Order,
        kind=np.where((rng.random(size) < 0.02) & (number >= customers), "refund", "sale"),
        number=np.char.add("B", number.astype(str)),
        placed_at=moments(np.maximum(came[buyer] - since, 0)),
        amount_minor=rng.integers(800, 6_000, size),
        source=np.full(size, "import"),
        # One order in five is nobody's, but none of the first.
        customer_id=pa.array(buyer + 1, mask=(number >= customers) & (number % 5 == 0)),
        store_id=np.array(stores)[rng.integers(0, len(stores), size)],
    )


def _touches(rng: Any, came: Any, size: int, shop: Any) -> None:
    """What links, coupons and answers say: the truth where they can and are right, something else where not."""
    from analytics.demo.truth import CHANNELS
    from attribution.evidence.models import Touchpoint

    able = {
        "survey": [True] * len(CHANNELS),
        "coupon": [channel.coupon > 0 for channel in CHANNELS],
        "link": [channel.link > 0 for channel in CHANNELS],
        "referral": [channel.kind == "referral" for channel in CHANNELS],
        "import": [channel.kind == "short_video" or channel.kind == "platform" for channel in CHANNELS],
    }
    shares = np.array([channel.share for channel in CHANNELS])
    truth = rng.choice(len(CHANNELS), len(came), p=shares / shares.sum())
    who = rng.integers(0, len(came), size)
    kind = rng.choice(len(KINDS), size, p=list(KINDS.values()))
    said = np.empty(size, dtype=np.int64)
    for place, name in enumerate(KINDS):
        rows, can = np.flatnonzero(kind == place), np.array(able[name])
        own = can[truth[who[rows]]] & (rng.random(len(rows)) < TRUE)
        said[rows] = np.where(own, truth[who[rows]], rng.choice(np.flatnonzero(can), len(rows)))
    answer = kind == list(KINDS).index("survey")
    ago = np.where(answer, came[who] - rng.integers(120, 2_400, size), came[who] + rng.exponential(12 * 86_400, size))
    ago = np.maximum(ago, 0)
    channels = np.array([channel.pk for channel in shop.channels.values()])
    insert(
        Touchpoint,
        kind=np.array(list(KINDS))[kind],
        occurred_at=moments(ago),
        source_key=np.char.add("bench:", np.arange(size).astype(str)),
        mapping_key=np.full(size, "bench"),
        channel_id=channels[said],
        customer_id=who + 1,
    )
    _responses(rng, who[answer], said[answer], ago[answer], shop)


def _responses(rng: Any, who: Any, said: Any, ago: Any, shop: Any) -> None:
    from surveys.models import Response

    order = np.argsort(-ago, kind="stable")  # as they came in
    who, said, ago, size = who[order], said[order], ago[order], len(who)
    slugs = np.array([*shop.channels, "dont_remember"])
    choices = np.array([shop.choices[slug].pk if slug in shop.choices else 0 for slug in slugs])
    option = np.where(rng.random(size) < NEVER_AGAIN, len(slugs) - 1, said)
    answers = np.array([json.dumps({"first_heard": slug}) for slug in slugs])
    placements = np.array([placement.pk for placement in shop.placements])
    insert(
        Response,
        uuid=uuids(size),
        placement_id=placements[rng.integers(0, len(placements), size)],
        version_id=np.full(size, shop.version.pk),
        language=np.full(size, "zh-hans"),
        shown_at=moments(ago + 70),
        submitted_at=moments(ago),
        received_at=moments(ago),
        customer_id=who + 1,
        answers=answers[option],
        choice_id=pa.array(choices[option], mask=choices[option] == 0),
        has_dont_remember=option == len(slugs) - 1,
    )


def moments(seconds_ago: Any) -> Any:
    moments = np.datetime64(NOW, "s") - np.asarray(seconds_ago).astype("timedelta64[s]")
    return np.char.replace(np.datetime_as_string(moments), "T", " ")


def uuids(size: int) -> list[str]:
    return [uuid.uuid4().hex for _ in range(size)]


def insert(model: Any, **columns: Any) -> None:
    """Write rows without an object for each: by COPY where there is one."""
    from django.db import connection

    size = len(next(iter(columns.values())))
    given = {name: pa.array(column) for name, column in columns.items()}
    table = pa.table(given | {name: pa.repeat(value, size) for name, value in _defaults(model, given).items()})
    names = ", ".join(table.column_names)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL TIME ZONE 'UTC'")
            with cursor.copy(f"COPY {model._meta.db_table} ({names}) FROM STDIN (FORMAT csv)") as copy:
                for batch in table.to_batches(ROWS):
                    buffer = io.BytesIO()
                    pc.write_csv(batch, buffer, pc.WriteOptions(include_header=False))
                    copy.write(buffer.getvalue())
            return
        places = ", ".join("?" * table.num_columns)
        for batch in table.to_batches(ROWS):
            rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
            # Django's own executemany looks at every row.
            connection.connection.executemany(f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({places})", rows)


def _defaults(model: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Return the values of the columns that are not given and must not be empty."""
    from django.db import connection

    found = {}
    for field in model._meta.concrete_fields:
        if field.column in given or field.null or (field.primary_key and not field.has_default()):
            continue
        default = field.get_default()
        value = json.dumps(default) if isinstance(default, dict) else field.get_db_prep_save(default, connection)
        found[field.column] = value if isinstance(value, bool | int | float | str) else str(value)
    return found
