"""An endpoint keeps the form of its task, too: two forms of one kind answer in different shapes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("inference", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="endpoint",
            name="task_form",
            # Of the rows that are there: until now nothing else was served. No UPDATE: the walls hide rows from it.
            field=models.CharField(max_length=40, blank=True, default="single-label"),
            preserve_default=False,
        ),
    ]
