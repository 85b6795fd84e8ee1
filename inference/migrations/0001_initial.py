"""Endpoints and releases, each within its walls before the other refers to it: they point at each other."""

import django.db.models.deletion
import inference.models.endpoint
import inference.models.release
import tenants.scoping
from django.db import migrations, models
from tenants.isolation import TenantIsolation as Isolate

# Stricter than `Isolate` would make it: the current release is one of the endpoint's own.
OWN_RELEASE = """
ALTER TABLE inference_endpoint ADD CONSTRAINT inference_endpoint_release_id_tenant_fk
    FOREIGN KEY (tenant_id, id, release_id) REFERENCES inference_release (tenant_id, endpoint_id, id)
    DEFERRABLE INITIALLY DEFERRED
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenants', '0002_walls'),
        ('training', '0002_walls'),
    ]

    operations = [
        migrations.CreateModel(
            name='Endpoint',
            fields=[
                ('id', models.CharField(default=inference.models.endpoint.endpoint_id, editable=False, max_length=40, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=50)),
                ('task_kind', models.CharField(blank=True, max_length=40)),
                ('livemode', models.BooleanField(default=True)),
                ('metadata', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
        ),
        Isolate('Endpoint'),
        migrations.CreateModel(
            name='Release',
            fields=[
                ('id', models.CharField(default=inference.models.release.release_id, editable=False, max_length=40, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('created_by', models.CharField(max_length=60)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('endpoint', tenants.scoping.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='releases', to='inference.endpoint')),
                ('model', tenants.scoping.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='training.model')),
                ('replaced', tenants.scoping.TenantForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='inference.release')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
        ),
        Isolate('Release'),
        migrations.AddField(
            model_name='endpoint',
            name='release',
            field=tenants.scoping.TenantForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='inference.release'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.UniqueConstraint(fields=('tenant', 'endpoint', 'number'), name='one_release_per_number'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.UniqueConstraint(fields=('tenant', 'endpoint', 'id'), name='release_of_its_endpoint'),
        ),
        migrations.RunSQL(OWN_RELEASE, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='endpoint',
            index=models.Index(fields=['tenant', '-id'], name='endpoint_newest_first'),
        ),
        migrations.AddConstraint(
            model_name='endpoint',
            constraint=models.UniqueConstraint(fields=('tenant', 'name'), name='one_endpoint_per_name'),
        ),
        migrations.AddConstraint(
            model_name='endpoint',
            constraint=models.CheckConstraint(condition=models.Q(('release__isnull', True), models.Q(('task_kind', ''), _negated=True), _connector='OR'), name='endpoint_released_has_kind'),
        ),
    ]
