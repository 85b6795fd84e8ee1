"""`manage.py up`: the whole service on this machine, in the background."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from embedded import place, stack
from embedded.parts import PartFailed


class Command(BaseCommand):
    help = "Start Landfall on this machine (see also: down, logs)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--state", type=Path, default=place.default(), help="folder of data, logs and keys")

    def handle(self, *args: Any, **options: Any) -> None:
        state: Path = options["state"].resolve()
        try:
            found = stack.up(state, self.stdout.write)
        except PartFailed as failed:
            raise CommandError(f"{failed}\nEverything else was stopped.") from failed
        self.stdout.write(
            f"\nAPI      {found.base_url}/v1\n"
            f"Docs     {found.base_url}/docs\n"
            f"Console  {found.console_url} as {found.staff_user}\n"
            f"Keys     {state / 'env'}"
        )
