"""Uploads of large files in parts, and files that are kept for a time only."""

import django.db.models.deletion
from django.db import migrations, models

import tenants.scoping
import training.models.upload
from tenants.isolation import TenantIsolation as Isolate


class Migration(migrations.Migration):
    dependencies = [("training", "0002_walls"), ("tenants", "0002_walls")]

    operations = [
        migrations.AddField(
            model_name='file',
            name='expires_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.CharField(default=training.models.upload._upload_id, editable=False, max_length=40, primary_key=True, serialize=False)),
                ('filename', models.CharField(max_length=255)),
                ('purpose', models.CharField(max_length=20)),
                ('mime_type', models.CharField(max_length=255)),
                ('bytes', models.BigIntegerField()),
                ('status', models.CharField(choices=[('pending', 'Pending'), ('completed', 'Completed'), ('cancelled', 'Cancelled'), ('expired', 'Expired')], default='pending', max_length=10)),
                ('file_seconds', models.PositiveIntegerField(null=True)),
                ('livemode', models.BooleanField(default=True)),
                ('metadata', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField()),
                ('tidy_at', models.DateTimeField(null=True)),
                ('file', tenants.scoping.TenantForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='training.file')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
        ),
        migrations.CreateModel(
            name='UploadPart',
            fields=[
                ('id', models.CharField(default=training.models.upload._part_id, editable=False, max_length=40, primary_key=True, serialize=False)),
                ('bytes', models.BigIntegerField()),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('direct', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ('upload', tenants.scoping.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='training.upload')),
            ],
        ),
        migrations.AddIndex(
            model_name='upload',
            index=models.Index(condition=models.Q(('tidy_at__isnull', False)), fields=['tidy_at'], name='upload_to_tidy'),
        ),
        migrations.AddIndex(
            model_name='uploadpart',
            index=models.Index(fields=['tenant', 'upload', 'id'], name='part_of_upload'),
        ),
        Isolate("Upload"),
        Isolate("UploadPart"),
    ]
