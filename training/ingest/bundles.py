"""An archive of several files that are one table: a file a split, or line-aligned files that are its columns.

What a file is, its name says. A name part such as train, dev or test is a split. Where no two files name the same
split, they are parts of one table. Else files that differ in their suffix alone (train.en, train.de) are columns of one
part; or those that differ in their name alone, within folders (train/seq.in, train/label). Row numbers run through all
files.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from itertools import islice, zip_longest
from pathlib import PurePosixPath

import polars as pl

from contracts.ingestion import Finding
from contracts.problems import Fault, echo
from training.ingest.encoding import TextFile
from training.ingest.formats import SUFFIXES
from training.ingest.places import FIRST
from training.ingest.readers.table import Spool, Table
from training.ingest.upload import Part

SPLIT = "split"  # the column that tells of each row which split its file is

Columns = dict[str, Part]


def splits(parts: Sequence[Part]) -> bool:
    """Whether the parts are one table's splits."""
    named = [part.split for part in parts]
    return None not in named and len(set(named)) == len(named)


def aligned(parts: Sequence[Part]) -> dict[str, Columns] | None:
    """Set of rows -> column -> file, where the files are line-aligned; None where their names do not say so, or say
    that they are tables in themselves."""
    if any(PurePosixPath(part.name).suffix.lower() in SUFFIXES for part in parts):
        return None
    for keyed in (_by_suffix, _by_folder):
        found: dict[str, Columns] = defaultdict(dict)
        for part in parts:
            rows, column = keyed(part.name)
            found[rows][column] = part
        shapes = {tuple(sorted(columns)) for columns in found.values()}
        if len(shapes) == 1 and len(next(iter(shapes))) > 1 and "" not in next(iter(shapes)):
            return dict(found)
    return None


def _by_suffix(name: str) -> tuple[str, str]:
    path = PurePosixPath(name.removesuffix(".gz"))
    return str(path.with_suffix("")), path.suffix[1:]


def _by_folder(name: str) -> tuple[str, str]:
    path = PurePosixPath(name.removesuffix(".gz"))
    return str(path.parent), path.name


def stacked(parts: Sequence[Part], read: Callable[[Part, Spool], Table], spool: Spool) -> Table:
    """The parts one below another, with a column `split`. `read`: of a part its table.

    Faults: those of the parts, each with its file; `columns_differ`, `too_many_rows`.
    """
    tables, faults = [], list[Fault]()
    for at, part in enumerate(parts):
        folder = spool.folder / f"part{at}"
        folder.mkdir()
        table = read(part, Spool(folder, spool.limits, spool.progress))
        faults += [_of(fault, part) for fault in table.faults]
        tables.append(table)
    first = tables[0].columns
    for part, table in zip(parts, tables, strict=True):
        if not table.faults and sorted(table.columns) != sorted(first):
            message = (
                f"{echo(part.name)} has the columns {_listed(table.columns)}, {echo(parts[0].name)} {_listed(first)}. "
                "Give all files the same, or send them one by one."
            )
            faults.append(Fault(code="columns_differ", message=message, param="file"))
    rows = sum(table.rows for table in tables)
    if rows > spool.limits.rows:
        message = f"The files have {rows:,} rows together; the plan allows {spool.limits.rows:,}. Send fewer."
        faults.append(Fault(code="too_many_rows", message=message, param="file"))
    if faults:
        return Table(columns=first, rows=0, frame=pl.LazyFrame(), faults=tuple(faults))
    frames = [_placed(table, first, part.split or "") for part, table in zip(parts, tables, strict=True)]
    return Table(
        columns=(*first, SPLIT),
        rows=rows,
        frame=pl.concat(frames),
        faults=(),
        findings=(_told([part.name for part in parts], [table.rows for table in tables]),),
        details=tables[0].details,
    )


def side_by_side(sets: Mapping[str, Columns], decode: Callable[[Part], TextFile], spool: Spool) -> Table:
    """A line of each file is a row. Faults: those of `spool`, `unequal_lines`."""
    columns = tuple(sorted(next(iter(sets.values()))))
    faults, counts = list[Fault](), []
    for files in sets.values():
        before, split = spool.rows, next(iter(files.values())).split or ""
        with ExitStack() as stack:
            streams = [stack.enter_context(decode(files[column]).open(newline=None)) for column in columns]
            lines = zip_longest(*streams)
            while not spool.full and (batch := list(islice(lines, spool.batch_rows(len(columns) + 1)))):
                if None in batch[-1]:
                    faults.append(_unequal(files, decode))
                    break
                cells = [[line.rstrip("\n") for line in column] for column in zip(*batch, strict=True)]
                spool.add([*cells, [split] * len(batch)], position=0)
        counts.append(spool.rows - before)
    return Table(
        columns=(*columns, SPLIT),
        rows=spool.rows,
        frame=spool.scan(),
        faults=(*faults, *spool.faults((*columns, SPLIT))),
        findings=(_told(list(sets), counts),),
    )


def _unequal(files: Columns, decode: Callable[[Part], TextFile]) -> Fault:
    lengths = []
    for part in files.values():
        with decode(part).open(newline=None) as stream:
            lengths.append(f"{echo(part.name)} has {sum(1 for _ in stream):,} lines")
    message = f"{', '.join(lengths)}. Files side by side need as many lines each: find where they part."
    return Fault(code="unequal_lines", message=message, param="file")


def _placed(table: Table, columns: Sequence[str], split: str) -> pl.LazyFrame:
    """The table's columns in the order of the first one's, and the split behind them."""
    at = [pl.col(str(table.columns.index(name))).alias(str(number)) for number, name in enumerate(columns)]
    return table.frame.select(*at, pl.lit(split).alias(str(len(columns))))


def _of(fault: Fault, part: Part) -> Fault:
    return Fault(code=fault.code, message=f"{echo(part.name)}: {fault.message}", param=fault.param)


def _told(names: Sequence[str], rows: Sequence[int]) -> Finding:
    """Which rows came from where."""
    ends = [sum(rows[: at + 1]) for at in range(len(rows))]
    spans = [
        f"{echo(name)} rows {end - count + 1:,} to {end:,}" for name, end, count in zip(names, ends, rows, strict=True)
    ]
    message = f"Several files are read as one: {', '.join(spans[:FIRST])}."
    return Finding(code="several_files", severity="info", message=message, count=len(names))


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(map(echo, columns[:FIRST]))
