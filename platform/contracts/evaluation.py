"""What the evaluating child is asked: how one published model does on a test split, or which of two does better."""

from dataclasses import dataclass

from contracts.task import (
    AUDIO_CLASSIFICATION,
    IMAGE_CLASSIFICATION,
    QUESTION_ANSWERING,
    TABULAR_CLASSIFICATION,
    TABULAR_REGRESSION,
    TEXT_CLASSIFICATION,
    TEXT_MATCHING,
    TEXT_REGRESSION,
    TOKEN_CLASSIFICATION,
)

# What writes is left out: the tokens of two bases are not the same, and neither is what a perplexity counts.
EVALUATED = (
    (TEXT_CLASSIFICATION, "single-label"),
    (TEXT_CLASSIFICATION, "multi-label"),
    (TEXT_REGRESSION, "scored"),
    (TOKEN_CLASSIFICATION, "tagged"),
    (TEXT_MATCHING, "labelled-pairs"),
    (TEXT_MATCHING, "scored-pairs"),
    (TEXT_MATCHING, "triples"),
    (QUESTION_ANSWERING, "extractive"),
    (TABULAR_CLASSIFICATION, "rows"),
    (TABULAR_REGRESSION, "rows"),
    (IMAGE_CLASSIFICATION, "single-label"),
    (IMAGE_CLASSIFICATION, "multi-label"),
    (AUDIO_CLASSIFICATION, "single-label"),
)
MOST_MODELS = 2


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A published model. `folder`: its files, inside the input folder; `name`: what the customer calls it; `seen`: the
    version that it was trained on, inside the input folder, None where that is the one it is judged on."""

    name: str
    folder: str
    seen: str | None = None


@dataclass(frozen=True, kw_only=True)
class EvaluationSpec:
    """`candidates`: one model, or two that are compared: the first against the second. `metric`: of their task's form.

    Judged are the rows of the test split of `data`, a version's Parquet file inside the input folder, that none of the
    candidates was trained on. The output folder receives report.json, report.html and, last, manifest.json.
    """

    kind: str
    form: str
    metric: str
    candidates: tuple[Candidate, ...]
    data: str = "data.parquet"
    threads: int | None = None
