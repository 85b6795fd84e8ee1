"""What the erasing child is asked: take one person's rows out of data set versions."""

from dataclasses import dataclass

from contracts.ingestion import DatasetReport


@dataclass(frozen=True, kw_only=True)
class Held:
    """A version in the input folder: `<id>.parquet` and `<id>.issues.json`, and what else is known of it."""

    id: str
    task_kind: str
    filename: str
    report: DatasetReport


@dataclass(frozen=True, kw_only=True)
class ErasureSpec:
    """A row goes if `subject` occurs in any of its texts, whatever the case. The output folder receives a folder a
    version that held some, with the version's files anew; the summary says how many rows went from each."""

    subject: str
    versions: tuple[Held, ...]
