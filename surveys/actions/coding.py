"""Rules for guests' own words: made, moved and removed, applied to each new answer, and to all so far by the worker."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.db.models.fields.json import KeyTextTransform

from attribution import facts
from attribution.evidence.actions import record_touches, retract_touches
from attribution.evidence.models import Touchpoint
from attribution.jobs import wake
from surveys.actions.publishing import touch_of
from surveys.coding import Rule, code
from surveys.definition import Definition, Kind, text_key
from surveys.models import ChoiceChannel, CodeBook, CodingRule, Recoding, Response, Survey, SurveyVersion

A_STEP = 500  # answers coded in one transaction


@transaction.atomic
def add_rule(*, survey: Survey, question_key: str, rule: Rule, staff: Any) -> CodingRule:
    """Put a rule after those that are there, and have all answers so far coded anew."""
    book, _is_new = CodeBook.objects.get_or_create(survey=survey, question_key=question_key)
    book = _locked(book)
    last = book.rules.aggregate(last=Max("position"))["last"] or 0
    row = CodingRule.objects.create(
        book=book, position=last + 1, match=rule.match, pattern=rule.pattern, option_key=rule.option, created_by=staff
    )
    request_recoding(book=book, staff=staff)
    return row


@transaction.atomic
def remove_rule(*, rule: CodingRule, staff: Any) -> None:
    book = _locked(rule.book)
    rule.delete()
    request_recoding(book=book, staff=staff)


@transaction.atomic
def move_rule(*, rule: CodingRule, earlier: bool, staff: Any) -> None:
    """Let the rule change places with the one before it, or after it."""
    book = _locked(rule.book)
    rows = list(book.rules.all())
    place = [row.pk for row in rows].index(rule.pk)
    other = place - 1 if earlier else place + 1
    if not 0 <= other < len(rows):
        return
    rows[place], rows[other] = rows[other], rows[place]
    for position, row in enumerate(rows, 1):
        row.position = position
    CodingRule.objects.bulk_update(rows, ["position"])
    request_recoding(book=book, staff=staff)


@transaction.atomic
def request_recoding(*, book: CodeBook, staff: Any) -> Recoding:
    """Ask the worker to code all answers so far by the book's rules; what already waits to be done will do."""
    row = Recoding.objects.filter(book=book, state=Recoding.State.WAITING).first()
    if row is None:
        row = Recoding.objects.create(book=book, asked_by=staff)
        wake("surveys.look")
    return row


def codes_of(version: SurveyVersion, questionnaire: Definition, answers: dict[str, Any]) -> dict[str, str]:
    """Return what the words among the answers mean by today's rules: question key → option key.

    Call it in the transaction that stores the answers: it locks the code books that it reads, so that whoever changes
    a rule meanwhile comes wholly before, or codes these answers as well.
    """
    typed = {
        one.key: str(answers[text_key(one.key)]) for one in questionnaire.questions if text_key(one.key) in answers
    }
    if not typed:
        return {}
    books = CodeBook.objects.select_for_update(no_key=True).filter(survey=version.survey_id, question_key__in=typed)
    found = {book.question_key: code(book.as_rules(), typed[book.question_key]) for book in books}
    return {key: rule.option for key, rule in found.items() if rule is not None}


def with_words(survey: Survey, question_key: str) -> Any:
    """Return the submitted responses in which a guest wrote something beside an option of this question: ``words``."""
    said = Response.objects.annotate(words=KeyTextTransform(text_key(question_key), "answers"))
    return said.filter(words__isnull=False, version__survey=survey, received_at__isnull=False)


def recode_waiting() -> None:
    while (row := Recoding.objects.claim_next()) is not None:
        recode(row)


def recode(row: Recoding) -> None:
    """Code all answers of a claimed row's book anew. Done twice, since its first worker died, it changes nothing more.

    Where another option is meant than before, the evidence of the answer is retracted and recorded anew.
    """
    with row.failing_as("recoding_failed"), row.kept_alive():
        todo = with_words(row.book.survey, row.book.question_key)
        total, work = todo.count(), _Work(row.book)
        for done in work.through(todo):
            row.renew(done, total)
        row.finish(
            progress=total,
            total=total,
            rules=[rule.told() for rule in work.rules],
            before=work.before,
            after=work.after,
            changed=work.changed,
        )


@dataclass
class _Work:
    """One book's answers, coded some at a time."""

    book: CodeBook
    rules: list[CodingRule] = field(default_factory=list)
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    changed: int = 0

    def through(self, todo: QuerySet[Response]) -> Iterator[int]:
        """Code all, each step in a transaction of its own; yield after each how many are done."""
        rows, last = todo.select_related("customer", "choice__channel").order_by("pk"), None
        done = 0
        while True:
            with transaction.atomic():
                self.rules = list(_locked(self.book).rules.all())
                some = list(
                    (rows if last is None else rows.filter(pk__gt=last)).select_for_update(of=("self",))[:A_STEP]
                )
                self._code(some)
            if not some:
                return
            last, done = some[-1].pk, done + len(some)
            yield done

    def _code(self, responses: list[Response]) -> None:
        key, rules = self.book.question_key, [rule.as_rule() for rule in self.rules]
        meant: list[tuple[Response, str]] = []
        for response in responses:
            rule = code(rules, str(response.answers[text_key(key)]))
            was, now = response.codes.get(key, ""), rule.option if rule else ""
            self.before[was] += 1
            self.after[now] += 1
            if was != now:
                meant.append((response, now))
        if meant:
            self.changed += len(meant)
            _mean(self.book, meant)


def _mean(book: CodeBook, meant: list[tuple[Response, str]]) -> None:
    """Let responses mean other options of the book's question, and their evidence with it."""
    key = book.question_key
    choices = {
        choice.option_key: choice
        for choice in ChoiceChannel.objects.filter(survey=book.survey, question_key=key)
        .select_related("channel")
        .select_for_update(no_key=True, of=("self",))
    }
    questionnaires = _questionnaires({response.version_id for response, _option in meant})
    for response, option in meant:
        response.codes = {name: value for name, value in (response.codes | {key: option}).items() if value}
        questionnaire = questionnaires[response.version_id]
        response.has_dont_remember = questionnaire.forgot(response.answers | response.codes)
        asked = questionnaire.first_of(Kind.CHANNEL)
        if asked is not None and asked.key == key:
            response.choice = choices.get(option or response.answers[key])
    changed = [response for response, _option in meant]
    Response.objects.bulk_update(changed, ["codes", "choice", "has_dont_remember"])
    _record_anew(changed)
    facts.ring()


def _record_anew(responses: Iterable[Response]) -> None:
    touches = {response: touch_of(response) for response in responses}
    retract_touches(kind=Touchpoint.Kind.SURVEY, source_keys=[f"response:{response.pk}" for response in touches])
    record_touches(touches=[touch for touch in touches.values() if touch is not None])


def _questionnaires(versions: set[int]) -> dict[int, Definition]:
    return {version.pk: version.questionnaire for version in SurveyVersion.objects.filter(pk__in=versions)}


def _locked(book: CodeBook) -> CodeBook:
    return CodeBook.objects.select_for_update(no_key=True).get(pk=book.pk)
