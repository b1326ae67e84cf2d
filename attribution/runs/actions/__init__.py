"""When a run is due, what it does, and what is kept of it. The only writers of runs and of the bell's strokes."""

from attribution.runs.actions.bell import ask, due_at, hear
from attribution.runs.actions.judging import ask_after_update, execute, look
from attribution.runs.actions.pruning import prune
from attribution.runs.actions.recomputing import NotThere, ask_again, look_again, recompute
from attribution.runs.steps import ORDER_MODELS

__all__ = [
    "ORDER_MODELS",
    "NotThere",
    "ask",
    "ask_after_update",
    "ask_again",
    "due_at",
    "execute",
    "hear",
    "look",
    "look_again",
    "prune",
    "recompute",
]
