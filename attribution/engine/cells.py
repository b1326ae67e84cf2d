"""SQL that puts answers and orders into the same cells: store × part of the day × status of the guest (METRICS §2).

What a zone's clock shows is asked once a quarter of an hour, by which zones differ: it takes longer than counting.
"""

from attribution.hours import PART

# Of guests: bought for the first time on the day of the answer or order, or later; before; nobody knows.
STATUSES = ("new", "returning", "unidentified")
CELL = ["store_id", "part", "status"]
_QUARTER = 15 * 60 * 1_000_000
_LATER = 26 * 3600 * 1_000_000  # longer than any day: what is so much later is not of the same day


def _day(moment: str) -> str:
    return f"CAST(timezone($zone, {moment}::TIMESTAMPTZ) AS DATE)"


# The place in STATUSES of who was there at "at" and bought for the first time at first_at; $zone is the business's.
STATUS = f"""
    CASE WHEN first_at IS NULL THEN 2 WHEN epoch_us(first_at) >= epoch_us("at") THEN 0
        WHEN epoch_us("at") - epoch_us(first_at) > {_LATER} THEN 1
        WHEN {_day("first_at")} = {_day('"at"')} THEN 0 ELSE 1 END
"""


def counted(columns: str, count: str) -> str:
    """Return SQL, after a CTE ``seen`` (``columns``, ``zone``, ``at``, ``first_at``), that counts its rows by cell.

    The columns are those named, ``part``, ``status`` and the count. ``day``, the business's, may be among those named.
    """
    quarter = f"make_timestamptz((quarter * {_QUARTER})::BIGINT)"
    return f"""
    , clocks AS (
        SELECT zone, quarter, date_part('hour', timezone(zone, {quarter})) AS hour,
            CAST(timezone($zone, {quarter}) AS DATE) AS day
        FROM (SELECT DISTINCT zone, epoch_us("at") // {_QUARTER} AS quarter FROM seen)
    )
    SELECT {columns}, {PART} AS part, {STATUS} AS status, count(*) AS {count}
    FROM seen JOIN clocks ON clocks.zone = seen.zone AND clocks.quarter = epoch_us("at") // {_QUARTER}
    GROUP BY ALL ORDER BY ALL
    """  # noqa: S608 - constants only
