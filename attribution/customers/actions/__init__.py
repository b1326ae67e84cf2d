"""Every write to customers, identities, consents and orders; keyword-only, one transaction each."""

from attribution.customers.actions.orders import Line, Outcome, assign_order, record_order
from attribution.customers.actions.people import find_customer, grant_consent, resolve_customer, withdraw_consents

__all__ = [
    "Line",
    "Outcome",
    "assign_order",
    "find_customer",
    "grant_consent",
    "record_order",
    "resolve_customer",
    "withdraw_consents",
]
