"""The API: what every endpoint shares, and the orders."""

from attribution.customers.api.shared import BadKey, CodeField, KeyReused, error_response, idempotently

__all__ = ["BadKey", "CodeField", "KeyReused", "error_response", "idempotently"]
