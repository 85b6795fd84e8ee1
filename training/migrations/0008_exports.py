"""Versions in formats that other programs open."""

import django.db.models.deletion
import tenants.scoping
import training.models.export
from django.db import migrations, models

from tenants.isolation import TenantIsolation as Isolate


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0002_walls_and_moves'),
        ('tenants', '0002_walls'),
        ('training', '0007_dataset_retention'),
    ]

    operations = [
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.CharField(default=training.models.export._id, editable=False, max_length=40, primary_key=True, serialize=False)),
                ('format', models.CharField(max_length=10)),
                ('key', models.CharField(blank=True, max_length=200)),
                ('neutralised', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('job', tenants.scoping.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='jobs.job')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ('version', tenants.scoping.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='exports', to='training.datasetversion')),
            ],
            options={
                'indexes': [models.Index(fields=['tenant', '-id'], name='export_newest_first')],
            },
        ),
        Isolate("Export"),
    ]
