"""What can go wrong when somebody asks for a report."""

from django.utils.translation import gettext_lazy as _

from attribution.errors import DomainError


class NoRunYet(DomainError):
    code = "no_run_yet"
    status = 409
    message = _("Nothing has been judged yet. A run follows by itself as soon as there are orders.")


class UnknownReport(DomainError):
    code = "unknown_report"
    status = 404
    message = _("There is no report “%(report)s”.")


class ChainTooLong(DomainError):
    code = "chain_too_long"
    status = 409
    field = "order"
    message = _(
        "These customers’ ways go round in circles for so long that no removal effects come of them. Let 1 touch be"
        " remembered, or choose another model."
    )
