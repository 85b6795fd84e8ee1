"""Work on several cores at once, in threads: polars and hashing let go of the interpreter while they work."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def each(work: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """`work` of every item, in the items' order. Items and what is found of them are in memory all at once."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return list(threads.map(work, items))
