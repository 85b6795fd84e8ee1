"""Base models that tenants train on texts of their own: they have no task."""

import django.db.models.deletion
import tenants.scoping
from django.db import migrations, models

from tenants.isolation import TenantIsolation as Isolate


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0003_newest_of_all'),
        ('tenants', '0002_walls'),
        ('training', '0011_compression_jobs'),
    ]

    operations = [
        migrations.AlterField(
            model_name='model',
            name='task',
            field=tenants.scoping.TenantForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='models', to='training.task'),
        ),
        migrations.CreateModel(
            name='Pretraining',
            fields=[
                ('job', tenants.scoping.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='jobs.job')),
                ('training_file', models.CharField(blank=True, max_length=40)),
                ('base_model', models.CharField(max_length=100)),
                ('objective', models.CharField(max_length=40)),
                ('tokenizer', models.CharField(max_length=20)),
                ('hyperparameters', models.JSONField(default=dict)),
                ('seed', models.PositiveIntegerField()),
                ('suffix', models.CharField(blank=True, max_length=64)),
                ('dataset', tenants.scoping.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='pretrainings', to='training.dataset')),
                ('dataset_version', tenants.scoping.TenantForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='training.datasetversion')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
            },
        ),
        Isolate("Pretraining"),
    ]
