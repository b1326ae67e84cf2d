"""Many rows of one table."""

from datetime import datetime
from typing import Self

from django.db import models


class OrderQuerySet(models.QuerySet):
    def standing(self) -> Self:
        """Orders that were not voided."""
        return self.filter(voided_at=None)

    def sales(self) -> Self:
        """Standing sales: what makes a customer new, and what counts as an order. A refund never does."""
        return self.standing().filter(kind="sale")

    def within(self, start: datetime, end: datetime) -> Self:
        return self.filter(placed_at__gte=start, placed_at__lt=end)
