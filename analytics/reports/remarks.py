"""What a reader of the channel report has to know: how far its evidence carries, in plain words."""

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.filters import AUTO, EVIDENCE, MARKOV, MODEL_NAMES, Filters
from analytics.judged import order_model
from analytics.reports.figures import ChannelFigures, Heard
from attribution.engine.models import DEFAULT
from attribution.names import listed
from attribution.runs.words import KINDS

FALLBACKS = {
    "one_source": gettext_lazy(
        "Only one kind of evidence speaks (%(sources)s), so nothing can be checked against another. The figures follow"
        " “%(instead)s” until a second kind is there."
    ),
    "one_channel": gettext_lazy(
        "All evidence names one and the same channel, so there is nothing to weigh. The figures follow “%(instead)s”."
    ),
    "few_overlaps": gettext_lazy(
        "Only %(overlaps)s customers left two kinds of evidence that name a channel; from 30 on they can be weighed"
        " against each other. Until then the figures follow “%(instead)s”."
    ),
    "too_many_channels": gettext_lazy(
        "There are too many channels for all evidence to be weighed. The figures follow “%(instead)s”."
    ),
    "no_conversions": gettext_lazy(
        "No new customer has left any evidence yet, so there is nothing to weigh. The figures follow “%(instead)s”."
    ),
    "not_kept": gettext_lazy(
        "This run is from before all evidence was weighed. The figures follow “%(instead)s” until the next run."
    ),
}


def remarks(found: ChannelFigures, filters: Filters, names: Mapping[str, str]) -> list[str]:
    """Return what has to be known of the figures; ``names`` are those of the channels by slug."""
    told: list[str] = []
    if found.heard.status == "fallback" and filters.model in {EVIDENCE, DEFAULT}:
        told.append(_fallback(found.heard))
    if found.used == EVIDENCE:
        told.extend(_evidence(found.heard, names))
    if found.order is not None:
        told.extend(_chain(found.order, filters))
    if not found.has_own:
        told.append(_("This run is from before orders were credited by their own path; the next one has them."))
    elif order_model(filters.model) != filters.model:
        text = _(
            "Orders and revenue by their own path follow “%(instead)s”: “%(model)s” cannot speak of single orders."
        )
        told.append(text % {"instead": MODEL_NAMES[order_model(filters.model)], "model": MODEL_NAMES[filters.model]})
    return told


def _fallback(heard: Heard) -> str:
    words = {"sources": _listed(heard.sources), "overlaps": heard.overlaps, "instead": MODEL_NAMES[DEFAULT]}
    return str(FALLBACKS[heard.reason]) % words


def _evidence(heard: Heard, names: Mapping[str, str]) -> Iterator[str]:
    if heard.status == "prior_dependent":
        text = _(
            "Only two kinds of evidence speak (%(sources)s), so these shares rest in part on an assumption: how well"
            " people remember, and how often each channel’s customers speak. “How much is assumed” shows them if it"
            " weighed half or double."
        )
        yield text % {"sources": _listed(heard.sources)}
    if heard.only_survey:
        text = _("Heard of in answers alone, and confirmed by nothing else: %(channels)s.")
        yield text % {"channels": listed(names.get(slug, slug) for slug in heard.only_survey)}


def _chain(order: int, filters: Filters) -> Iterator[str]:
    yield _(
        "Removal effects say how much all would lose without a channel, and nothing of a single customer: repeat"
        " purchases, orders and revenue per channel are not known. Customers without a touch are “Unknown”."
    )
    if filters.model == MARKOV and filters.order == AUTO:
        yield _("Touches remembered: %(order)s, as the data bear out best.") % {"order": order}


def _listed(sources: tuple[str, ...]) -> str:
    return listed(str(KINDS[source]) for source in sources)
