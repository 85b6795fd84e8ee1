"""Pictures and sounds as a model sees them: arrays of bytes, decoded once and kept where memory suffices."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from contracts.problems import Fault, Problem
from training.engine.data.reading import Rows

KEPT = 1 << 30  # bytes of a split's decoded pictures; above it they are decoded again each time
AT_ONCE = 256  # decoded at a time where all are gone through

Seen = NDArray[np.uint8]  # [height, width, channels]; of several [rows, height, width, channels]


class Undecodable(Exception):
    """A file that holds no picture or no sound."""


class View(Protocol):
    """How a file becomes numbers; everything that the published model's users have to know of it."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width, channels."""

    @property
    def scale(self) -> float:
        """What a byte is multiplied by; then `mean` is taken off, and the rest divided by `std`."""

    @property
    def mean(self) -> tuple[float, ...]: ...

    @property
    def std(self) -> tuple[float, ...]: ...

    @property
    def sentence(self) -> str:
        """What is told of it."""

    def see(self, content: bytes) -> Seen:
        """Raises `Undecodable`."""

    def vary(self, seen: Seen, chance: np.random.Generator) -> Seen:
        """Another one of the same class, as an epoch is to show it."""

    def document(self) -> dict[str, Any]:
        """preprocessor_config.json."""


@dataclass(frozen=True, kw_only=True)
class Media:
    """A split's files. `kept`: of every row what is seen of it, or None where that is too much."""

    contents: pl.Series
    view: View
    kept: Seen | None

    def __len__(self) -> int:
        return len(self.contents)

    def of(self, rows: list[int]) -> Seen:
        if self.kept is not None:
            return np.asarray(self.kept[rows])
        return np.stack([self.view.see(self.contents[row]) for row in rows])

    def each(self, size: int) -> Iterator[Seen]:
        """All rows, so many at a time."""
        for start in range(0, len(self), size):
            yield self.of(list(range(start, min(start + size, len(self)))))


def contents_of(rows: Rows, role: str) -> pl.Series:
    """The files as they came (`training.ingest.media`): a role of media is a struct that holds their bytes."""
    return rows.frame[role].struct.field("bytes")


def measured(rows: Rows, role: str, fact: str) -> list[Any]:
    """What ingestion measured of each file."""
    return rows.frame[role].struct.field(fact).to_list()


def look(rows: Rows, role: str, view: View, *, threads: int) -> Media:
    """Decodes every file. Raises `Problem` (`corrupt_image`, `corrupt_audio`) that names the first broken row."""
    contents = contents_of(rows, role)
    fits = len(rows) * int(np.prod(view.shape)) <= KEPT
    kept = np.empty((len(rows), *view.shape), dtype=np.uint8) if fits else None
    broken = []
    with ThreadPoolExecutor(threads) as pool:  # the decoders let other threads run
        for row, seen in enumerate(pool.map(_trying(view.see), contents)):
            if seen is None:
                broken.append(rows.numbers[row])
            elif kept is not None:
                kept[row] = seen
    if broken:
        message = (
            f"{len(broken)} row(s) have an {role} that cannot be decoded, the first is row {broken[0]}: "
            "replace or remove them."
        )
        raise Problem.of([Fault(code=f"corrupt_{role}", message=message, param=role)])
    return Media(contents=contents, view=view, kept=kept)


def _trying(see: Callable[[bytes], Seen]) -> Callable[[bytes], Seen | None]:
    def tried(content: bytes) -> Seen | None:
        try:
            return see(content)
        except Undecodable:
            return None

    return tried


def varied(seen: Seen, rows: list[int], view: View, *, seed: int, epoch: int) -> Seen:
    """Each row changed as (seed, epoch, row) say: the same in a resumed training and in any order."""
    return np.stack(
        [view.vary(one, np.random.default_rng((seed, epoch, row))) for one, row in zip(seen, rows, strict=True)]
    )
