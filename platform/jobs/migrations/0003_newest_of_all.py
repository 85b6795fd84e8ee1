"""Jobs of every kind in one list, newest first: their ids begin with their kinds' prefixes."""

from django.db import migrations, models
from django.db.models.functions import Right


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_walls_and_moves")]

    operations = [
        migrations.AddIndex(
            model_name="job",
            index=models.Index(models.F("tenant"), Right("id", 26).desc(), name="job_newest_of_all"),
        ),
    ]
