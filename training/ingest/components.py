"""Things that belong together because one shares something with another that shares something with a third."""

from collections.abc import Hashable
from typing import Generic, TypeVar

import polars as pl

T = TypeVar("T", bound=Hashable)


class Components(Generic[T]):
    """Sets of things, joined two by two (union-find, Tarjan 1975)."""

    def __init__(self) -> None:
        self.parents: dict[T, T] = {}

    def root(self, thing: T) -> T:
        """The same for all that are joined."""
        while self.parents.setdefault(thing, thing) != thing:
            self.parents[thing] = self.parents[self.parents[thing]]
            thing = self.parents[thing]
        return thing

    def join(self, one: T, other: T) -> None:
        self.parents[self.root(other)] = self.root(one)


def joined(one: pl.Series, other: pl.Series) -> pl.Series:
    """A name for each row, the same for rows joined by equal values of either series: the least `one` of theirs.

    `one` is of numbers, `other` of strings; an empty one joins nothing.
    """
    components, names = Components[int | str](), dict[int | str, int]()
    pairs = list(zip(one.to_list(), other.to_list(), strict=True))
    for number, text in pairs:
        components.join(number, text or number)
    for number, _ in pairs:
        root = components.root(number)
        names[root] = min(names.get(root, number), number)
    return pl.Series([names[components.root(number)] for number, _ in pairs], dtype=one.dtype)
