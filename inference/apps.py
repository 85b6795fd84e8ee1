"""The room of serving: endpoints that stay, releases that change, and who answers predictions."""

from django.apps import AppConfig


class InferenceConfig(AppConfig):
    name = "inference"
