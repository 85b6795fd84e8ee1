"""The staff console: the start-up's own view over every tenant, for reading."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "console"

    def ready(self) -> None:
        from django.conf import settings

        from console.appearance import UNFOLD

        settings.UNFOLD = UNFOLD  # django-unfold reads its look from there; it belongs to this room alone
