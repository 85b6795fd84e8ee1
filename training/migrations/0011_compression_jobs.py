"""Compressions of models that were trained before."""

import django.db.models.deletion
import tenants.scoping
from django.db import migrations, models

from tenants.isolation import TenantIsolation as Isolate


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0003_newest_of_all'),
        ('tenants', '0002_walls'),
        ('training', '0010_aliases'),
    ]

    operations = [
        migrations.CreateModel(
            name='CompressionJob',
            fields=[
                ('job', tenants.scoping.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='jobs.job')),
                ('source', models.CharField(max_length=40)),
                ('compression', models.JSONField()),
                ('suffix', models.CharField(blank=True, max_length=64)),
                ('result', models.JSONField(null=True)),
                ('dataset_version', tenants.scoping.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='training.datasetversion')),
                ('task', tenants.scoping.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='training.task')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
        ),
        Isolate("CompressionJob"),
    ]
