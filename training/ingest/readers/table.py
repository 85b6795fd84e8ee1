"""What every reader produces: column names, faults, and rows spooled to disk so that memory holds one batch of them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from contracts.ingestion import Finding, Limits, Written
from contracts.problems import Fault, echo
from contracts.task import TEXT_CLASSIFICATION
from training.ingest.places import FIRST, Tally, capital, numbered

BATCH_CELLS = 100_000  # cells of a batch: some 10 MB of Python strings of ordinary length
# Opens the stand-in for a value that is no string, and parts its type from its JSON ("\0number\0" "3.5"): no cell may
# hold NUL itself.
NOT_TEXT = "\0"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A file read to its end.

    `frame` has one string column a customer's column, named by position ("0", "1", ...): a customer's name such as
    "^.*$" would be a pattern to polars. A null means that the row lacks the column, a cell that opens with `NOT_TEXT`
    that the value is no string. With `faults` the frame may lack the faulty rows. `findings` are what the reader
    decided for the customer and they should know; `details` is for the log of events. `media`: pictures and sounds
    that came along, by the name that cells call them.
    """

    columns: tuple[str, ...]
    rows: int
    frame: pl.LazyFrame
    faults: tuple[Fault, ...]
    findings: tuple[Finding, ...] = ()
    details: dict[str, str | int | float | bool | None] = field(default_factory=dict)
    media: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the customer said that a reader may use: the kind of task, the columns they mapped to roles, and how the
    file is written (`contracts.ingestion.Written`)."""

    kind: str = TEXT_CLASSIFICATION
    columns: frozenset[str] = frozenset()
    written: Written = field(default_factory=Written)


class Spool:
    """Batches of rows on their way to disk; counts them, measures their cells, refuses those over the plan's limits."""

    def __init__(self, folder: Path, limits: Limits, progress: Callable[[int], None]) -> None:
        self.folder = folder
        self.limits = limits
        self.progress = progress  # called with the bytes read so far
        self.rows = 0
        self.parts: list[Path] = []
        self.too_long: dict[int, Tally] = {}
        self.longest = 0

    def batch_rows(self, columns: int) -> int:
        """Rows of a batch; 0 columns mean that their number is not known yet."""
        return max(1, BATCH_CELLS // (columns or self.limits.columns))

    @property
    def full(self) -> bool:
        """Whether one row more than allowed has come: readers then stop."""
        return self.rows > self.limits.rows

    def add(self, columns: Sequence[Sequence[str | None]], *, position: int) -> None:
        """One batch, column by column; `position` is how many bytes of the file were read for it."""
        self.add_frame(frame_of(columns), position=position)

    def add_frame(self, frame: pl.DataFrame, *, position: int) -> None:
        """One batch whose columns are strings, named as those of `Table.frame`."""
        self._measure(frame)
        part = self.folder / f"{len(self.parts):06}.parquet"
        frame.write_parquet(part, compression="lz4", statistics=False)
        self.parts.append(part)
        self.rows += frame.height
        self.progress(position)

    def scan(self) -> pl.LazyFrame:
        """All rows in the file's order; a column that an early batch did not know yet is null there."""
        return pl.concat([pl.scan_parquet(part, glob=False) for part in self.parts] or [pl.LazyFrame()], how="diagonal")

    def faults(self, columns: Sequence[str]) -> list[Fault]:
        faults = [self._too_long(columns[at], tally) for at, tally in self.too_long.items()]
        if self.full:
            message = f"The file has more than {self.limits.rows:,} rows, the plan's limit. Send fewer rows."
            faults.append(Fault(code="too_many_rows", message=message, param="file"))
        return faults

    def _measure(self, frame: pl.DataFrame) -> None:
        limit = self.limits.cell_characters
        for at, column in enumerate(frame):
            if not (column.str.len_bytes() > limit).any():  # bytes are at hand, and characters are never more
                continue
            lengths = column.str.len_chars()
            for row in (lengths > limit).arg_true():
                self.too_long.setdefault(at, Tally()).add(self.rows + row + 1)
                self.longest = max(self.longest, lengths[row])

    def _too_long(self, column: str, tally: Tally) -> Fault:
        places = capital(numbered("row", tally.first, tally.count))
        message = (
            f"{places}: the cell in column {echo(column)} is longer than {self.limits.cell_characters:,} characters, "
            f"the plan's limit (the longest has {self.longest:,}). Shorten or split these texts."
        )
        return Fault(code="cell_too_long", message=message, param="file")


def frame_of(columns: Sequence[Sequence[str | None]]) -> pl.DataFrame:
    """A batch of cells as `Table.frame` has them."""
    return pl.DataFrame([pl.Series(str(at), cells, dtype=pl.String) for at, cells in enumerate(columns)])


def named(header: Sequence[str]) -> list[str]:
    """The columns' names: trimmed; an unnamed one is `column_<n>`."""
    return [name.strip() or f"column_{at}" for at, name in enumerate(header, start=1)]


def header_faults(columns: Sequence[str], limits: Limits) -> list[Fault]:
    """Too many columns, or two of the same name."""
    faults = []
    if len(columns) > limits.columns:
        message = f"The file has {len(columns):,} columns; the plan allows {limits.columns:,}. Remove those not needed."
        faults.append(Fault(code="too_many_columns", message=message, param="file"))
    doubled = [name for name, times in Counter(columns).items() if times > 1]
    if doubled:
        names = ", ".join(echo(name) for name in doubled[:FIRST])
        message = f"The header names {names} more than once. Give every column its own name."
        faults.append(Fault(code="duplicate_column", message=message, param="file"))
    return faults
