"""One remark about several columns, each with its rows."""

from collections.abc import Mapping

import polars as pl

from contracts.problems import echo
from training.ingest.places import FIRST, numbered
from training.ingest.remarks import Remark

FEW = 3  # rows named a column; the finding itself lists more


def told(
    code: str, severity: str, message: str, found: Mapping[str, pl.Series], *, fix: str | None = None
) -> list[Remark]:
    """`found`: column -> source rows, none empty. `{columns}` stands in `message` for the columns and their rows."""
    if not found:
        return []
    words = [f"{echo(name)} ({numbered('row', rows.head(FEW).to_list(), len(rows))})" for name, rows in found.items()]
    more = f" and {len(words) - FIRST} more" if len(words) > FIRST else ""
    rows = pl.concat(list(found.values())).unique().sort()
    text = message.replace("{columns}", ", ".join(words[:FIRST]) + more)
    return [Remark(code=code, severity=severity, message=text, rows=rows, fix=fix)]


def named(code: str, severity: str, message: str, columns: list[str]) -> list[Remark]:
    """A remark about whole columns: `{columns}` stands for their names, the count is how many they are."""
    if not columns:
        return []
    names = ", ".join(map(echo, columns[:FIRST])) + (
        f" and {len(columns) - FIRST} more" if len(columns) > FIRST else ""
    )
    none = pl.Series(dtype=pl.Int64)
    return [
        Remark(code=code, severity=severity, message=message.replace("{columns}", names), rows=none, count=len(columns))
    ]
