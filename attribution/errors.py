"""What can go wrong in the domain, as exceptions: views and the API turn them into words, actions never return them."""

from typing import Any

from django.utils.functional import Promise


class DomainError(Exception):
    """A refusal with a stable code, a message in the user's language, and the field it concerns.

    ``message`` is a lazy translation with named placeholders, filled from ``params`` when it is shown, so that a
    refusal recorded in one language can be read in another.
    """

    code = "refused"
    status = 400
    message: str | Promise = ""
    field: str | None = None

    def __init__(self, message: str | Promise = "", *, field: str | None = None, **params: Any) -> None:
        self.message = message or self.message
        self.field = field or self.field
        self.params = params
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message) % self.params if self.params else str(self.message)
