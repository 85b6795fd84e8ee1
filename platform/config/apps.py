"""The app that carries the system checks of a deployment and closes the gate; it stands last in INSTALLED_APPS."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import gate  # checks need the settings

        gate.close()
