"""marketing-attribution-models on our files: one model at a time.

It takes distinct paths with their counts; for time decay it needs the touches with their times.
"""

import importlib
from typing import Any

from benchmarks.peers.paths import SEPARATOR, arguments, grouped, tell

RUN = {
    "first_touch": "run_first_click",
    "last_touch": "run_last_click",
    "linear": "run_linear",
    "position_based": "run_position_based",
    "time_decay": "run_time_decay",
    "markov": "run_markov",
    "shapley": "run_shapley",
}


def main() -> None:
    model, touches, conversions = arguments()
    mam: Any = importlib.import_module("mam")
    polars: Any = importlib.import_module("polars")
    made = sessions if model == "time_decay" else journeys
    result = getattr(made(mam, polars, touches, conversions), RUN[model])()
    found = result.to_polars()
    channels, amounts = found["channels"].cast(polars.String).to_list(), found["attribution"].to_list()
    tell({model: dict(zip(channels, amounts, strict=True))})


def journeys(mam: Any, polars: Any, touches: str, conversions: str) -> Any:
    """Distinct paths with their counts."""
    data = grouped(touches, conversions).pl()
    sold = data.filter(polars.col("conversions") > 0).select("path", occurrences="conversions", sold=True)
    lost = data.filter(polars.col("nothing") > 0).select("path", occurrences="nothing", sold=False)
    return mam.MAM(
        polars.concat([sold, lost]),
        format_type="grouped_journey",
        channels_colname="path",
        journey_with_conv_colname="sold",
        occurrences_colname="occurrences",
        path_separator=SEPARATOR,
    )


def sessions(mam: Any, polars: Any, touches: str, conversions: str) -> Any:
    """Every touch with its time."""
    bought = polars.read_parquet(conversions, columns=["customer_id"]).with_columns(sold=True)
    data = polars.read_parquet(touches, columns=["customer_id", "channel", "at"])
    return mam.MAM(
        data.join(bought, on="customer_id", how="left").with_columns(polars.col("sold").fill_null(value=False)),
        format_type="session",
        channels_colname="channel",
        journey_with_conv_colname="sold",
        datetime_colname="at",
        user_id_colname="customer_id",
    )


if __name__ == "__main__":
    main()
