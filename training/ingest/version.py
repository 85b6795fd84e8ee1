"""From rows with a text and a label to a version: cleaned, checked, examined, split, counted and hashed."""

from dataclasses import dataclass

import polars as pl

from contracts.child import Event
from contracts.ingestion import DatasetReport, Finding, IngestionSpec
from contracts.problems import Problem
from training.ingest import checks, cleaning, counting, doctor, split
from training.ingest.folding import folded
from training.ingest.voice import Voice


@dataclass(frozen=True, kw_only=True)
class Version:
    """Row, text, label, split by rising row; what is told about them; and every row that a remark is about."""

    frame: pl.DataFrame
    report: DatasetReport
    issues: dict[str, pl.Series]


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where the rows came from, as the report repeats it; `findings` are the reader's own."""

    columns: dict[str, str]
    encoding: str
    format: str
    findings: tuple[Finding, ...] = ()


def make(frame: pl.DataFrame, spec: IngestionSpec, origin: Origin, voice: Voice) -> Version:
    """`frame`: row, text, label. Raises `Problem` with every fault of the stage that refuses."""
    # 1. What is left out, and what the customer's steps change; they may leave a text empty.
    kept, remarks = doctor.without_blanks(frame)
    cleaned, applied = cleaning.clean(kept, spec.steps)
    cleaned, blank = doctor.without_blanks(cleaned) if spec.steps else (cleaned, [])
    for step in applied:
        message = f"{step.name}: {step.changed:,} rows changed, {step.dropped:,} dropped."
        voice.say(Event(message=message, data={"step": step.name, "changed": step.changed, "dropped": step.dropped}))

    # 2. What is refused, what is remarked on.
    if faults := checks.unusable(cleaned, frame.height - cleaned.height):
        raise Problem.of(faults)
    cleaned = cleaned.with_columns(folded(pl.col("text")).alias("folded"))
    remarks += [*blank, *doctor.examine(cleaned)]
    findings = [*origin.findings, *(remark.finding for remark in remarks)]
    _say(voice, findings)

    # 3. The version.
    whole = split.split(cleaned, spec.split).drop("folded")
    report = DatasetReport(
        rows=counting.row_counts(whole),
        columns=origin.columns,
        labels=counting.label_counts(whole),
        encoding=origin.encoding,
        format=origin.format,
        sha256=counting.logical_sha256(whole),
        findings=tuple(findings),
        steps=tuple(applied),
    )
    return Version(frame=whole, report=report, issues={remark.code: remark.rows for remark in remarks})


def _say(voice: Voice, findings: list[Finding]) -> None:
    for finding in findings:
        level = "info" if finding.severity == "info" else "warn"
        voice.say(Event(message=finding.message, level=level, data={"code": finding.code, "count": finding.count}))
