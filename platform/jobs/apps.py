"""The room of jobs: the row is the queue, a lease says who works on it, the database's clock decides."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"
