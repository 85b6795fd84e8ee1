"""One internal request and one internal answer, whatever protocol they travel by."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.prediction import Parameters, Prediction


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that are asked about together."""

    first: str
    second: str

    def __len__(self) -> int:
        return len(self.first) + len(self.second)


@dataclass(frozen=True, slots=True)
class Words:
    """A text that comes in words already."""

    words: tuple[str, ...]

    def __len__(self) -> int:
        return sum(map(len, self.words))


Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a table's row by the names of their columns."""

    cells: dict[str, Cell]

    def __len__(self) -> int:
        return sum(len(cell) for cell in self.cells.values() if isinstance(cell, str))


Input = str | Pair | Words | Row  # its length is in characters


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    inputs: Sequence[Input]
    parameters: Parameters


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One prediction for each input, in order, the version of the model that made them, and the tokens it read."""

    predictions: Sequence[Prediction]
    model: str
    tokens: int
