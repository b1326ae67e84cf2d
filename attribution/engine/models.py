"""The models by name. A new one is a function and a line here; the conformance suite then holds it to its promises."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from attribution.engine import rules
from attribution.engine.markov import ORDERS, Ends, Totals, removal_totals
from attribution.engine.paths import Floats, Paths

DEFAULT = "precedence"  # where the evidence model cannot be fitted
AUTO: Literal["auto"] = "auto"
Order = int | Literal["auto"]


class ModelError(ValueError):
    """A model is not known, or was asked for what it does not have or the run did not keep."""


class TotalsOf(Protocol):
    """How a model gives totals; see `attribution.engine.markov.removal_totals`."""

    def __call__(self, paths: Paths, ends: Ends, *, channels: int, order: int) -> Totals: ...


@dataclass(frozen=True)
class Model:
    """How credit is given.

    Attributes
    ----------
    credit : (paths, half-life in µs) → credit per touch; knows no clock and no names
    totals : instead of ``credit``, where a single conversion has no credits and only channels have totals
    by_path : whether the order of channels and kinds decides alone, so that distinct paths are enough
    by_channel : whether the order of channels alone decides, whatever their kinds
    is_fitted : whether credits come from a model that the run has fitted to the patterns of evidence
    orders : how many touches its states may remember, the default first; "auto" lets the data choose
    """

    name: str
    credit: Callable[[Paths, int], Floats] | None = None
    totals: TotalsOf | None = None
    by_path: bool = True
    by_channel: bool = False
    is_fitted: bool = False
    orders: tuple[Order, ...] = (1,)

    @property
    def per_customer(self) -> bool:
        """Whether a single conversion has credits."""
        return self.totals is None

    def check_order(self, order: Order) -> None:
        """Raise ModelError if the model has no such order."""
        if order not in self.orders:
            raise ModelError(f"{self.name} has no order {order}; choose {', '.join(map(str, self.orders))}")

    def check_credits(self) -> None:
        """Raise ModelError if the model has no credits of single conversions."""
        if not self.per_customer:
            raise ModelError(f"{self.name} has totals per channel only, and no credits: ask for its summary")


MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        Model("first_touch", rules.first_touch, by_channel=True),
        Model("last_touch", rules.last_touch, by_channel=True),
        Model("linear", rules.linear, by_channel=True),
        Model("position_based", rules.position_based, by_channel=True),
        Model("time_decay", rules.time_decay, by_path=False),
        Model("survey", rules.survey),
        Model("coupon", rules.coupon),
        Model("link", rules.link),
        Model("precedence", rules.precedence),
        Model("shapley", rules.shapley, by_channel=True),
        Model("markov", totals=removal_totals, by_channel=True, orders=(*ORDERS, AUTO)),
        Model("evidence", by_path=False, is_fitted=True),
    )
}


def model_named(name: str) -> Model:
    """Return a model of the registry.

    Raises
    ------
    ModelError : there is none of this name
    """
    if name not in MODELS:
        raise ModelError(f"{name!r} is not a model; there are {', '.join(MODELS)}")
    return MODELS[name]
