"""columns.json beside a model of tables: how a row becomes the numbers and codes that the model is asked with.

The engine writes it, the runtime reads it; `docs/training.md` describes it to those who read neither.
"""

from dataclasses import dataclass

FILE = "columns.json"
MISSING, OTHER = 0, 1  # the codes of an empty cell, and of a value that training did not see often enough
VALUE = "value"  # the part of a number that is one itself


@dataclass(frozen=True, kw_only=True)
class Number:
    """`part`: `VALUE`, or of a column of moments one of its numbers: `days`, or `sin` or `cos` of a circle."""

    column: str
    part: str


@dataclass(frozen=True, kw_only=True)
class Category:
    """`values`: the commonest first, which has the code 2. `rare`: the share of training rows with others."""

    column: str
    values: tuple[str, ...]
    rare: float


@dataclass(frozen=True, kw_only=True)
class Columns:
    """In the order of the model's inputs. `dropped`: columns that say the same in every training row."""

    numbers: tuple[Number, ...]
    categories: tuple[Category, ...]
    dropped: tuple[str, ...]

    @property
    def used(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([one.column for one in self.numbers] + [one.column for one in self.categories]))
