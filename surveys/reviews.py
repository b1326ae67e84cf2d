"""What the page of suspicious answers shows: what was seen, examples, and what was decided by whom."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, QuerySet
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from surveys.bursts import ALIKE, HASTY, MANY
from surveys.definition import Question, text_key
from surveys.models import Burst, BurstDecision, Response

SAMPLES = 5


@dataclass(frozen=True)
class Sample:
    response: Response

    @property
    def seconds(self) -> float | None:
        """From shown to submitted; None where no page of ours was shown."""
        submitted, shown = self.response.submitted_at, self.response.shown_at
        assert submitted is not None
        return (submitted - shown).total_seconds() if submitted > shown else None

    @property
    def said(self) -> str:
        return " · ".join(self._answers())

    def _answers(self) -> Iterator[str]:
        answers, language = self.response.answers, get_language() or "zh-hans"
        for question in self.response.version.questionnaire.questions:
            if question.key in answers:
                yield _in_words(question, answers[question.key], language)
            if text_key(question.key) in answers:
                yield f"“{answers[text_key(question.key)]}”"


@dataclass(frozen=True)
class BurstRow:
    burst: Any
    reasons: list[str]
    samples: list[Sample]

    @property
    def others(self) -> int:
        return int(self.burst.count) - len(self.samples)


def bursts_to_show(*, is_open: bool) -> QuerySet[Burst]:
    """Return the bursts that wait for a decision, or those that have one, the newest first."""
    rows = Burst.objects.annotate(count=Count("responses", distinct=True)).order_by("-last_at", "-pk")
    some = Response.objects.select_related("version").order_by("submitted_at", "pk")[:SAMPLES]
    decisions = BurstDecision.objects.select_related("staff").order_by("at", "pk")
    rows = rows.select_related("placement__store", "placement__survey").prefetch_related(
        Prefetch("responses", queryset=some, to_attr="some"), Prefetch("decisions", queryset=decisions)
    )
    return rows.filter(state=Burst.State.OPEN) if is_open else rows.exclude(state=Burst.State.OPEN)


def burst_rows(bursts: Iterable[Any]) -> list[BurstRow]:
    return [BurstRow(burst, list(_reasons(burst)), [Sample(one) for one in burst.some]) for burst in bursts]


def _reasons(burst: Burst) -> Iterator[str]:
    if burst.together >= MANY:
        yield _("%(number)s answers within ten minutes from one network or tablet") % {"number": burst.together}
    if burst.hasty >= HASTY:
        words = ngettext(
            "%(number)s of them faster than anybody reads", "%(number)s of them faster than anybody reads", burst.hasty
        )
        yield words % {"number": burst.hasty}
    if burst.alike >= ALIKE:
        yield _("%(number)s the same in a row") % {"number": burst.alike}


def _in_words(question: Question, answer: Any, language: str) -> str:
    if isinstance(answer, list):
        return ", ".join(_in_words(question, one, language) for one in answer)
    option = question.option(answer) if question.options else None
    return option.label.in_language(language) if option else str(answer)
