"""Why answers of a file could not be taken, in words."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from surveys.models.kiosk import AnswerFile
from surveys.refusals import API_WORDS

REASONS: dict[str, Promise] = {
    "unreadable": _("Its part “%(about)s” cannot be read."),
    "bad_clock": _("Its time lies in the future."),
    "no_such_survey": _("There is no such tablet, or no such version of the questionnaire."),
    "survey_closed": _("It was given after the questionnaire had ended."),
    "response_taken": _("Another place’s answer has its id."),
}
OTHERWISE = _("The answer to %(about)s does not fit the questionnaire.")


@dataclass(frozen=True)
class Rejection:
    identity: str
    words: str
    code: str


def rejections_in_words(row: AnswerFile) -> list[Rejection]:
    return [Rejection(identity, _words(code, about), code) for identity, code, about in row.rejections]


def _words(code: str, about: str) -> str:
    if code == "required":
        return str(API_WORDS[code]) % {"question": about}
    return str(REASONS.get(code, OTHERWISE)) % {"about": about or "…"}
