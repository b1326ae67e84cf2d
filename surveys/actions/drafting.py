"""Surveys begun, their drafts edited, undone and published; surveys copied, archived and brought back."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from attribution.evidence.models import Channel
from surveys.actions.one_answer import set_one_answer
from surveys.actions.publishing import correct_choice_channel, publish_version
from surveys.definition import BadDefinition, Definition, Kind, parse, serialise
from surveys.drafts import Content, content_of
from surveys.errors import BadDefinitionFile, DraftChanged, NothingChanged
from surveys.models import ChoiceChannel, Draft, DraftStep, Survey, SurveyVersion
from surveys.models.draft import MOST_STEPS
from surveys.refusals import problem_in_words

Change = Callable[[Content], Content]


@transaction.atomic
def start_survey(*, name_zh_hans: str, name_en: str, questions: list[dict[str, Any]], staff: Any) -> Survey:
    """Begin a survey with a draft of these questions; nothing is published."""
    survey = Survey.objects.create(name_zh_hans=name_zh_hans, name_en=name_en)
    draft = Draft.objects.create(survey=survey, changed_at=timezone.now(), changed_by=staff, is_changed=bool(questions))
    DraftStep.objects.create(draft=draft, position=0, content=content_of(questions))
    return survey


@transaction.atomic
def copy_survey(*, survey: Survey, name_zh_hans: str, name_en: str, staff: Any) -> Survey:
    """Begin a survey with what another one asks, drafted or published, what its choices mean, and of whom it asks."""
    content = content_now(survey)
    questions = content["questions"]
    copied = start_survey(name_zh_hans=name_zh_hans, name_en=name_en, questions=questions, staff=staff)
    content["channels"] = {choice.option_key: slug for choice, slug in _meanings(survey)} | content["channels"]
    copied.draft.steps.update(content=content)
    set_one_answer(
        survey=copied,
        by_device=survey.by_device,
        by_contact=survey.by_contact,
        by_receipt=survey.by_receipt,
        window_hours=survey.window_hours,
    )
    return copied


def content_now(survey: Survey) -> Content:
    """Return what is edited: the draft, or what is published where nobody has begun one."""
    draft = Draft.objects.filter(survey=survey).first()
    if draft is not None:
        return draft.content
    version = survey.latest_version()
    return content_of(version.definition["questions"] if version else [])


@transaction.atomic
def edit_draft(*, survey: Survey, revision: int, change: Change, staff: Any) -> Draft:
    """Change the draft that was shown with ``revision``; what changes nothing leaves no step.

    Raises DraftChanged if somebody else has changed it since.
    """
    draft = _open(survey)
    content = draft.content
    changed = change(content)
    if changed == content:
        return draft
    _claim(draft, revision, draft.position + 1, staff, changed)
    draft.steps.filter(position__gte=draft.position).delete()
    DraftStep.objects.create(draft=draft, position=draft.position, content=changed)
    draft.steps.filter(position__lte=draft.position - MOST_STEPS).delete()
    return draft


@transaction.atomic
def step_draft(*, survey: Survey, revision: int, by: int, staff: Any) -> Draft:
    """Undo the last change (-1), or do again what was undone (+1); where there is nothing to, nothing happens.

    Raises DraftChanged if somebody else has changed it since.
    """
    draft = _open(survey)
    step = draft.steps.filter(position=draft.position + by).first()
    if step is not None:
        _claim(draft, revision, step.position, staff, step.content)
    return draft


def _open(survey: Survey) -> Draft:
    draft, is_new = Draft.objects.get_or_create(survey=survey)
    if is_new:
        version = survey.latest_version()
        questions = version.definition["questions"] if version else []
        DraftStep.objects.create(draft=draft, position=0, content=content_of(questions))
    return draft


def _claim(draft: Draft, revision: int, position: int, staff: Any, content: Content) -> None:
    # Conditional: of two who save at once, one finds that somebody else has won.
    won = Draft.objects.filter(pk=draft.pk, revision=revision).update(
        revision=F("revision") + 1, position=position, changed_at=timezone.now(), changed_by=staff,
        is_changed=differs(draft.survey, content),
    )  # fmt: skip
    if not won:
        raise DraftChanged
    draft.refresh_from_db()


def differs(survey: Survey, content: Content) -> bool:
    """Whether publishing would change anything: what is asked, or what a choice means."""
    version = survey.latest_version()
    if version is None:
        return bool(content["questions"])
    meant = {choice.option_key: slug for choice, slug in _meanings(survey)}
    if any(meant.get(key) != slug for key, slug in content["channels"].items()):
        return True
    try:
        return bool(serialise(parse({"questions": content["questions"]})) != version.definition)
    except BadDefinition:
        return True


def _meanings(survey: Survey) -> list[tuple[ChoiceChannel, str]]:
    choices = ChoiceChannel.objects.filter(survey=survey).select_related("channel")
    return [(choice, choice.channel.slug if choice.channel else "") for choice in choices]


@transaction.atomic
def publish_draft(*, survey: Survey, revision: int) -> SurveyVersion:
    """Publish the draft that was shown with ``revision``, and let its choices mean the channels that it names.

    Raises DraftChanged, NothingChanged, BadDefinitionFile, PlaceboWasChoice.
    """
    draft = Draft.objects.select_for_update().filter(survey=survey).first()
    content = draft.content if draft else {}
    if draft is None or not differs(survey, content):
        raise NothingChanged
    # Counted too: of two who publish at once, the second is told.
    if not Draft.objects.filter(pk=draft.pk, revision=revision).update(revision=F("revision") + 1, is_changed=False):
        raise DraftChanged
    try:
        definition = parse({"questions": content["questions"]})
    except BadDefinition as error:
        raise BadDefinitionFile(problem=problem_in_words(error)) from error
    version = publish_version(survey=survey, definition=definition)
    _mean(survey, definition, content["channels"])
    return version


def _mean(survey: Survey, definition: Definition, meant: dict[str, str]) -> None:
    question = definition.first_of(Kind.CHANNEL)
    channels = Channel.objects.in_bulk(field_name="slug")
    for choice, slug in _meanings(survey):
        wanted = meant.get(choice.option_key, slug)
        if question is not None and choice.question_key == question.key and wanted != slug:
            correct_choice_channel(
                survey=survey, question_key=choice.question_key, option_key=choice.option_key,
                channel=channels.get(wanted),
            )  # fmt: skip


@transaction.atomic
def archive_survey(*, survey: Survey) -> None:
    """Take no new answers from now on, wherever it hangs; a guest in the middle of it may finish."""
    Survey.objects.filter(pk=survey.pk).update(closed_at=timezone.now())


@transaction.atomic
def restore_survey(*, survey: Survey) -> None:
    """Take answers again in all places that are open."""
    Survey.objects.filter(pk=survey.pk).update(closed_at=None)


@transaction.atomic
def rename_survey(*, survey: Survey, name_zh_hans: str, name_en: str) -> None:
    Survey.objects.filter(pk=survey.pk).update(name_zh_hans=name_zh_hans, name_en=name_en)
