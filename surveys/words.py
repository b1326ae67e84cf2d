"""What guests wrote beside the options of a question, counted, and what it was taken to mean."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from babel.numbers import format_percent
from django.conf import settings
from django.db.models import Count
from django.utils.functional import cached_property
from django.utils.translation import get_language

from sheets.display import locale_of
from surveys.actions.coding import with_words
from surveys.coding import Rule, code, suggest
from surveys.definition import Option, Question
from surveys.models import CodeBook, CodingRule, Recoding, Survey

MOST_TEXTS = 5_000  # different ones, the most frequent first, that a page looks at
SUGGESTED, SHOWN = 30, 20


@dataclass(frozen=True)
class Written:
    """A text as guests wrote it, how many did, and which option it is coded as ("" for none)."""

    text: str
    count: int
    option: str


@dataclass(frozen=True)
class Preview:
    """What a rule would catch if it came last: how many answers, of them how many no rule has caught, and the texts."""

    hits: int
    new: int
    texts: Sequence[Written]


@dataclass
class Words:
    """The words beside one question's options, for the page about them."""

    survey: Survey
    question: Question
    book: CodeBook | None = field(init=False)

    def __post_init__(self) -> None:
        self.book = CodeBook.objects.filter(survey=self.survey, question_key=self.question.key).first()

    @cached_property
    def written(self) -> list[Written]:
        key = self.question.key
        counted = (
            with_words(self.survey, key)
            .values_list("words", "codes")
            .annotate(count=Count("pk"))
            .order_by("-count", "words")[:MOST_TEXTS]
        )
        return [Written(words, count, codes.get(key, "")) for words, codes, count in counted]

    @property
    def total(self) -> int:
        return sum(one.count for one in self.written)

    @property
    def unmapped(self) -> int:
        return sum(one.count for one in self.written if not one.option)

    @property
    def unmapped_share(self) -> str:
        """As text; nothing where nobody has written."""
        return format_percent(self.unmapped / self.total, locale=locale_of(_language())) if self.total else ""

    @property
    def title(self) -> str:
        return self.question.label.in_language(_language())

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What a text can mean: the options that are answers themselves, with their labels."""
        meant = [one for one in self.question.options if not one.takes_text and one.placebo is None]
        return [(one.key, self.label(one)) for one in meant]

    def label(self, option: Option) -> str:
        return option.label.in_language(_language())

    def label_of(self, key: str) -> str:
        option = self.question.option(key)
        return self.label(option) if option else key

    def suggestions(self) -> Iterator[tuple[Written, str | None]]:
        """Yield the most frequent texts that no rule catches, each with the option that it may mean."""
        words = {
            one.key: (one.label.zh_hans, one.label.en, one.key)
            for one in self.question.options
            if not one.takes_text and one.placebo is None
        }
        open_texts = [one for one in self.written if not one.option]
        for one in open_texts[:SUGGESTED]:
            yield one, suggest(one.text, words)

    def rules(self) -> Iterator[tuple[CodingRule, str, int]]:
        """Yield the rules in order, the label of what each means, and how many answers it decides."""
        if self.book is None:
            return
        rows = list(self.book.rules.all())
        rules = [row.as_rule() for row in rows]
        decided: Counter[Rule] = Counter()  # of equal rules the first decides
        for one in self.written:
            if (rule := code(rules, one.text)) is not None:
                decided[rule] += one.count
        for row, rule in zip(rows, rules, strict=True):
            yield row, self.label_of(row.option_key), decided.pop(rule, 0)

    def preview(self, rule: Rule) -> Preview:
        caught = [one for one in self.written if rule.hits(one.text)]
        new = [one for one in caught if not one.option]
        return Preview(_sum(caught), _sum(new), sorted(caught, key=lambda one: bool(one.option))[:SHOWN])

    def recodings(self) -> list[Recoding]:
        if self.book is None:
            return []
        return list(self.book.recodings.select_related("asked_by").order_by("-pk")[:10])


def asked_for_words(survey: Survey) -> list[Question]:
    """Return the questions, as last published, beside whose options guests may write."""
    version = survey.latest_version()
    questions = version.questionnaire.questions if version else ()
    return [question for question in questions if any(option.takes_text for option in question.options)]


def question_titles(questions: Iterable[Question]) -> list[tuple[str, str]]:
    """Return (key, label in the reader's language)."""
    return [(question.key, question.label.in_language(_language())) for question in questions]


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def _sum(texts: Iterable[Written]) -> int:
    return sum(one.count for one in texts)
