"""Rows that belong together because they share something with a row that shares something else with a third."""

import polars as pl

Node = tuple[int, int | str]  # 0 and a value of `one`, or 1 and a value of `other`


def joined(one: pl.Series, other: pl.Series) -> pl.Series:
    """A name for each row, the same for rows joined by equal values of either series: the least `one` of theirs.

    `one` is of numbers, `other` of strings; an empty one joins nothing. By union-find (Tarjan 1975).
    """
    parents: dict[Node, Node] = {}

    def root(node: Node) -> Node:
        while parents.setdefault(node, node) != node:
            parents[node] = parents[parents[node]]
            node = parents[node]
        return node

    pairs = list(zip(one, other, strict=True))
    names: dict[Node, int] = {}
    for left, right in pairs:
        if right:
            parents[root((1, right))] = root((0, left))
    for left, _ in pairs:
        known = names.setdefault(root((0, left)), left)
        names[root((0, left))] = min(known, left)
    return pl.Series([names[root((0, left))] for left, _ in pairs], dtype=one.dtype)
