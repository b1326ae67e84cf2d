"""ChannelAttribution on our files: ``heuristics`` (first, last and linear at once) or ``markov``."""

import importlib
from typing import Any

from benchmarks.peers.paths import SEPARATOR, arguments, grouped, tell

HEURISTICS = {"first_touch": "first_touch", "last_touch": "last_touch", "linear": "linear_touch"}


def main() -> None:
    model, touches, conversions = arguments()
    peer: Any = importlib.import_module("ChannelAttribution")
    data = grouped(touches, conversions).df()
    if model == "markov":
        found = peer.markov_model(
            data,
            "path",
            "conversions",
            var_null="nothing",
            sep=SEPARATOR.strip(),
            ncore=2,
            verbose=False,
            flg_pro=False,
        )
        tell({"markov": dict(zip(found["channel_name"], found["total_conversions"], strict=True))})
        return
    found = peer.heuristic_models(data, "path", "conversions", sep=SEPARATOR.strip(), flg_pro=False)
    tell(
        {
            ours: dict(zip(found["channel_name"], found[theirs].astype(float), strict=True))
            for ours, theirs in HEURISTICS.items()
        }
    )


if __name__ == "__main__":
    main()
