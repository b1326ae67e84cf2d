"""What can be refused about a survey, in words."""

from django.utils.translation import gettext_lazy as _

from attribution.errors import DomainError


class NoSuchSurvey(DomainError):
    code = "no_such_survey"
    status = 404
    message = _("There is no questionnaire at this address.")


class SurveyClosed(DomainError):
    code = "survey_closed"
    status = 410
    message = _("This questionnaire has ended.")


class OutsideHours(DomainError):
    code = "outside_hours"
    status = 403
    message = _("We are not open just now. This questionnaire opens again on %(opening)s.")


class BadSignature(DomainError):
    code = "bad_signature"
    status = 403
    message = _("This address is not complete. Please scan the code once more.")


class TooManySaves(DomainError):
    code = "too_many_tries"
    status = 429
    message = _("That was a lot of tries. Please wait a little, then scan the code again.")


class TooManyGuests(DomainError):
    code = "too_many_guests"
    status = 429
    message = _("Very many people are here at this moment. Please try again in %(seconds)s seconds.")


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


class PlaceboWasChoice(DomainError):
    code = "placebo_was_choice"
    message = _("“%(option)s” was a choice in an earlier version. Give the placebo a key of its own.")


class NothingToAsk(DomainError):
    code = "nothing_to_ask"
    message = _("Set up at least one store and one channel first.")


class SurveyExists(DomainError):
    code = "survey_exists"
    message = _("There is a survey already. Change it in the set-up.")


class DraftChanged(DomainError):
    code = "draft_changed"
    status = 409
    message = _("This survey was changed elsewhere while you had it open.")


class NothingToSend(DomainError):
    code = "nothing_to_send"
    message = _("There is no coupon here that could be sent.")


class NothingLeft(DomainError):
    code = "nothing_left"
    message = _("Please write where the coupon is to go.")


class TooManyMessages(DomainError):
    code = "too_many_messages"
    status = 429
    message = _("This coupon, or this address, has had enough messages for today. Take a picture of the coupon.")


class NothingChanged(DomainError):
    code = "nothing_changed"
    message = _("Nothing differs from what is published.")
