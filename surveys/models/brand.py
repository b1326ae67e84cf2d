"""What stands for the business on paper."""

from django.db import models
from django.db.models import Q


class Brand(models.Model):
    """The logo on posters, as it was uploaded and drawn anew; one row at most. BUSINESS_LOGO counts without it."""

    logo = models.FileField(upload_to="brand/")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="brand_only_one")]
