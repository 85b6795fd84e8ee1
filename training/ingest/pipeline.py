"""The way of one file, top to bottom: unpacked, read into rows, roles, checks, split, version."""

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from contracts.child import Event
from contracts.ingestion import IngestionSpec
from contracts.problems import Fault, Problem, echo
from contracts.task import COLUMNS, OFFERED
from training.ingest import binary, checks, columns, encoding, formats, split, unpacking, version
from training.ingest.places import FIRST
from training.ingest.readers import BINARY_READERS, TEXT_READERS
from training.ingest.readers.table import Asked, Spool, Table
from training.ingest.unpacking import Upload
from training.ingest.version import Origin, Version
from training.ingest.voice import Voice

HEAD = 1 << 16  # characters that decide the format


def ingest(spec: IngestionSpec, source: Path, work: Path, voice: Voice) -> Version:
    """Raises `Problem` with every fault that can be known at the stage where the file is refused."""
    roles = _roles(spec)
    split.refuse_shares(spec.split)

    if not source.stat().st_size:
        raise Problem.of([_empty(spec.filename)])
    with TemporaryDirectory(dir=work, prefix="ingest-") as folder:
        # 1. The file itself, out of what it was packed in.
        upload = unpacking.unpack(spec, source, Path(folder))
        voice.size = upload.path.stat().st_size
        if not voice.size:
            raise Problem.of([_empty(upload.filename)])

        # 2. Bytes to rows, rows to roles; the rows' and the columns' faults are reported together.
        form, encoded, table = _read(spec, upload, Spool(Path(folder), spec.limits, voice.bytes_read))
        choice = columns.choose(table, spec.columns, roles)
        faults = [*table.faults, *choice.faults]
        if not table.rows and not table.faults:
            faults.insert(0, _empty(upload.filename))
        _raise(faults)
        frame = _roles_of(table, choice.columns)
    _tell(voice, encoded, form, upload, table, choice)

    # 3. The rest is the same wherever rows come from.
    _raise(checks.unreadable(frame, choice.columns))
    origin = Origin(columns=choice.columns, encoding=encoded, format=form, findings=table.findings)
    return version.make(frame, spec, origin, voice)


def derive(spec: IngestionSpec, source: Path, voice: Voice) -> Version:
    """From a version's own data.parquet: rows keep their numbers, their split is made anew by the same rule."""
    split.refuse_shares(spec.split)
    frame = pl.read_parquet(source, columns=["row", "text", "label"])
    voice.bytes_read(source.stat().st_size)
    origin = Origin(columns=spec.columns, encoding=spec.encoding or "utf-8", format=spec.format or "csv")
    return version.make(frame, spec, origin, voice)


def _roles(spec: IngestionSpec) -> tuple[str, ...]:
    if spec.task_kind not in OFFERED:
        message = f"{echo(spec.task_kind)} is no task offered here; offered: {', '.join(OFFERED)}."
        raise Problem("unsupported_task", message, param="task_kind")
    return COLUMNS[spec.task_kind]


def _read(spec: IngestionSpec, upload: Upload, spool: Spool) -> tuple[str, str, Table]:
    """The format, the encoding and the rows."""
    asked = Asked(sheet=spec.sheet, columns=frozenset(spec.columns.values()))
    sample = binary.head(upload.path)
    binary.refuse_binary(sample, upload.filename)
    form = formats.binary_form(sample, filename=upload.filename, stated=spec.format, workbook=bool(upload.workbook))
    if form is not None:
        _refuse_sheet(spec, form)
        return form, encoding.UTF_8, BINARY_READERS[form](upload, spool, asked)
    file = encoding.decode(upload.path, spec.encoding, upload.filename)
    form = formats.text_form(file.head(HEAD), filename=upload.filename, stated=spec.format)
    _refuse_sheet(spec, form)
    return form, file.encoding, TEXT_READERS[form](file, spool, asked)


def _refuse_sheet(spec: IngestionSpec, form: str) -> None:
    if spec.sheet is not None and form != "xlsx":
        message = f'{echo(spec.filename)} is {form}, which has no sheets. Leave out "sheet".'
        raise Problem("missing_sheet", message, param="sheet")


def _empty(filename: str) -> Fault:
    return Fault(code="empty_dataset", message=f"{echo(filename)} holds no rows. Send a header and data.", param="file")


def _raise(faults: list[Fault]) -> None:
    if faults:
        raise Problem.of(faults)


def _roles_of(table: Table, chosen: dict[str, str]) -> pl.DataFrame:
    """row (from 1), and one column a role."""
    positions = {role: str(table.columns.index(name)) for role, name in chosen.items()}
    frame = table.frame.select(pl.col(at).alias(role) for role, at in positions.items()).collect()
    return frame.with_row_index("row", offset=1).cast({"row": pl.Int64})


def _tell(voice: Voice, encoded: str, form: str, upload: Upload, table: Table, choice: columns.Choice) -> None:
    packed = {} if upload.container is None else {"container": upload.container}
    data = {"rows": table.rows, "format": form, "encoding": encoded, **packed, **table.details}
    voice.say(Event(message=f"Read {table.rows:,} rows of {form} in {encoded}.", data=data))
    if upload.left_out:
        names = ", ".join(echo(name) for name in upload.left_out[:FIRST])
        voice.say(Event(message=f"Of the archive, {echo(upload.filename)} is read; left out: {names}."))
    if choice.guessed:
        words = ", ".join(f"{role} from {echo(choice.columns[role])}" for role in choice.guessed)
        voice.say(Event(message=f"Columns were not mapped and are guessed: {words}."))
