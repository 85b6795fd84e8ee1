"""`manage.py demo [--data FILE --text COLUMN --label COLUMN]`: starts the stack and does the main job on it."""

import sys
from pathlib import Path

import httpx
from django.core.management.base import BaseCommand, CommandError, CommandParser

from embedded import place, stack
from embedded.demo import sample, story, summary
from embedded.demo.client import Refused, TookTooLong
from embedded.demo.events import StreamLost
from embedded.demo.show import Show
from embedded.parts import PartFailed


class Command(BaseCommand):
    help = "Starts Landfall on this machine and does the main job through its public API."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--data", type=Path, help="a labelled CSV, TSV or JSONL file; without: the shipped messages"
        )
        parser.add_argument("--text", default="text", help="the column with the texts")
        parser.add_argument("--label", default="label", help="the column with the labels")

    def handle(self, *, data: Path | None, text: str, label: str, **_: object) -> None:
        if data is not None and not data.is_file():
            raise CommandError(f"There is no file {data}.")
        show, state = Show(), place.default()
        try:
            with show.step("Start the stack"):
                addresses = stack.up(state, show.say)
            chosen = sample.shipped() if data is None else sample.given(data, text=text, label=label)
            summary.print_summary(story.tell(addresses, chosen, state=state, show=show), addresses, show)
        except KeyboardInterrupt:
            summary.print_stopped(show)
            sys.exit(130)
        except (Refused, TookTooLong, StreamLost, story.Broken, PartFailed, httpx.TransportError) as failure:
            summary.print_failure(failure, show)
            sys.exit(1)
