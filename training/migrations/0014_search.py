"""Hyperparameter searches: what was asked for, and the trials."""

import django.db.models.deletion
import tenants.scoping
from django.db import migrations, models

from tenants.isolation import TenantIsolation as Isolate


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0004_held'),
        ('tenants', '0002_walls'),
        ('training', '0013_evaluations'),
    ]

    operations = [
        migrations.AddField(
            model_name='finetune',
            name='chosen',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='finetune',
            name='search',
            field=models.JSONField(null=True),
        ),
        migrations.CreateModel(
            name='Trial',
            fields=[
                ('job', tenants.scoping.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='jobs.job')),
                ('number', models.PositiveIntegerField()),
                ('parameters', models.JSONField(null=True)),
                ('value', models.FloatField(null=True)),
                ('loss', models.FloatField(null=True)),
                ('pruned', models.BooleanField(default=False)),
                ('fine_tune', tenants.scoping.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='trials', to='training.finetune')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('tenant', 'fine_tune', 'number'), name='one_trial_per_number')],
            },
        ),
        Isolate("Trial"),
    ]
