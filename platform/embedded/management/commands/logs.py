"""`manage.py logs [PART...]`: what the parts of the stack said last, and with `--follow` what they say next."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from embedded import logs, place


class Command(BaseCommand):
    help = "Print the logs of the parts of this machine's Landfall."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("parts", nargs="*", help="web, runtime, gpu, ... (default: all)")
        parser.add_argument("--lines", "-n", type=int, default=20, help="of each log")
        parser.add_argument("--follow", "-f", action="store_true")
        parser.add_argument("--state", type=Path, default=place.default(), help="folder of data, logs and keys")

    def handle(self, *args: Any, **options: Any) -> None:
        found = {path.stem: path for path in sorted(place.logs(options["state"].resolve()).glob("*.log"))}
        wanted = options["parts"] or list(found)
        unknown = [name for name in wanted if name not in found]
        if unknown or not found:
            raise CommandError(
                f"No log of {', '.join(unknown) or 'any part'}; there are: {', '.join(found) or 'none'}."
            )
        with suppress(KeyboardInterrupt):
            selected = [found[name] for name in wanted]
            logs.show(selected, lines=options["lines"], follow=options["follow"], say=self.stdout.write)
