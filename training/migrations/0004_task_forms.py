"""Tasks know which form of their kind they are; those made before forms are in the usual one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("training", "0003_uploads")]

    operations = [
        migrations.AddField("task", "form", models.CharField(default="single-label", max_length=40), preserve_default=False),
    ]
