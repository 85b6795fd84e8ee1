"""The way of one file, top to bottom: unpacked, read into rows, roles, checks, split, version."""

from pathlib import Path, PurePosixPath

import polars as pl

from contracts.child import Event
from contracts.ingestion import IngestionSpec
from contracts.problems import Fault, Problem, echo
from contracts.task import DATASET_TYPES, KINDS, MASK, MEDIA, UNLABELLED, form_of
from training.ingest import binary, bundles, columns, encoding, formats, roles, unpacking, version, written
from training.ingest.encoding import TextFile
from training.ingest.media import keeping, layout
from training.ingest.media.extract import Files
from training.ingest.places import FIRST
from training.ingest.readers import BINARY_READERS, TEXT_READERS
from training.ingest.readers.table import Asked, Spool, Table
from training.ingest.reading import Reader
from training.ingest.split import cut
from training.ingest.upload import Part, Upload
from training.ingest.version import BY, Origin, Version
from training.ingest.voice import Voice

HEAD = 1 << 16  # characters that decide the format


def ingest(spec: IngestionSpec, source: Path, folder: Path, voice: Voice, by: Reader | None) -> Version:
    """`folder` is for what comes out of the file; a version's media stay in it until they are written. `by`: how a base
    model would read the texts, where that is known.

    Raises `Problem` with every fault that can be known at the stage where the file is refused.
    """
    _refuse_kind(spec)
    cut.refuse(spec.split)
    written.refuse_nonsense(spec.written)
    if not source.stat().st_size:
        raise Problem.of([_empty(spec.filename)])
    # 1. The file itself, out of what it was packed in.
    upload = unpacking.unpack(spec, source, folder)
    voice.size = upload.path.stat().st_size
    if not voice.size:
        raise Problem.of([_empty(upload.filename)])

    # 2. Bytes to cells, columns to roles; the rows' and the columns' faults are reported together.
    form, encoded, table = _read(spec, upload, Spool(folder, spec.limits, voice.bytes_read))
    choice = columns.choose(table, spec.columns, spec.task_kind)
    faults = [*table.faults, *choice.faults, *_split_faults(spec, table)]
    if not table.rows and not table.faults:
        faults.insert(0, _empty(upload.filename))
    _raise(faults)
    _tell(voice, encoded, form, upload, table, choice)

    # 3. Cells to values. The rest is the same wherever rows come from.
    rows = roles.read(spec, table, choice)
    origin = Origin(
        form=choice.form, columns=choice.columns, encoding=encoded, format=form, findings=table.findings,
        remarks=rows.remarks, files=rows.files, reader=by,
    )  # fmt: skip
    return version.make(rows.frame, spec, origin, voice)


def derive(spec: IngestionSpec, source: Path, folder: Path, voice: Voice, by: Reader | None) -> Version:
    """From a version's own data.parquet: rows keep their numbers, their split is made anew by the same rule."""
    cut.refuse(spec.split)
    form = form_of(spec.task_kind, spec.form)
    media = form.of(*MEDIA)
    frame, files = keeping.read(source, media, folder) if media else (pl.read_parquet(source), {})
    frame = frame.select("row", *(role.name for role in form.roles), *(name for name in (BY,) if name in frame.columns))
    voice.bytes_read(source.stat().st_size)
    origin = Origin(
        form=form, columns=spec.columns, encoding=spec.written.encoding or "utf-8", format=spec.format or "csv",
        files=files, reader=by,
    )  # fmt: skip
    return version.make(frame, spec, origin, voice)


def _refuse_kind(spec: IngestionSpec) -> None:
    if spec.task_kind not in KINDS:
        message = f"{echo(spec.task_kind)} is no task known here; known: {', '.join(DATASET_TYPES)}."
        raise Problem("unsupported_task", message, param="task_kind")


def _split_faults(spec: IngestionSpec, table: Table) -> list[Fault]:
    """`missing_column`: the split goes by a column that is not there."""
    named = spec.split.column
    return [] if named is None or named in table.columns else [columns.missing("split.column", named, table.columns)]


def _read(spec: IngestionSpec, upload: Upload, spool: Spool) -> tuple[str, str, Table]:
    """The format, the encoding and the rows."""
    if upload.files is not None:
        return _read_media(spec, upload.files, spool)
    if not upload.parts:
        return _read_one(spec, upload, spool)
    told: set[tuple[str, str]] = set()

    def read(part: Part, into: Spool) -> Table:
        form, encoded, table = _read_one(spec, Upload(path=part.path, filename=PurePosixPath(part.name).name), into)
        told.add((form, encoded))
        return table

    def decode(part: Part) -> TextFile:
        return encoding.decode(part.path, spec.written.encoding, part.name)

    if bundles.splits(upload.parts):
        table = bundles.stacked(upload.parts, read, spool)
        forms, encodings = (" and ".join(sorted(set(each))) for each in zip(*told, strict=True))
        return forms, encodings, table
    sets = bundles.aligned(upload.parts) or {}
    return "parallel", spec.written.encoding or encoding.UTF_8, bundles.side_by_side(sets, decode, spool)


def _read_media(spec: IngestionSpec, files: Files, spool: Spool) -> tuple[str, str, Table]:
    encoded = spec.written.encoding or encoding.UTF_8

    def read_list(name: str, path: Path) -> Table:
        return _read_one(spec, Upload(path=path, filename=PurePosixPath(name).name), spool)[2]

    masked = any(form.of(MASK) for form in KINDS[spec.task_kind])
    return "media", encoded, layout.read(files, read_list, spool, masked=masked)


def _read_one(spec: IngestionSpec, upload: Upload, spool: Spool) -> tuple[str, str, Table]:
    named = frozenset(name for names in spec.columns.values() for name in columns.several(names))
    asked = Asked(kind=spec.task_kind, columns=named, written=spec.written)
    sample = binary.head(upload.path)
    binary.refuse_binary(sample, upload.filename)
    form = formats.binary_form(sample, filename=upload.filename, stated=spec.format, workbook=bool(upload.workbook))
    if form is not None:
        written.refuse(spec, form)
        return form, encoding.UTF_8, BINARY_READERS[form](upload, spool, asked)
    file = encoding.decode(upload.path, spec.written.encoding, upload.filename)
    plain = spec.task_kind == UNLABELLED
    form = formats.text_form(file.head(HEAD), filename=upload.filename, stated=spec.format, plain=plain)
    written.refuse(spec, form)
    return form, file.encoding, TEXT_READERS[form](file, spool, asked)


def _empty(filename: str) -> Fault:
    return Fault(code="empty_dataset", message=f"{echo(filename)} holds no rows. Send a header and data.", param="file")


def _raise(faults: list[Fault]) -> None:
    if faults:
        raise Problem.of(faults)


def _tell(voice: Voice, encoded: str, form: str, upload: Upload, table: Table, choice: columns.Choice) -> None:
    packed = {} if upload.container is None else {"container": upload.container}
    data = {"rows": table.rows, "format": form, "encoding": encoded, **packed, **table.details}
    voice.say(Event(message=f"Read {table.rows:,} rows of {form} in {encoded}.", data=data))
    if upload.left_out:
        names = ", ".join(echo(name) for name in upload.left_out[:FIRST])
        voice.say(Event(message=f"Of the archive, {echo(upload.filename)} is read; left out: {names}."))
    if choice.guessed:
        words = ", ".join(f"{role} from {columns.called(choice.columns[role])}" for role in choice.guessed)
        voice.say(Event(message=f"Columns were not mapped and are guessed: {words}."))
