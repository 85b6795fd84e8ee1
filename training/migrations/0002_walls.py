"""The walls around training's tables."""

from django.db import migrations

from tenants.isolation import TenantIsolation as Isolate


class Migration(migrations.Migration):
    dependencies = [("training", "0001_initial"), ("jobs", "0002_walls_and_moves")]

    operations = [
        Isolate("File"),
        Isolate("Dataset"),
        Isolate("DatasetVersion"),
        Isolate("Task"),
        Isolate("Model"),
        Isolate("FineTune"),
    ]
