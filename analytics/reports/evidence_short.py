"""How sure the judgement is, in a few plain answers, each with what it means and what can be done."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.metrics.survey import Said
from analytics.reports.answers_said import order_verdict
from analytics.reports.customers_words import count, joined, percent
from analytics.reports.remarks import KINDS
from attribution.engine.evidence import EvidenceFit

# What else a shop can do to hear of a guest's channel a second time.
TO_DO = {
    "survey": gettext_lazy("Let guests answer the questionnaire, for instance by its QR code on the receipt."),
    "coupon": gettext_lazy("Give guests a coupon of the channel that they come from."),
    "link": gettext_lazy("Put a tracked link, as a QR code or an address, wherever the channel shows you."),
}
FITS, HARDLY = 0.05, 0.01
LITTLE = 0.02  # of all customers: what a share may move with the assumptions


class Answer(NamedTuple):
    """A question of the reader's, the answer in a word or two, and what it means."""

    question: str
    answer: str
    meaning: str


def in_short(fit: EvidenceFit | None, said: Said, places: pd.DataFrame, names: Mapping[str, str]) -> Iterator[Answer]:
    """Yield the answers; ``fit`` None: a run from before evidence was weighed. ``names`` are those of channels."""
    yield _inferred(fit)
    if fit is not None and not fit.is_fallback:
        yield _fits(fit)
        yield _heard_once(fit, names)
        yield _assumed(fit)
    yield _speaks_for_all(said)
    yield Answer(_("Does the order of the choices sway the answers?"), *order_verdict(places))


def _inferred(fit: EvidenceFit | None) -> Answer:
    question = _("Can we tell which channel brought a customer?")
    if fit is None:
        return Answer(
            question, _("Not known"), _("This run is from before all evidence was weighed; the next one says.")
        )
    kinds = joined(str(KINDS[source]) for source in fit.sources) if fit.sources else ""
    told = {"kinds": kinds, "overlaps": count(fit.overlaps), "customers": count(fit.conversions)}
    if fit.is_fallback:
        why = str(_FALLBACK[fit.reason]) % told
        return Answer(question, _("Not yet"), f"{why} {_INSTEAD} {_to_do(fit)}".strip())
    text = _("%(kinds)s speak, and of %(customers)s customers %(overlaps)s were heard of from two of them or more. That"
             " shows how often each kind errs.")  # fmt: skip
    if fit.status == "prior_dependent":
        more = _("With two kinds only, part of it rests on what is assumed beforehand.")
        return Answer(question, _("In part"), f"{_capital(text % told)} {more} {_to_do(fit)}")
    return Answer(question, _("Yes, with an interval"), _capital(text % told))


_INSTEAD = gettext_lazy("Until then every figure follows the strongest evidence that a customer left.")
_FALLBACK = {
    "one_source": gettext_lazy(
        "Only one kind of evidence speaks (%(kinds)s), so nothing shows how often it errs."
    ),
    "one_channel": gettext_lazy("All evidence names one and the same channel."),
    "few_overlaps": gettext_lazy(
        "Only %(overlaps)s of %(customers)s customers were heard of from two kinds of evidence (%(kinds)s); 30 are"
        " needed to see how often each kind errs."
    ),
    "too_many_channels": gettext_lazy(
        "There are more channels than can be told apart. Join those that belong together."
    ),
    "no_conversions": gettext_lazy("No customer has left evidence of a channel yet."),
}  # fmt: skip


def _to_do(fit: EvidenceFit) -> str:
    """Return what would let a second or third kind of evidence speak, or speak more often."""
    if fit.reason in {"too_many_channels", "one_channel"}:
        return ""
    if fit.reason == "few_overlaps":
        return _(
            "Ask those who use a coupon or a link to answer the questionnaire too: offer a thank-you coupon for it."
        )
    return " ".join(str(text) for source, text in TO_DO.items() if source not in fit.sources)


def _fits(fit: EvidenceFit) -> Answer:
    question = _("Does the picture fit what was seen?")
    if fit.p_value is None:
        return Answer(question, _("Not known"), _("It has not been checked."))
    said = {"number": round(fit.p_value * 100) or _("fewer than 1")}
    text = _("If the picture were right, evidence as odd as yours would turn up in %(number)s of 100 shops like it.")
    if fit.p_value >= FITS:
        return Answer(question, _("Yes"), text % said)
    more = _("Usually two kinds of evidence depend on each other, or a coupon reaches guests whom its channel did not"
             " bring, such as one handed out at the counter. The table of what fits worst shows where. Trust the order"
             " of the channels, and take the intervals for too narrow.")  # fmt: skip
    return Answer(question, _("Hardly") if fit.p_value >= HARDLY else _("No"), f"{text % said} {more}")


def _heard_once(fit: EvidenceFit, names: Mapping[str, str]) -> Answer:
    question = _("Which channels do we know from answers alone?")
    only = [row["channel"] for row in fit.shares().to_pylist() if row["only_survey"]]
    if not only:
        return Answer(question, _("None"), _("Each channel can be heard of in a second way."))
    text = _("Nothing but the questionnaire can name them, so nobody sees when guests name them by mistake. Where it"
             " can be done, give them a coupon or a tracked link of their own.")  # fmt: skip
    return Answer(question, joined(names.get(slug, slug) for slug in only), text)


def _assumed(fit: EvidenceFit) -> Answer:
    question = _("How much hangs on what was assumed beforehand?")
    shares = fit.shares().to_pandas()
    moved = (shares[["half_prior", "double_prior"]].sub(shares["share"], axis=0)).abs().to_numpy().max(initial=0.0)
    text = _("If the assumptions weighed half or double, no channel’s share would move by more than %(points)s points.")
    return Answer(question, _("Little") if moved < LITTLE else _("Some"), text % {"points": f"{moved * 100:.1f}"})


def _speaks_for_all(said: Said) -> Answer:
    question = _("Do those who answer speak for all?")
    if not said.answers:
        return Answer(question, _("Not known"), _("Nobody answered the questionnaire in the period."))
    orders = int(said.cells["orders"].sum())
    lost = int(said.cells.loc[said.cells["is_unmatched"], "orders"].sum())
    text = _("%(answers)s answers are weighted to stand for the orders of each store, part of the day and kind of"
             " guest; after that they count like %(alike)s.")  # fmt: skip
    told = text % {"answers": count(said.answers), "alike": count(said.effective)}
    if lost:
        more = _("Nobody answered among those who placed %(share)s of the orders.")
        told = f"{told} {more % {'share': percent(lost / orders)}}"
    return Answer(question, _("In part") if lost else _("Yes, weighted"), told)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
