"""Work on several cores at once, in threads: polars and hashing let go of the interpreter while they work."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item, Found = TypeVar("Item"), TypeVar("Found")


def each(work: Callable[[Item], Found], items: Iterable[Item]) -> list[Found]:
    """`work` of every item, in the items' order. Items and what is found of them are in memory all at once."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return list(threads.map(work, items))
