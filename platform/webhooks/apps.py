"""The room of webhooks: a customer's endpoints, frozen events, and each attempt to deliver one."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "webhooks"

    def ready(self) -> None:
        from webhooks import checks  # noqa: F401  (registers them)
