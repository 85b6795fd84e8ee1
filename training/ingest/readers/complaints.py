"""Records that could not be read, by code: all of them counted, the first of each kind in its own words."""

import polars as pl

from contracts.problems import Fault
from training.ingest.places import Tally, capital, numbered


class Complaints:
    """`noun` is what the numbers count: lines of a file, rows of a table."""

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self.tallies: dict[str, Tally] = {}
        self.reasons: dict[str, str] = {}

    def add(self, code: str, number: int, reason: str) -> None:
        self.tallies.setdefault(code, Tally()).add(number)
        self.reasons.setdefault(code, reason)

    def faults(self) -> list[Fault]:
        return [
            Fault(code=code, message=f"{self._places(tally)}: {self.reasons[code]}", param="file")
            for code, tally in self.tallies.items()
        ]

    def _places(self, tally: Tally) -> str:
        return capital(numbered(self.noun, tally.first, tally.count))


def refuse_nul(frame: pl.DataFrame, before: int, complaints: Complaints) -> None:
    """Complains about rows of a batch that hold NUL, `before` rows having come before it; only strings may be in it."""
    held = frame.select(pl.any_horizontal(pl.all().str.contains("\0", literal=True).fill_null(value=False)))
    for row in held.to_series().arg_true():
        complaints.add("nul_not_allowed", before + row + 1, "holds a NUL character. Remove it; text has no use for it.")
