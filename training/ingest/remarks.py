"""What is remarked on and refuses nothing: a sentence, the rows it is about, and the step that mends it."""

from dataclasses import dataclass

import polars as pl

from contracts.ingestion import Finding
from training.ingest.places import FIRST


@dataclass(frozen=True, kw_only=True)
class Remark:
    """`rows`: the source rows it is about, all of them; `count` where it counts something else than rows."""

    code: str
    severity: str  # "info" | "warning" | "error"
    message: str
    rows: pl.Series
    count: int | None = None
    fix: str | None = None

    @property
    def finding(self) -> Finding:
        count = len(self.rows) if self.count is None else self.count
        first = tuple(self.rows.head(FIRST))
        return Finding(
            code=self.code, severity=self.severity, message=self.message, count=count, rows=first, fix=self.fix
        )


def remark(code: str, severity: str, message: str, rows: pl.Series, *, fix: str | None = None) -> list[Remark]:
    """One remark, or none where there is no row."""
    return [Remark(code=code, severity=severity, message=message, rows=rows, fix=fix)] if len(rows) else []


def counted(number: int, one: str, many: str) -> str:
    """`1 row has`, `2,000 rows have`."""
    return f"{number:,} {one if number == 1 else many}"
