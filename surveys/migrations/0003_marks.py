from django.db import migrations

from attribution.facts import Cut
from attribution.runs.tracking import Track


class Migration(migrations.Migration):
    dependencies = [("surveys", "0002_response_place"), ("runs", "0003_marks")]

    operations = [
        Track("surveys_response", cut=Cut("received_at", "months")),
        Track("surveys_placement", watched=["store_id"]),
        Track("surveys_choicechannel", watched=["channel_id"]),
    ]
