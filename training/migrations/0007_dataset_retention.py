"""Data sets that are kept for a time only."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("training", "0006_erasures")]

    operations = [
        migrations.AddField("dataset", "expires_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "dataset",
            models.Index(
                condition=models.Q(("expires_at__isnull", False)), fields=["expires_at"], name="dataset_to_expire"
            ),
        ),
    ]
