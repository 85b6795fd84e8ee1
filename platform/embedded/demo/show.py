"""What the person sees: steps with their seconds, live bars on a terminal, a plain line every few seconds elsewhere."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

from embedded.demo.client import Json

LINE_EVERY_S = 3.0  # without a terminal


class Show:
    """`seconds` collects how long each step took, for the summary."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        self.console.print(f"\n[bold cyan]{len(self.seconds) + 1:>2}  {title}[/]")
        start = time.monotonic()
        yield
        self.seconds[title] = time.monotonic() - start

    def say(self, sentence: str, *, style: str = "") -> None:
        """One indented line; `sentence` may hold the service's or a customer's words, so no markup is read in it."""
        self.console.print(f"    {sentence}", style=style, markup=False, soft_wrap=True)

    def table(self, *columns: str, rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> None:
        """Columns whose position is in `right` hold numbers."""
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2))
        for position, column in enumerate(columns):
            table.add_column(column, justify="right" if position in right else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        self.console.print(table)

    @contextmanager
    def progress(self) -> Iterator["Bars | Lines"]:
        """Takes a job's progress events; a bar a phase on a terminal, lines elsewhere."""
        if not self.console.is_terminal:
            yield Lines(self)
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description:<10}"),
            BarColumn(),
            TextColumn("{task.fields[words]}"),
        )
        with Progress(*columns, console=self.console, refresh_per_second=8) as progress:
            yield Bars(progress)


class Bars:
    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.bars: dict[str, TaskID] = {}

    def update(self, data: Json) -> None:
        phase = str(data.get("phase"))
        if phase not in self.bars:
            self.end()
            self.bars[phase] = self.progress.add_task(phase, words="")
        done, total = data.get("step"), data.get("steps")
        self.progress.update(self.bars[phase], completed=done, total=total, words=words_of(data))

    def end(self) -> None:
        """Whatever phase was running is over."""
        for bar in self.progress.tasks:
            self.progress.update(bar.id, completed=bar.total or 1, total=bar.total or 1)


class Lines:
    def __init__(self, show: Show) -> None:
        self.show = show
        self.phase, self.printed_at = "", 0.0

    def update(self, data: Json) -> None:
        phase, now = str(data.get("phase")), time.monotonic()
        if phase != self.phase or now - self.printed_at >= LINE_EVERY_S:
            self.phase, self.printed_at = phase, now
            self.show.say(f"{phase:<12} {words_of(data)}")

    def end(self) -> None:
        """Nothing stays open."""


def words_of(data: Json) -> str:
    """'step 40/120, loss 0.412, epoch 1.3, 9.8 steps/s, ETA 8 s', as far as the event says."""
    parts = [f"step {data.get('step')}/{data.get('steps')}"]
    if (loss := data.get("loss")) is not None:
        parts.append(f"loss {loss:.3f}")
    if (epoch := data.get("epoch")) is not None:
        parts.append(f"epoch {epoch:.1f}")
    if (speed := data.get("steps_per_s")) is not None:
        parts.append(f"{speed:.1f} steps/s")
    if (eta := data.get("eta_s")) is not None:
        parts.append(f"ETA {eta:.0f} s")
    return ", ".join(parts)


def percent(share: object) -> str:
    return f"{share * 100:.1f} %" if isinstance(share, int | float) else "not reported"


def clipped(text: str, length: int = 74) -> str:
    """One line of a customer's message, short enough for a table."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"
