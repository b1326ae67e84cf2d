"""Orders from till systems: one row per line or one per order."""

from attribution.customers.imports.orders.importer import OrdersImporter

__all__ = ["OrdersImporter"]
