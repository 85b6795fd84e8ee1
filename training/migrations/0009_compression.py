"""What a finished model is to be made smaller by."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('training', '0008_exports'),
    ]

    operations = [
        migrations.AddField(
            model_name='finetune',
            name='compression',
            field=models.JSONField(null=True),
        ),
    ]
