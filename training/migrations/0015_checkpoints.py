"""Models on the way, kept while their training runs."""

import django.db.models.deletion
import tenants.scoping
import training.models.checkpoint
from django.db import migrations, models

from tenants.isolation import TenantIsolation as Isolate


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0005_pause'),
        ('tenants', '0002_walls'),
        ('training', '0014_search'),
    ]

    operations = [
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('id', models.CharField(default=training.models.checkpoint._id, editable=False, max_length=40, primary_key=True, serialize=False)),
                ('model', models.CharField(max_length=40)),
                ('step', models.PositiveIntegerField()),
                ('metrics', models.JSONField()),
                ('prefix', models.CharField(max_length=200)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('job', tenants.scoping.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='jobs.job')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('tenant', 'model', 'step'), name='one_checkpoint_per_step')],
            },
        ),
        Isolate("Checkpoint"),
    ]
