"""Erasures by subject, and how many rows they took out of a version."""

import django.db.models.deletion
import tenants.scoping
import training.models.erasure
from django.db import migrations, models

from tenants.isolation import TenantIsolation as Isolate


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0002_walls_and_moves'),
        ('tenants', '0002_walls'),
        ('training', '0005_task_decisions'),
    ]

    operations = [
        migrations.AddField(
            model_name='datasetversion',
            name='erased_rows',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.CharField(default=training.models.erasure._id, editable=False, max_length=40, primary_key=True, serialize=False)),
                ('subject', models.CharField(blank=True, max_length=200)),
                ('subject_digest', models.CharField(max_length=64)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('examined', models.JSONField(default=list)),
                ('receipt', models.JSONField(default=dict)),
                ('to_destroy', models.JSONField(default=list)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('done_at', models.DateTimeField(null=True)),
                ('job', tenants.scoping.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='jobs.job')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'indexes': [models.Index(fields=['tenant', '-id'], name='erasure_newest_first')],
            },
        ),
        Isolate("Erasure"),
    ]
