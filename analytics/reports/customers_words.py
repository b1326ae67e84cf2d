"""What was heard of a customer, and why a model credits whom it credits, in plain words.

Customers with the same evidence have the same words: they are made once for each pattern or path, never per customer.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from babel.numbers import format_decimal, format_percent
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from analytics.judged import evidence_of
from attribution.engine import Judgement
from attribution.engine.rules import STRONGEST_FIRST
from attribution.names import listed
from attribution.warehouse import DONT_REMEMBER, KINDS
from sheets.display import locale_of

# What a guest did that tells of a channel.
DID = {
    "survey": gettext_lazy("said %(channel)s"),
    "coupon": gettext_lazy("used a %(channel)s coupon"),
    "link": gettext_lazy("followed a %(channel)s link"),
    "referral": gettext_lazy("came by a referral (%(channel)s)"),
    "import": gettext_lazy("was imported as from %(channel)s"),
}
# How often guests whom one channel brings are heard of as if another had.
ERRS = {
    "survey": gettext_lazy(
        "Of guests brought by %(truth)s who answer, %(number)s in 100 say %(channel)s."
    ),
    "coupon": gettext_lazy("Of guests brought by %(truth)s, %(number)s in 100 use a %(channel)s coupon."),
    "link": gettext_lazy("Of guests brought by %(truth)s, %(number)s in 100 follow a %(channel)s link."),
    "referral": gettext_lazy(
        "Of guests brought by %(truth)s, %(number)s in 100 come by a referral (%(channel)s)."
    ),
    "import": gettext_lazy("Of guests brought by %(truth)s, %(number)s in 100 are imported as from %(channel)s."),
}  # fmt: skip
RULES = {
    "first_touch": gettext_lazy("What came first counts: %(touches)s."),
    "last_touch": gettext_lazy("What came last counts: %(touches)s."),
    "linear": gettext_lazy("All that is on record counts alike: %(touches)s."),
    "position_based": gettext_lazy("The first and the last count 40%% each, what is between shares 20%%: %(touches)s."),
    "time_decay": gettext_lazy("What lies %(days)s days further back counts half as much: %(touches)s."),
    "shapley": gettext_lazy("Each channel that was met counts alike: %(touches)s."),
    "survey": gettext_lazy("Only answers count: %(touches)s."),
    "coupon": gettext_lazy("Only coupons count: %(touches)s."),
    "link": gettext_lazy("Only tracked links count: %(touches)s."),
    "precedence": gettext_lazy("The strongest evidence counts: %(touches)s."),
}
SURE, WORTH_NAMING, MOST_NAMED = 0.9, 0.05, 3

Touch = tuple[str, str]  # kind and channel


def percent(share: float) -> str:
    """Return a share as people say it; what is nearly all or nothing is not said to be all or nothing."""
    locale = locale_of(get_language() or "en")
    if 0.995 <= share < 1:
        return _("over %(share)s") % {"share": format_percent(0.99, locale=locale)}
    if 0 < share < 0.005:
        return _("under %(share)s") % {"share": format_percent(0.01, locale=locale)}
    return format_percent(share, locale=locale)


def count(number: float) -> str:
    """Return a whole number as people write it."""
    return format_decimal(round(number), locale=locale_of(get_language() or "en"))


def joined(words: Iterable[str]) -> str:
    """Return words joined as in a sentence."""
    *most, last = words
    return _("%(words)s and %(last)s") % {"words": listed(most), "last": last} if most else last


def did(touches: Iterable[Touch], names: Mapping[str, str]) -> str:
    """Return what a guest did, as a part of a sentence; ``names`` are those of the channels."""
    return joined(_did(kind, channel, names) for kind, channel in touches)


def _did(kind: str, channel: str, names: Mapping[str, str]) -> str:
    if channel == DONT_REMEMBER:
        return _("could not remember")
    return str(DID[kind]) % {"channel": names.get(channel, channel)}


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def named_shares(given: Sequence[tuple[str, float]], names: Mapping[str, str]) -> str:
    """Return the greatest shares in words; ``given`` come with the greatest first."""
    few = [(channel, credit) for channel, credit in given[:MOST_NAMED] if credit >= WORTH_NAMING] or given[:1]
    if few[0][1] >= SURE:
        few = few[:1]
    return listed(f"{names.get(channel, channel)} {percent(credit)}" for channel, credit in few)


class Heard:
    """What was heard in each of some patterns."""

    def __init__(self, judgement: Judgement, patterns: Iterable[int], names: Mapping[str, str]) -> None:
        self.names = names
        fit = evidence_of(judgement)
        assert fit is not None, "a run without patterns"
        rows = chosen(fit.patterns.table(), "pattern_id", patterns).to_pylist()
        self.touches: dict[int, list[Touch]] = {
            row["pattern_id"]: [(kind, row[kind]) for kind in DID if row[kind] is not None] for row in rows
        }

    def of(self, pattern: int) -> str:
        touches = self.touches[pattern]
        return sentence(did(touches, self.names)) if touches else _("Nothing")


def chosen(table: pa.Table, key: str, wanted: Iterable[Any]) -> pa.Table:
    return table.filter(pc.is_in(table[key], pa.array(sorted(set(wanted)), table[key].type)))


class EvidenceWhy:
    """Why the evidence model credits whom it credits, for each of some patterns."""

    def __init__(self, judgement: Judgement, patterns: Iterable[int], names: Mapping[str, str]) -> None:
        wanted = set(patterns)
        self.names, self.heard, self.fit = names, Heard(judgement, wanted, names), judgement.evidence
        self.credits: dict[int, list[tuple[str, float]]] = {}
        rows = chosen(self.fit.posterior(), "pattern_id", wanted)
        for row in rows.sort_by([("credit", "descending"), ("channel", "ascending")]).to_pylist():
            self.credits.setdefault(row["pattern_id"], []).append((row["channel"], row["credit"]))
        self.errs = _error_rates(judgement)

    def of(self, pattern: int) -> str:
        touches, shares = self.heard.touches[pattern], named_shares(self.credits[pattern], self.names)
        if not touches:
            return _("Left no evidence; inferred from customers like this: %(shares)s.") % {"shares": shares}
        said = {"heard": sentence(did(touches, self.names)), "shares": shares}
        truth = self.credits[pattern][0][0]
        others = [(kind, channel) for kind, channel in touches if channel not in {truth, DONT_REMEMBER}]
        return " ".join([_("%(heard)s: %(shares)s.") % said, *(self._err(truth, *other) for other in others)])

    def _err(self, truth: str, kind: str, channel: str) -> str:
        rate = self.errs.get((kind, truth, channel), 0.0) * 100
        number = str(round(rate)) if rate >= 1 else _("fewer than 1")
        named = {"truth": self.names.get(truth, truth), "channel": self.names.get(channel, channel), "number": number}
        return str(ERRS[kind]) % named


def _error_rates(judgement: Judgement) -> dict[tuple[str, str, str], float]:
    """Return by source, true channel and channel how often it is named: of those who answer, or else of all."""
    fit = judgement.evidence
    rates = {(row["source"], row["channel"]): row["rate"] for row in fit.response().to_pylist()}
    errs = {}
    for source in fit.sources:
        for row in fit.recall(source).to_pylist():
            of_all = 1.0 if source == "survey" else rates[source, row["channel"]]
            errs[source, row["channel"], row["said"]] = row["share"] * of_all
    return errs


class RuleWhy:
    """Why a rule credits whom it credits, for each of some paths; None is no path."""

    def __init__(self, judgement: Judgement, model: str, names: Mapping[str, str]) -> None:
        self.judgement, self.model, self.names = judgement, model, names
        self.days = round(judgement.manifest["parameters"]["half_life"] / 86_400, 1)

    def of(self, path: int | None) -> str:
        touches = self._counted(self._touches(path)) if path is not None else []
        if not touches:
            return _("Left no evidence that counts here: unknown.")
        return str(RULES[self.model]) % {"touches": did(touches, self.names), "days": f"{self.days:g}"}

    def _touches(self, path: int) -> list[Touch]:
        paths = self.judgement.paths
        places = range(paths.offsets[path], paths.offsets[path + 1])
        return [(KINDS[paths.kind[place]], self.judgement.channels[paths.channel[place]]) for place in places]

    def _counted(self, touches: list[Touch]) -> list[Touch]:
        """Return the touches that the rule looks at, each kind and channel once."""
        if self.model == "first_touch":
            touches = touches[:1]
        elif self.model == "last_touch":
            touches = touches[-1:]
        elif self.model in KINDS:
            touches = [touch for touch in touches if touch[0] == self.model]
        elif self.model == "precedence":
            strongest = min((kind for kind, _channel in touches), key=STRONGEST_FIRST.index)
            touches = [touch for touch in touches if touch[0] == strongest]
        return list(dict.fromkeys(touches))
