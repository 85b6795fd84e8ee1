"""What a task says beyond its labels."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("training", "0004_task_forms")]

    operations = [migrations.AddField("task", "decision", models.JSONField(default=dict))]
