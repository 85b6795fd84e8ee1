"""What the ingestion child is asked: turn one uploaded file into one immutable data set version."""

from dataclasses import dataclass, field

FORMATS = ("csv", "tsv", "jsonl")
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, kw_only=True)
class SplitSpec:
    """Shares of the rows, stratified by label; frozen by `seed`. Equal texts never straddle two splits."""

    train: float = 0.8
    validation: float = 0.1
    test: float = 0.1
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Caps of the plan; crossing one is a `Problem` that names it."""

    rows: int = 1_000_000
    cell_characters: int = 100_000
    columns: int = 2_000


@dataclass(frozen=True, kw_only=True)
class IngestionSpec:
    """`source` is the file inside the input folder, `filename` what the customer called it.

    `columns` maps a role (`text`, `label`) to the customer's column name; missing roles are guessed and reported.
    `encoding` None means: UTF-8 (with or without BOM), anything else is refused by name until confirmed here.
    The output folder receives `data.parquet` (columns row: int64 source row from 1, text, label: str, split: str)
    and `report.json` (`DatasetReport`).
    """

    source: str
    filename: str
    task_kind: str
    format: str | None = None
    encoding: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    split: SplitSpec = field(default_factory=SplitSpec)
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One observation of the data doctor. `rows` holds the first twenty source rows (from 1, header not counted)."""

    code: str
    severity: str  # "info" | "warning" | "error"
    message: str
    count: int
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DatasetReport:
    """What is in the version. `sha256` is over the logical content (row, text, label, split), not the bytes."""

    rows: dict[str, int]  # split -> rows, and "total"
    columns: dict[str, str]  # role -> the customer's column
    labels: dict[str, dict[str, int]]  # label -> split -> rows
    encoding: str
    format: str
    sha256: str
    findings: tuple[Finding, ...] = ()
