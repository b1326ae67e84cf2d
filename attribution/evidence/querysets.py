"""Many touchpoints."""

from typing import Self

from django.db import models


class TouchpointQuerySet(models.QuerySet):
    def standing(self) -> Self:
        return self.filter(retracted_at=None)
