"""`python -m training.ingest.erasing --spec F --input DIR --work DIR --output DIR [--events FD]`: the erasing child.

Spec: `contracts.erasing.ErasureSpec` as JSON. Messages and exit codes: `contracts.child`. Rows that stay keep their
numbers and their split; counts, hash and drawings are made anew. The subject is told to nobody.
"""

import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from operator import or_
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from contracts.child import DONE, Done
from contracts.codec import from_json
from contracts.erasing import ErasureSpec, Held
from contracts.ingestion import Finding, IngestionSpec
from contracts.task import MEDIA, form_of
from training.ingest import counting, store
from training.ingest.__main__ import arguments_of, interrupted
from training.ingest.media import keeping
from training.ingest.places import FIRST
from training.ingest.report import measuring
from training.ingest.version import Version, named_by_digest
from training.ingest.voice import Voice


def main(argv: Sequence[str] | None = None) -> int:
    arguments = arguments_of(argv, __doc__.splitlines()[0])
    spec = from_json(arguments.spec.read_bytes(), ErasureSpec)
    with os.fdopen(arguments.events, "wb", closefd=False) as stream:
        voice = Voice(stream, size=len(spec.versions))
        went: dict[str, str | int | float | bool | None] = {}
        for at, held in enumerate(spec.versions, start=1):
            with TemporaryDirectory(dir=arguments.work) as folder:
                rows = erase(held, spec.subject, arguments.input, Path(folder), arguments.output / held.id)
            if rows:
                went[held.id] = rows
            voice.bytes_read(at)
        voice.say(Done(summary=went))
    return DONE


def erase(held: Held, subject: str, source: Path, folder: Path, output: Path) -> int:
    """How many rows went; where some did, the version's files lie in `output`."""
    form = form_of(held.task_kind, held.report.form)
    media = form.of(*MEDIA)
    data = source / f"{held.id}.parquet"
    frame, files = keeping.read(data, media, folder) if media else (pl.read_parquet(data), {})
    named = naming(frame, subject)
    if not named.any():
        return 0
    kept, gone = frame.filter(~named), set(frame["row"].filter(named))
    issues = from_json((source / f"{held.id}.issues.json").read_bytes(), dict[str, list[int]])
    left = {code: [row for row in rows if row not in gone] for code, rows in issues.items()}
    report = replace(
        held.report,
        rows=counting.row_counts(kept),
        labels=counting.class_counts(kept, form),
        sha256=counting.logical_sha256(named_by_digest(kept, form)),
        histograms=measuring.histograms(kept, form),
        findings=tuple(_without(finding, issues, left) for finding in held.report.findings),
    )
    whole = {code: pl.Series(rows, dtype=pl.Int64) for code, rows in left.items()}
    output.mkdir()
    version = Version(form=form, frame=kept, report=report, issues=whole, files=files)
    store.write(version, IngestionSpec(source="", filename=held.filename, task_kind=held.task_kind), output)
    return int(named.sum())


def naming(frame: pl.DataFrame, subject: str) -> pl.Series:
    """Of each row whether a text in it holds the subject, whatever the case; lists and structs are looked through."""
    wanted = subject.lower()
    return reduce(
        or_, (_holding(column, wanted) for column in frame), pl.Series([False] * frame.height, dtype=pl.Boolean)
    )


def _holding(values: pl.Series, wanted: str) -> pl.Series:
    none = pl.Series([False] * len(values), dtype=pl.Boolean)
    if values.dtype == pl.String:
        return values.str.to_lowercase().str.contains(wanted, literal=True).fill_null(value=False)
    if isinstance(values.dtype, pl.Struct):
        return reduce(or_, (_holding(field, wanted) for field in values.struct.unnest()), none)
    if isinstance(values.dtype, pl.List):
        rows = pl.Series(range(len(values)), dtype=pl.Int64)
        each = pl.DataFrame({"row": rows, "item": values}).explode("item")
        holding = each["row"].filter(_holding(each["item"], wanted))
        return rows.is_in(holding.implode())
    return none


def _without(finding: Finding, issues: dict[str, list[int]], left: dict[str, list[int]]) -> Finding:
    """The finding without the rows that went."""
    if finding.code not in issues:
        return finding
    rows = left[finding.code]
    return replace(finding, rows=tuple(rows[:FIRST]), count=finding.count - len(issues[finding.code]) + len(rows))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupted)
    sys.exit(main())
