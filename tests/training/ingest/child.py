"""Runs the ingestion child in this process, on content given by a test, and collects everything it said and wrote."""

import csv
import io
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from contracts.child import Event, Message, ProblemMessage, parse
from contracts.cleaning import Step
from contracts.codec import from_json, to_json
from contracts.ingestion import DatasetReport, Finding, IngestionSpec, Limits, SplitSpec, Written
from contracts.problems import Fault
from training.ingest.__main__ import main

Rows = Iterable[Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`files` are what the output and work folders hold afterwards."""

    code: int
    messages: tuple[Message, ...]
    files: tuple[str, ...]
    data: pl.DataFrame | None
    report: DatasetReport | None
    issues: dict[str, list[int]]  # finding -> every row it is about

    @property
    def frame(self) -> pl.DataFrame:
        assert self.data is not None, self.messages
        return self.data

    @property
    def told(self) -> DatasetReport:
        assert self.report is not None, self.messages
        return self.report

    @property
    def faults(self) -> dict[str, Fault]:
        """Code -> fault of the problem it ended with."""
        last = self.messages[-1]
        assert isinstance(last, ProblemMessage), last
        assert (last.code, last.message) == (last.faults[0].code, last.faults[0].message)
        return {fault.code: fault for fault in last.faults}

    @property
    def findings(self) -> dict[str, Finding]:
        return {finding.code: finding for finding in self.told.findings}

    @property
    def events(self) -> list[Event]:
        return [message for message in self.messages if isinstance(message, Event)]


def ingest(
    content: bytes | str,
    filename: str = "data.csv",
    *,
    format: str | None = None,  # noqa: A002 - the spec's own word
    encoding: str | None = None,
    sheet: str | None = None,
    header: bool | None = None,
    delimiter: str | None = None,
    quotes: bool = True,
    document: str = "line",
    fit: bool = False,
    columns: Mapping[str, str | tuple[str, ...]] | None = None,
    label_separator: str | None = None,
    split: SplitSpec | None = None,
    limits: Limits | None = None,
    task_kind: str = "text-classification",
    steps: tuple[Step, ...] = (),
) -> Outcome:
    spec = IngestionSpec(
        source="upload",
        filename=filename,
        task_kind=task_kind,
        format=format,
        written=Written(
            encoding=encoding,
            sheet=sheet,
            header=header,
            delimiter=delimiter,
            quotes=quotes,
            document=document,
            fit=fit,
        ),
        columns=dict(columns or {}),
        label_separator=label_separator,
        split=split or SplitSpec(),
        limits=limits or Limits(),
        steps=steps,
    )
    with TemporaryDirectory() as folder:
        return run(spec, content.encode() if isinstance(content, str) else content, Path(folder))


def run(spec: IngestionSpec, content: bytes, folder: Path) -> Outcome:
    prepare(spec, content, folder)
    with (folder / "events").open("wb") as stream:
        code = main([*arguments(folder), "--events", str(stream.fileno())])
    return outcome(code, (folder / "events").read_bytes(), folder)


def prepare(spec: IngestionSpec, content: bytes, folder: Path) -> None:
    for name in ("input", "work", "output"):
        (folder / name).mkdir()
    (folder / "input" / spec.source).write_bytes(content)
    (folder / "spec.json").write_bytes(to_json(spec))


def arguments(folder: Path) -> list[str]:
    folders = [word for name in ("input", "work", "output") for word in (f"--{name}", os.fspath(folder / name))]
    return ["--spec", os.fspath(folder / "spec.json"), *folders]


def outcome(code: int, events: bytes, folder: Path) -> Outcome:
    output = folder / "output"
    data, report, issues = (output / name for name in ("data.parquet", "report.json", "issues.json"))
    return Outcome(
        code=code,
        messages=tuple(parse(line) for line in events.splitlines()),
        files=tuple(sorted(path.name for name in ("output", "work") for path in (folder / name).iterdir())),
        data=pl.read_parquet(data.read_bytes()) if data.exists() else None,
        report=from_json(report.read_bytes(), DatasetReport) if report.exists() else None,
        issues=json.loads(issues.read_bytes()) if issues.exists() else {},
    )


def csv_of(rows: Rows, header: Sequence[str] = ("text", "label"), delimiter: str = ",") -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter)
    writer.writerows([header, *rows])
    return stream.getvalue()


def jsonl_of(objects: Iterable[Mapping[str, object]]) -> str:
    return "".join(json.dumps(each) + "\n" for each in objects)


def good_rows(count: int = 20) -> list[tuple[str, str]]:
    """Different texts under two labels, in equal parts."""
    return [(f"this is the text of row {number}", ("card", "loan")[number % 2]) for number in range(1, count + 1)]
