"""Excel workbooks: one sheet, its cells as their values (a formula's as it was last computed), blank rows left out.

A number is written as briefly as it can be (3, 0.1), a date as 2024-03-01, a truth as TRUE or FALSE. The library
holds a sheet in memory, every cell between its corners; a workbook too large for that is refused before it is opened.
"""

import difflib
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain, islice

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from contracts.ingestion import Finding
from contracts.problems import Problem, echo
from training.ingest.archive import Archive, corrupt
from training.ingest.places import FIRST, Tally
from training.ingest.readers import titles
from training.ingest.readers.complaints import Complaints, refuse_nul
from training.ingest.readers.panics import told_as
from training.ingest.readers.table import Asked, Spool, Table, frame_of, header_faults, named
from training.ingest.upload import Upload

MOST_XML = 512 << 20  # bytes of all parts together: a million rows of ordinary texts take half of it
MOST_CELLS = 20_000_000  # between a sheet's corners, at 32 bytes each
REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,8})([0-9]{1,12})["']""")  # of a cell, or of a row
LONGEST_REFERENCE = 64  # bytes
EXACT = 1e15  # whole numbers below this are exact in Excel

Cell = int | float | str | bool | time | date | datetime | timedelta


def read(upload: Upload, spool: Spool, asked: Asked) -> Table:
    """Faults: those of `header_faults` and of `spool`, `nul_not_allowed`.

    Raises `Problem`: `missing_sheet`, `workbook_too_large`, `corrupt_file`, and those of `Archive.chunks`.
    """
    if upload.workbook is None:
        raise corrupt(upload.filename, "an Excel workbook")
    _refuse_vast(upload.workbook)
    with (
        told_as(corrupt(upload.filename, "an Excel workbook"), CalamineError, OSError),
        CalamineWorkbook.from_path(upload.path) as workbook,
    ):
        name, others = _sheet(workbook, upload.filename, asked.written.sheet)
        return _read(workbook.get_sheet_by_name(name), others, spool, asked, upload.path.stat().st_size)


def _read(sheet: CalamineSheet, others: Sequence[str], spool: Spool, asked: Asked, size: int) -> Table:
    rows = (row for row in sheet.iter_rows() if any(cell != "" for cell in row))
    first = [[_text(cell) for cell in row] for row in islice(rows, titles.MOST + 1)]
    skipped = titles.above(first, asked.columns)
    columns = named(first[skipped] if first else [])
    faults = header_faults(columns, spool.limits)
    dates = _Dates(len(columns))
    complaints = Complaints("row")
    data: Iterator[Sequence[Cell]] = chain(first[skipped + 1 :], rows)
    while not faults and not spool.full and (batch := list(islice(data, spool.batch_rows(len(columns))))):
        cells = list(zip(*batch, strict=True))
        dates.look(cells, spool.rows)
        texts = [[cell if type(cell) is str else _text(cell) for cell in column] for column in cells]
        frame = frame_of(texts)
        refuse_nul(frame, spool.rows, complaints)
        spool.add_frame(frame, position=size * min(spool.rows + frame.height, sheet.height) // sheet.height)
    above = ["".join(row).strip() for row in first[:skipped]]
    return Table(
        columns=tuple(columns),
        rows=spool.rows,
        frame=spool.scan(),
        faults=(*faults, *complaints.faults(), *spool.faults(columns)),
        findings=(*_other_sheets(sheet.name, others), *titles.finding(above, "row"), *dates.findings(columns)),
        details={"sheet": sheet.name},
    )


class _Dates:
    """Dates in columns of text: Excel makes them of what looks like one (1-2, MAR3), and saves no trace of it."""

    def __init__(self, columns: int) -> None:
        self.found = [Tally() for _ in range(columns)]
        self.texts = [0] * columns

    def look(self, columns: Sequence[Sequence[Cell]], before: int) -> None:
        for at, column in enumerate(columns):
            self.texts[at] += sum(type(cell) is str and cell != "" for cell in column)
            if not {date, datetime}.isdisjoint(map(type, column)):
                for row, cell in enumerate(column, start=before + 1):
                    if isinstance(cell, date):
                        self.found[at].add(row)

    def findings(self, columns: Sequence[str]) -> Iterator[Finding]:
        for name, found, texts in zip(columns, self.found, self.texts, strict=True):
            if 0 < found.count < texts:
                message = (
                    f"Column {echo(name)} is mostly text, but {found.count:,} of its cells are dates: Excel may have "
                    "made them of something else. They are read as year-month-day."
                )
                yield Finding(
                    code="dates_in_text", severity="warning", message=message, count=found.count,
                    rows=tuple(found.first),
                )  # fmt: skip


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT:
        return str(int(cell))
    return str(cell)  # dates and times in ISO 8601, with a space between them


def _sheet(workbook: CalamineWorkbook, filename: str, asked: str | None) -> tuple[str, list[str]]:
    """The sheet to read, and the others; without a name the first that is not hidden."""
    sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    names = [sheet.name for sheet in sheets]
    seen = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible] or names
    found = asked if asked is not None else next(iter(seen), None)
    if found not in names or found is None:
        nearest = difflib.get_close_matches(str(asked), names, n=1)
        hint = f" Did you mean {echo(nearest[0])}?" if nearest else ""
        message = f"{echo(filename)} has no sheet {echo(asked or '')}; it has {_listed(names)}.{hint}"
        raise Problem("missing_sheet", message, param="sheet")
    return found, [name for name in seen if name != found]


def _other_sheets(name: str, others: Sequence[str]) -> list[Finding]:
    if not others:
        return []
    message = f'Sheet {echo(name)} is read. Send "sheet" to read another one: {_listed(others)}.'
    return [Finding(code="other_sheets", severity="info", message=message, count=len(others))]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - FIRST:,} more" if len(names) > FIRST else ""
    return (", ".join(echo(name) for name in names[:FIRST]) or "none") + more


def _refuse_vast(workbook: Archive) -> None:
    """Raises `Problem` `workbook_too_large` by what the parts hold, not by what they say of themselves.

    Two cells at a sheet's far corners make it a sheet of 17 billion.
    """
    total = 0
    for entry in workbook.entries:
        rows, columns, rest = 0, 1, b""
        for chunk in workbook.chunks(entry):
            total += len(chunk)
            for letters, digits in REFERENCE.findall(rest + chunk):
                rows, columns = max(rows, int(digits)), max(columns, _number(letters))
            rest = chunk[-LONGEST_REFERENCE:]
            if total > MOST_XML or rows * columns > MOST_CELLS:
                message = (
                    f"{echo(workbook.filename)} is too large for a workbook: over {MOST_XML >> 20} MiB unpacked, or a "
                    f"sheet of over {MOST_CELLS:,} cells from the first to the last. Send it as CSV."
                )
                raise Problem("workbook_too_large", message, param="file")


def _number(letters: bytes) -> int:
    """A column's letters as its number: A is 1, XFD 16,384; 0 for none."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
