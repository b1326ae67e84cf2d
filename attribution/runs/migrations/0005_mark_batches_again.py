from django.db import migrations

from attribution.runs.tracking import Track


class Migration(migrations.Migration):
    """SQLite builds a table anew to add columns to it, and its triggers are lost with the old one."""

    dependencies = [("runs", "0004_what_a_run_records"), ("coupons", "0004_count_what_stands")]

    operations = [Track("coupons_couponbatch", watched=["channel_id"])]
