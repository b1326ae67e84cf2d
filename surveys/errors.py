"""What can be refused about a survey, in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from attribution.errors import DomainError
from surveys.definition import LONGEST_ANSWER, AnswersRefused


class NoSuchSurvey(DomainError):
    code = "no_such_survey"
    status = 404
    message = _("There is no questionnaire at this address.")


class SurveyClosed(DomainError):
    code = "survey_closed"
    status = 410
    message = _("This questionnaire has ended.")


class TooManySaves(DomainError):
    code = "too_many_tries"
    status = 429
    message = _("That was a lot of tries. Please wait a little, then scan the code again.")


class ResponseTaken(DomainError):
    code = "response_taken"
    status = 409
    message = _("This response id belongs to another placement.")


class BadClock(DomainError):
    code = "bad_clock"
    message = _("The time of the answer lies in the future, or more than %(days)s days ago. Check the device’s clock.")


class BadDefinitionFile(DomainError):
    code = "bad_definition"
    message = _("The questionnaire cannot be published: %(problem)s")


class NothingToAsk(DomainError):
    code = "nothing_to_ask"
    message = _("Set up at least one store and one channel first.")


class SurveyExists(DomainError):
    code = "survey_exists"
    message = _("There is a survey already. Change it in the set-up.")


WORDS: dict[str, Promise] = {
    "required": _("Please choose an answer."),
    "unknown_option": _("Please choose one of these answers."),
    "unknown_question": _("There is no such question."),
    "not_asked": _("This question is not asked after these answers."),
    "not_a_score": _("Please choose a number from 0 to 10."),
    "not_text": _("Please write text."),
    "too_long": _("Please write at most %(most)s characters."),
    "phone_apart": _("A phone number is sent in its own field, never among the answers."),
    "phone_missing": _("Write your phone number, or finish without it."),
}


def in_words(code: str) -> str:
    return str(WORDS[code]) % {"most": LONGEST_ANSWER}


# To a program, by name.
API_WORDS: dict[str, Promise] = {
    "required": _("%(question)s has no answer."),
    "unknown_option": _("“%(given)s” is not one of the answers to %(question)s."),
    "unknown_question": _("There is no question %(question)s."),
}


class BadAnswers(DomainError):
    """Answers that do not fit their questionnaire; ``errors`` has a code for each question that is wrong."""

    def __init__(self, refused: AnswersRefused, answers: Mapping[str, object]) -> None:
        self.errors = refused.errors
        key, code = next(iter(refused.errors.items()))
        self.code = code
        words = API_WORDS.get(code, WORDS[code])
        given = str(answers.get(key, ""))[:40]
        super().__init__(words, field=f"answers.{key[:60]}", question=key[:60], given=given, most=LONGEST_ANSWER)
