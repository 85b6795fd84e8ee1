"""What evaluations were asked."""

import django.db.models.deletion
import tenants.scoping
from django.db import migrations, models

from tenants.isolation import TenantIsolation as Isolate


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0003_newest_of_all'),
        ('tenants', '0002_walls'),
        ('training', '0012_pretraining'),
    ]

    operations = [
        migrations.CreateModel(
            name='Evaluation',
            fields=[
                ('job', tenants.scoping.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='jobs.job')),
                ('model', models.CharField(max_length=40)),
                ('against', models.CharField(blank=True, max_length=40)),
                ('dataset_version', models.CharField(max_length=40)),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'indexes': [models.Index(fields=['tenant', 'model'], name='evaluation_of_model'), models.Index(fields=['tenant', 'against'], name='evaluation_against_model')],
            },
        ),
        Isolate("Evaluation"),
    ]
