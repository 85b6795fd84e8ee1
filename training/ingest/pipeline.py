"""The way of one file, top to bottom: bytes, characters, rows, roles, checks, split, version."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from contracts.child import Event
from contracts.ingestion import DatasetReport, Finding, IngestionSpec
from contracts.problems import Fault, Problem, echo
from contracts.task import COLUMNS, OFFERED
from training.ingest import binary, checks, columns, doctor, encoding, formats, split, write
from training.ingest.folding import folded
from training.ingest.readers import READERS
from training.ingest.readers.table import Spool, Table
from training.ingest.voice import Voice

HEAD = 1 << 16  # characters that decide the format


@dataclass(frozen=True, kw_only=True)
class Version:
    """Row, text, label, split by rising row; and what is told about them."""

    frame: pl.DataFrame
    report: DatasetReport


def ingest(spec: IngestionSpec, source: Path, work: Path, voice: Voice) -> Version:
    """Raises `Problem` with every fault that can be known at the stage where the file is refused."""
    roles = _roles(spec)
    split.refuse_shares(spec.split)

    # 1. Bytes to characters.
    if not source.stat().st_size:
        raise Problem.of([_empty(spec.filename)])
    binary.refuse_binary(binary.head(source), spec.filename)
    file = encoding.decode(source, spec.encoding, spec.filename)
    form = formats.recognise(file.head(HEAD), filename=spec.filename, stated=spec.format)

    # 2. Characters to rows, rows to roles; the rows' and the columns' faults are reported together.
    with TemporaryDirectory(dir=work, prefix="spool-") as folder:
        table = READERS[form](file, Spool(Path(folder), spec.limits, voice.bytes_read))
        choice = columns.choose(table, spec.columns, roles)
        faults = [*table.faults, *choice.faults]
        if not table.rows and not table.faults:
            faults.insert(0, _empty(spec.filename))
        _raise(faults)
        frame = _roles_of(table, choice.columns)
    _tell(voice, file.encoding, form, table, choice)

    # 3. What is refused, what is left out, what is remarked on.
    _raise(checks.unreadable(frame, choice.columns))
    kept, findings = doctor.without_blanks(frame)
    _raise(checks.unusable(kept, frame.height - kept.height))
    kept = kept.with_columns(folded(pl.col("text")).alias("folded"))
    findings += doctor.examine(kept)

    # 4. The version.
    whole = split.split(kept, spec.split).drop("folded")
    report = DatasetReport(
        rows=write.row_counts(whole),
        columns=choice.columns,
        labels=write.label_counts(whole),
        encoding=file.encoding,
        format=form,
        sha256=write.logical_sha256(whole),
        findings=tuple(findings),
    )
    _remark(voice, findings)
    return Version(frame=whole, report=report)


def _roles(spec: IngestionSpec) -> tuple[str, ...]:
    if spec.task_kind not in OFFERED:
        message = f"{echo(spec.task_kind)} is no task offered here; offered: {', '.join(OFFERED)}."
        raise Problem("unsupported_task", message, param="task_kind")
    return COLUMNS[spec.task_kind]


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


def _tell(voice: Voice, encoding: str, form: str, table: Table, choice: columns.Choice) -> None:
    data = {"rows": table.rows, "format": form, "encoding": encoding, **table.details}
    voice.say(Event(message=f"Read {table.rows:,} rows of {form} in {encoding}.", data=data))
    if choice.guessed:
        words = ", ".join(f"{role} from {echo(choice.columns[role])}" for role in choice.guessed)
        voice.say(Event(message=f"Columns were not mapped and are guessed: {words}."))


def _remark(voice: Voice, findings: list[Finding]) -> None:
    for finding in findings:
        level = "info" if finding.severity == "info" else "warn"
        voice.say(Event(message=finding.message, level=level, data={"code": finding.code, "count": finding.count}))
