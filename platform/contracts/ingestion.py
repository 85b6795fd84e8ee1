"""What the ingestion child is asked: turn one uploaded file into one immutable data set version."""

from dataclasses import dataclass, field

from contracts.cleaning import Applied, Step

FORMATS = (
    *("csv", "tsv", "jsonl", "json", "chat", "parquet", "xlsx", "text", "conll", "parallel", "triples", "squad"),
)
DOCUMENTS = ("line", "file")
SPLITS = ("train", "validation", "test")


METHODS = ("ratio", "group", "time", "column")


@dataclass(frozen=True, kw_only=True)
class SplitSpec:
    """How rows become train, validation and test; frozen by `seed`. Equal inputs never straddle two splits.

    `ratio`: by shares, stratified by class. `group`: by shares, rows with the same value of `column` together. `time`:
    by shares, the newest by `column` tested. `column`: as `column` says; splits it lacks are cut from its training
    rows. None as `method`: by the column "split" where the file has one that holds nothing but names of splits, else
    by ratio. With `folds`, rows outside the test also get a number from 0 in the column `fold`, for cross-validation.
    """

    method: str | None = None
    column: str | None = None
    train: float = 0.8
    validation: float = 0.1
    test: float = 0.1
    seed: int = 0
    folds: int = 0


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Caps of the plan; crossing one is a `Problem` that names it."""

    rows: int = 1_000_000
    cell_characters: int = 100_000
    columns: int = 2_000
    unpacked_bytes: int = 4 << 30  # of a compressed file, or of a workbook's parts
    compression_ratio: int = 200  # unpacked to packed; tables of text reach 3 to 20
    media_files: int = 100_000  # of one archive
    media_file_bytes: int = 64 << 20
    pixels: int = 25_000_000  # of one picture
    sound_seconds: int = 3_600  # of one sound


@dataclass(frozen=True, kw_only=True)
class Written:
    """How a file is written, where its format leaves that open; None and the defaults mean: as it usually is.

    `encoding`: UTF-8 (with or without BOM) where None, anything else is refused by name until confirmed here. `sheet`
    of a workbook, the first where None. `header` False: the first row is data, the columns are called column_1 and so
    on. `delimiter`: one character between the cells. `quotes` False: quotes are characters like others. `document`: of
    a plain text, each "line" or the whole "file". `fit` True: rows that are longer or shorter than the header are cut
    or filled up, and told; else they are refused.
    """

    encoding: str | None = None
    sheet: str | None = None
    header: bool | None = None
    delimiter: str | None = None
    quotes: bool = True
    document: str = "line"
    fit: bool = False


@dataclass(frozen=True, kw_only=True)
class IngestionSpec:
    """`source` is the file inside the input folder, `filename` what the customer called it.

    `steps` clean the rows before they are split. With `parent`, the id of a version, the source is that version's
    data.parquet and the new version is derived from it: nothing is decoded, mapped or guessed again.

    `columns` maps a role (`text`, `label`) to the customer's column, `features` to several; roles left out are guessed
    and reported. `form` names the form of the kind where it is known; None means that the columns decide.
    `label_separator` parts the labels of a cell that holds several. `base_model` names the one whose tokenizer lies in
    the input folder, as a folder of that name: texts are counted as it reads them.
    The output folder receives `data.parquet` (row: int64, the source row from 1; the form's roles in the types that
    `contracts.task` gives their contents; `split`: str; where asked for, `fold`: int64, and `by`: str, the column that
    decided the split) and `report.json` (`DatasetReport`).
    """

    source: str
    filename: str
    task_kind: str
    format: str | None = None
    written: Written = field(default_factory=Written)
    form: str | None = None
    columns: dict[str, str | tuple[str, ...]] = field(default_factory=dict)
    label_separator: str | None = None
    base_model: str | None = None
    split: SplitSpec = field(default_factory=SplitSpec)
    limits: Limits = field(default_factory=Limits)
    steps: tuple[Step, ...] = ()
    parent: str | None = None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One observation of the data doctor. `rows` holds the first twenty source rows (from 1, header not counted);
    `fix` names the cleaning step that mends it, where one does."""

    code: str
    severity: str  # "info" | "warning" | "error"
    message: str
    count: int
    rows: tuple[int, ...] = ()
    fix: str | None = None


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """How many rows of each split lie between two `edges`, the lower one included; the last range has no upper end
    where `edges` is as long as `counts`."""

    title: str
    unit: str
    edges: tuple[float, ...]
    counts: dict[str, tuple[int, ...]]  # split -> rows


@dataclass(frozen=True, kw_only=True)
class DatasetReport:
    """What is in the version. `sha256` is over the logical content, not the bytes (`training.ingest.counting`)."""

    rows: dict[str, int]  # split -> rows, and "total"
    columns: dict[str, str | tuple[str, ...]]  # role -> the customer's column or columns
    labels: dict[str, dict[str, int]]  # class -> split -> rows, or entities, or boxes
    encoding: str
    format: str
    sha256: str
    form: str = "single-label"
    split: dict[str, str | int | float | None] = field(default_factory=dict)  # how it was made
    findings: tuple[Finding, ...] = ()
    steps: tuple[Applied, ...] = ()
    histograms: tuple[Histogram, ...] = ()
