"""Titles above a header, as reports and spreadsheets have them: recognised only where the header is beyond doubt."""

from collections.abc import Collection, Sequence

from contracts.ingestion import Finding
from contracts.problems import echo
from training.ingest.names import usual

MOST = 10  # rows above a header


def above(rows: Sequence[Sequence[str]], asked: Collection[str]) -> int:
    """How many of the first rows are titles: each has at most one cell that is filled, and the row below them names
    columns, one of them as the customer mapped it or as columns are usually called, and no two alike."""
    for at, row in enumerate(rows[: MOST + 1]):
        names = [cell.strip() for cell in row if cell.strip()]
        if len(names) > 1:
            known = any(name in asked or usual(name) for name in names)
            return at if known and len(set(names)) == len(names) else 0
    return 0


def finding(titles: Sequence[str], noun: str) -> list[Finding]:
    """What is told of the rows that were left out; `titles` are their filled cells, "" for a blank one."""
    if not titles:
        return []
    words = ", ".join(echo(title) for title in titles if title)
    message = (
        f"The header is taken from {noun} {len(titles) + 1}; what stands above it is left out: {words or 'blank'}."
    )
    return [Finding(code="title_rows", severity="info", message=message, count=len(titles))]
