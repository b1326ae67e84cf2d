from django.db import migrations
from django.db.models import Count, Sum


def count(apps, schema_editor):
    """Count what stands from before the counters were there."""
    Redemption = apps.get_model("coupons", "Redemption")
    CouponBatch = apps.get_model("coupons", "CouponBatch")
    standing = Redemption.objects.filter(is_standing=True).order_by().values("batch")
    for row in standing.annotate(count=Count("pk"), spent=Sum("discount_minor")):
        CouponBatch.objects.filter(pk=row["batch"]).update(redeemed_count=row["count"], spent_minor=row["spent"])


class Migration(migrations.Migration):
    dependencies = [("coupons", "0003_rules_and_work")]

    operations = [migrations.RunPython(count, migrations.RunPython.noop)]
