"""From typed rows to a version: cleaned, checked, examined, split, counted and hashed."""

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from contracts.child import Event
from contracts.ingestion import DatasetReport, Finding, Histogram, IngestionSpec, SplitSpec
from contracts.problems import Problem
from contracts.task import MEDIA, TEXT, Form
from training.ingest import checks, cleaning, counting, doctor, near, reading
from training.ingest.keys import asked_with, sample, with_keys, without_keys
from training.ingest.reading import Reader
from training.ingest.remarks import Remark
from training.ingest.report import measuring
from training.ingest.split import cut
from training.ingest.voice import Voice

BY = "by"  # the column that decides the split, where one does


@dataclass(frozen=True, kw_only=True)
class Version:
    """Row, roles, split by rising row; what is told about them; and every row that a remark is about."""

    form: Form
    frame: pl.DataFrame
    report: DatasetReport
    issues: dict[str, pl.Series]
    files: dict[str, Path]  # the media that rows name, by their SHA-256
    reader: Reader | None = None


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where the rows came from, as the report repeats it; `findings` and `remarks` are of those who read them."""

    form: Form
    columns: dict[str, str | tuple[str, ...]]
    encoding: str
    format: str
    findings: tuple[Finding, ...] = ()
    remarks: tuple[Remark, ...] = ()
    files: dict[str, Path] = field(default_factory=dict)
    reader: Reader | None = None


def make(frame: pl.DataFrame, spec: IngestionSpec, origin: Origin, voice: Voice) -> Version:
    """`frame`: row, the form's roles, and `by` where a column may decide the split.

    Raises `Problem` with every fault of the stage that refuses.
    """
    form = origin.form
    # 1. What is left out, and what the customer's steps change; they may leave a text empty.
    kept, remarks = doctor.without_blanks(frame, form)
    cleaned, applied = cleaning.clean(kept, form, spec.steps)
    cleaned, blank = doctor.without_blanks(cleaned, form) if spec.steps else (cleaned, [])
    for step in applied:
        message = f"{step.name}: {step.changed:,} rows changed, {step.dropped:,} dropped."
        voice.say(Event(message=message, data={"step": step.name, "changed": step.changed, "dropped": step.dropped}))

    # 2. What is refused, what is remarked on.
    measured = spec.split.train < 1
    if faults := checks.unusable(cleaned, form, frame.height - cleaned.height, measured=measured):
        raise Problem.of(faults)
    split = cut.settled(spec.split, cleaned[BY] if BY in cleaned.columns else None)
    keyed = with_keys(cleaned if split.column else cleaned.drop(BY, strict=False), form)
    if texts := [role.name for role in form.inputs if role.content == TEXT]:
        head = asked_with(keyed.head(near.reach(keyed, texts)), form)
        keyed = keyed.with_columns(near.groups(keyed["input_key"], head).alias("group"))
    remarks = [*origin.remarks, *remarks, *blank, *doctor.examine(keyed, form)]

    # 3. The version.
    whole, told = cut.cut(keyed, split)
    remarks += told
    read, drawn = _read(whole, origin)
    remarks += read
    findings = [*origin.findings, *(remark.finding for remark in remarks)]
    _say(voice, findings)
    whole = without_keys(whole)
    report = DatasetReport(
        rows=counting.row_counts(whole),
        columns=origin.columns,
        labels=counting.class_counts(whole, form),
        encoding=origin.encoding,
        format=origin.format,
        sha256=counting.logical_sha256(named_by_digest(whole, form)),
        form=form.name,
        split=_told(split),
        findings=tuple(findings),
        steps=tuple(applied),
        histograms=(*measuring.histograms(whole, form), *drawn),
    )
    issues = {remark.code: remark.rows for remark in remarks}
    return Version(form=form, frame=whole, report=report, issues=issues, files=origin.files, reader=origin.reader)


def _read(whole: pl.DataFrame, origin: Origin) -> tuple[list[Remark], list[Histogram]]:
    """As a base model would read the texts, where one is at hand."""
    if origin.reader is None or not any(role.content == TEXT for role in origin.form.inputs):
        return [], []
    some = sample(whole, reading.SAMPLE)
    texts = pl.concat_str([pl.col(role.name) for role in origin.form.inputs if role.content == TEXT], separator=" ")
    remarks, drawn = reading.examine(some.select("row", "split"), some.select(texts).to_series(), origin.reader)
    return remarks, [drawn]


def named_by_digest(frame: pl.DataFrame, form: Form) -> pl.DataFrame:
    """Of media the SHA-256 stands for all: what was measured of them depends on who measures."""
    return frame.with_columns(pl.col(name).struct.field("sha256").alias(name) for name in form.of(*MEDIA))


def _told(spec: SplitSpec) -> dict[str, str | int | float | None]:
    told: dict[str, str | int | float | None] = {"method": spec.method, "column": spec.column}
    return {**told, "train": spec.train, "validation": spec.validation, "test": spec.test, "seed": spec.seed,
            "folds": spec.folds}  # fmt: skip


def _say(voice: Voice, findings: list[Finding]) -> None:
    for finding in findings:
        level = "info" if finding.severity == "info" else "warn"
        voice.say(Event(message=finding.message, level=level, data={"code": finding.code, "count": finding.count}))
