"""The models by name. A new one is a function and a line here; the conformance suite then holds it to its promises."""

from collections.abc import Callable
from dataclasses import dataclass

from attribution.engine import rules
from attribution.engine.paths import Floats, Paths

DEFAULT = "precedence"


class ModelError(ValueError):
    """A model is not known, or was asked for what it does not have or the run did not keep."""


@dataclass(frozen=True)
class Model:
    """How credit is given.

    Attributes
    ----------
    credit : (paths, half-life in µs) → credit per touch; knows no clock and no names
    by_path : whether the order of channels and kinds decides alone, so that distinct paths are enough
    per_customer : whether a single conversion has credits, or only channels have totals
    """

    name: str
    credit: Callable[[Paths, int], Floats]
    by_path: bool = True
    per_customer: bool = True


MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        Model("first_touch", rules.first_touch),
        Model("last_touch", rules.last_touch),
        Model("linear", rules.linear),
        Model("position_based", rules.position_based),
        Model("time_decay", rules.time_decay, by_path=False),
        Model("survey", rules.survey),
        Model("coupon", rules.coupon),
        Model("link", rules.link),
        Model("precedence", rules.precedence),
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
