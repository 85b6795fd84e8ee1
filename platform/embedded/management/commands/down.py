"""`manage.py down`: stops what `up` started. Data, keys and logs stay."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from embedded import place, stack


class Command(BaseCommand):
    help = "Stop Landfall on this machine; its data stays."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--state", type=Path, default=place.default(), help="folder of data, logs and keys")

    def handle(self, *args: Any, **options: Any) -> None:
        stack.down(options["state"].resolve(), self.stdout.write)
