"""What is refused at a tablet, in words."""

from django.utils.translation import gettext_lazy as _

from attribution.errors import DomainError


class NoSuchPin(DomainError):
    code = "no_pin"
    status = 403
    message = _("This tablet has no PIN. Give it one on the page of its place, under “Tablet”.")


class WrongPin(DomainError):
    code = "wrong_pin"
    status = 403
    message = _("That is not the PIN.")


class PinLocked(DomainError):
    code = "pin_locked"
    status = 429
    message = _("Too many wrong PINs. Try again in five minutes.")
