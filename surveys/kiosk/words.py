"""Every word on the tablet that is not the questionnaire's own, in the language that is active."""

from django.utils.translation import gettext as _


def words(business: str) -> dict[str, str]:
    """Return them by name. ``%(…)s`` is filled in by the tablet, but for the business."""
    name = {"business": business}
    return _for_guests() | {
        "consent_phone": _(
            "%(business)s may also send me offers on this number. "
            "I can take this back at any time by asking in the shop."
        ) % name,
        "consent_email": _(
            "%(business)s may also send me offers to this address. "
            "I can take this back at any time by asking in the shop."
        ) % name,
    } | _for_staff()  # fmt: skip


def _for_guests() -> dict[str, str]:
    return {
        "next": _("Next"),
        "finish": _("Finish"),
        "back": _("Back"),
        "optional": _("You can leave this empty."),
        "own_words": _("In your own words"),
        "phone": _("Phone number"),
        "email": _("E-mail address"),
        "contact_use": _("Kept encrypted, and used only to recognise you when you come again."),
        "without": _("Finish without it"),
        "with_phone": _("Leave my number"),
        "with_email": _("Leave my address"),
        "progress": _("Question %(number)s of %(total)s"),
        "privacy": _(
            "We keep your answers, the time and the shop, to learn which of our advertising works. "
            "We do not ask for your name."
        ),
        "promise": _("Answer a few short questions and get a coupon worth %(amount)s."),
        "none_left": _(
            "All thank-you coupons have been given out, so there is none this time. "
            "We would still love to hear from you."
        ),
        "none_offline": _("This tablet has no connection just now, so there is no coupon. "
            "We would still love to hear from you."),
        "thanks": _("Thank you!"),
        "arrived": _("Your answers have arrived. Enjoy your visit."),
        "kept": _("Your answers are safe. Enjoy your visit."),
        "no_coupon": _("Your answers have arrived. There is no coupon left to give you, and we are sorry about that."),
        "kept_no_coupon": _("Your answers are safe. The connection is gone, so there is no coupon, "
            "and we are sorry about that."),
        "repeats": _("With this phone number, e-mail address or receipt we have been answered before. "
            "We keep what you said; each guest counts once."),
        "no_second_coupon": _("There is one thank-you coupon for each guest, so there is no second one."),
        "coupon_here": _("Here is your coupon. Show it at the till."),
        "coupon": _("Your coupon"),
        "qr": _("QR code of your coupon"),
        "least": _("For orders from %(amount)s."),
        "until": _("Valid until %(day)s."),
        "once": _("It can be used once."),
        "picture": _("Take a picture of your coupon with your phone before the next guest begins."),
        "sending": _("One moment, please …"),
        "send_sms": _("Send it to my phone"),
        "send_email": _("Send it by e-mail"),
        "send_now": _("Send"),
        "left_sms": _("To the number I left"),
        "left_email": _("To the address I left"),
        "use": _("Used only to send you this coupon: we keep it encrypted until the message is sent, erase it then, "
            "and send nothing else there. Whoever carries the message for us learns it for that alone."),
        "on_its_way_sms": _("To your phone:") + " " + _("on its way."),
        "on_its_way_email": _("By e-mail:") + " " + _("on its way."),
        "not_sent": _("It could not be sent."),
        "next_guest": _("Next guest"),
        "still": _("Are you still there?"),
        "anew": _("This page starts anew in %(seconds)s seconds."),
        "here": _("I’m still here"),
        "closed": _("We are not open just now."),
        "opens": _("We are there for you again on %(opening)s."),
        "ended": _("This questionnaire has ended."),
    }  # fmt: skip


def _for_staff() -> dict[str, str]:
    return {
        "staff": _("Staff"),
        "offline": _("No connection"),
        "unsent": _("Not sent yet: %(number)s"),
        "refused": _("Needs staff: %(number)s"),
        "begin": _("Begin"),
        "begin_help": _("The tablet then fills its screen. To leave it again, touch “Staff” and enter the PIN."),
        "pin": _("Staff PIN"),
        "pin_first": _("Enter the PIN once, so that this tablet also knows it without a connection."),
        "enter": _("Enter"),
        "pin_wrong": _("That is not the PIN."),
        "pin_locked": _("Too many wrong PINs. Try again in five minutes."),
        "pin_offline": _("This tablet does not know the PIN yet. Connect it to the network once."),
        "pin_none": _("This tablet has no PIN. Give it one on the page of its place, under “Tablet”."),
        "state": _("This tablet"),
        "all_sent": _("All answers have been sent."),
        "waiting": _("Answers that wait to be sent: %(number)s"),
        "needing": _("Answers that the shop’s server refused: %(number)s. Save them as a file and import it there."),
        "send": _("Send now"),
        "save": _("Save as a file"),
        "save_help": _("The answers stay on this tablet as well. Handing in the file twice does no harm."),
        "leave": _("Leave the questionnaire"),
        "return": _("Back to the guests"),
        "not_kept": _("This browser keeps nothing, so answers are lost when it is closed. "
            "Do not use it without a connection."),
    }  # fmt: skip


def app_name(business: str) -> str:
    return _("%(business)s: questionnaire") % {"business": business}
