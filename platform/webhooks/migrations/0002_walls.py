"""The walls around the tables of webhooks."""

from django.db import migrations

from tenants.isolation import TenantIsolation as Isolate


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0001_initial")]

    operations = [
        Isolate("WebhookEndpoint"),
        Isolate("EndpointSecret"),
        Isolate("Event"),
        Isolate("Delivery"),
        Isolate("Attempt"),
    ]
