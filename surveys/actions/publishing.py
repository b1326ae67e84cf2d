"""Versions published, choices mapped to channels and corrected, and the first survey made at one stroke."""

from itertools import islice

from django.db import transaction
from django.db.models import Max

from attribution import facts
from attribution.customers.models import Store
from attribution.evidence.actions import recode_touches, record_touches
from attribution.evidence.models import Channel, Touchpoint
from surveys.definition import DONT_REMEMBER, BadDefinition, Definition, Kind, Text, parse, serialise
from surveys.errors import BadDefinitionFile, NothingToAsk, PlaceboWasChoice, SurveyExists
from surveys.firstvisit import ChannelChoice, first_visit
from surveys.models import ChoiceChannel, Placement, Response, Survey, SurveyVersion
from surveys.refusals import problem_in_words

AT_ONCE = 2000  # answers held in memory while a choice is corrected


@transaction.atomic
def publish_version(*, survey: Survey, definition: Definition) -> SurveyVersion:
    """Publish a questionnaire as the survey's next version; it never changes again.

    Each choice that may mean a channel gets a mapping: to the channel whose slug it bears, else to none yet. A mapping
    that is there already stays as it is. A placebo gets none, and so never means a channel.

    Raises BadDefinitionFile, and PlaceboWasChoice for a placebo that guests could choose in earnest before.
    """
    try:
        written = serialise(parse(serialise(definition)))
    except BadDefinition as error:
        raise BadDefinitionFile(problem=problem_in_words(error)) from error
    # Locked: two who publish at once get two numbers, and the unique constraint stands behind it.
    survey = Survey.objects.select_for_update().get(pk=survey.pk)
    last = survey.versions.aggregate(last=Max("number"))["last"] or 0
    version = SurveyVersion.objects.create(survey=survey, number=last + 1, definition=written)
    _map_choices(survey, definition)
    return version


def _map_choices(survey: Survey, definition: Definition) -> None:
    question = definition.first_of(Kind.CHANNEL)
    if question is None:
        return
    placebos = {option.key for option in question.options if option.placebo is not None}
    taken = ChoiceChannel.objects.filter(survey=survey, question_key=question.key, option_key__in=placebos)
    if (was := taken.first()) is not None:
        raise PlaceboWasChoice(option=was.option_key)
    channels = Channel.objects.in_bulk(field_name="slug")
    ChoiceChannel.objects.bulk_create(
        [
            ChoiceChannel(
                survey=survey, question_key=question.key, option_key=option.key, channel=channels.get(option.key)
            )
            for option in question.options
            if option.key not in {DONT_REMEMBER, *placebos}
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def correct_choice_channel(*, survey: Survey, question_key: str, option_key: str, channel: Channel | None) -> int:
    """Let a choice mean ``channel`` from now on and for all that was answered; return how many touches changed."""
    choice = ChoiceChannel.objects.select_for_update().get(
        survey=survey, question_key=question_key, option_key=option_key
    )
    had_none, choice.channel = choice.channel_id is None, channel
    choice.save(update_fields=["channel"])
    changed = (
        _touch_all(choice, channel) if had_none else recode_touches(mapping_key=choice.mapping_key, channel=channel)
    )
    facts.ring()  # the Fact of responses names the channel too
    return changed


def _touch_all(choice: ChoiceChannel, channel: Channel | None) -> int:
    """Record the touches of a choice that meant no channel until now."""
    if channel is None:
        return 0
    answered = Response.objects.filter(choice=choice, received_at__isnull=False).select_related("customer")
    rows, changed = answered.iterator(chunk_size=AT_ONCE), 0
    while some := list(islice(rows, AT_ONCE)):
        for response in some:
            response.choice = choice
        record_touches(touches=[touch for response in some if (touch := touch_of(response)) is not None])
        changed += len(some)
    return changed


def touch_of(response: Response) -> Touchpoint | None:
    """Return the evidence that a submitted response gives; None where its choice means no channel, or it counts not."""
    choice = response.choice
    if choice is None or choice.channel is None or not response.counts:
        return None
    assert response.customer is not None
    assert response.submitted_at is not None
    return Touchpoint(
        customer=response.customer,
        channel=choice.channel,
        kind=Touchpoint.Kind.SURVEY,
        occurred_at=response.submitted_at,
        source_key=f"response:{response.pk}",
        mapping_key=choice.mapping_key,
    )


@transaction.atomic
def create_first_visit_survey() -> Survey:
    """Make the built-in survey from the shop's channels, published, with a placement in every store.

    Raises NothingToAsk without stores or channels, SurveyExists if there is a survey.
    """
    # Locked, so that a double tap makes one survey: the second waits here, then sees the first one's.
    stores = list(Store.objects.select_for_update().filter(is_active=True).order_by("pk"))
    channels = Channel.objects.filter(is_active=True)
    if not stores or not channels:
        raise NothingToAsk
    if Survey.objects.exists():
        raise SurveyExists
    survey = Survey.objects.create(name_zh_hans="首次到店问卷", name_en="First visit")
    publish_version(survey=survey, definition=first_visit(as_choice(channel) for channel in channels))
    Placement.objects.bulk_create(Placement(survey=survey, store=store) for store in stores)
    return survey


def as_choice(channel: Channel) -> ChannelChoice:
    zh_hans, en = channel.name_in("zh-hans"), channel.name_in("en")
    return ChannelChoice(channel.slug, Text(zh_hans or channel.slug, en or channel.slug), channel.kind)
