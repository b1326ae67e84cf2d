"""The choices of surveys as a source of mappings: which channel an answer means."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from attribution.evidence.mappings import Mapping
from attribution.evidence.models import Channel
from surveys.actions import correct_choice_channel
from surveys.labels import choice_labels
from surveys.models import ChoiceChannel


class ChoiceSource:
    name, title = "choice", _("Survey answers")

    def rows(self) -> Iterable[Mapping]:
        labels = choice_labels()
        for choice in ChoiceChannel.objects.select_related("survey", "channel").order_by("survey", "pk"):
            label = labels.get((choice.survey_id, choice.question_key, choice.option_key), choice.option_key)
            yield Mapping(choice.mapping_key, f"{choice.survey.name} · {label}", choice.channel, may_mean_none=True)

    def correct(self, key: str, channel: Channel | None) -> int:
        _name, survey_id, question_key, option_key = key.split(":")
        choice = ChoiceChannel.objects.select_related("survey").get(
            survey=int(survey_id), question_key=question_key, option_key=option_key
        )
        return correct_choice_channel(
            survey=choice.survey, question_key=question_key, option_key=option_key, channel=channel
        )
