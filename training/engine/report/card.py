"""README.md of a model: the model card as hubs and their libraries read it (Mitchell et al. 2019, arXiv:1810.03993;
metadata as huggingface.co/docs/hub/model-cards has it)."""

from typing import Any

from huggingface_hub import EvalResult, ModelCardData

from contracts.task import (
    CAUSAL_LANGUAGE,
    MASKED_LANGUAGE,
    OBJECT_DETECTION,
    OBJECTIVES,
    SEQUENCE_PREDICTION,
    TABULAR_CLASSIFICATION,
    TABULAR_REGRESSION,
    TEXT_CLASSIFICATION,
    TEXT_GENERATION,
    TEXT_MATCHING,
    TEXT_REGRESSION,
    form_of,
)
from training.engine.judging.compared import shown, spelt
from training.engine.model import detector
from training.engine.report.findings import Findings

# A hub's name for what the model does, where it is not the kind's own.
PIPELINES = {
    (TEXT_REGRESSION, None): TEXT_CLASSIFICATION,
    (TEXT_MATCHING, "labelled-pairs"): TEXT_CLASSIFICATION,
    (TEXT_MATCHING, None): "sentence-similarity",
    (MASKED_LANGUAGE, None): "fill-mask",
    (CAUSAL_LANGUAGE, None): TEXT_GENERATION,
}
# What loads its files, by form or by base, where that is not transformers.
LIBRARIES = {
    (TEXT_MATCHING, "scored-pairs"): "sentence-transformers",
    (TEXT_MATCHING, "triples"): "sentence-transformers",
    (TABULAR_CLASSIFICATION, "rows"): "onnx",
    (TABULAR_REGRESSION, "rows"): "onnx",
    (OBJECT_DETECTION, detector.NAME): "onnx",
    (SEQUENCE_PREDICTION, "answered"): "onnx",
    (SEQUENCE_PREDICTION, "next-item"): "onnx",
}
LISTED = 50  # labels named: of more, their number
LEAST = 0.001  # of a chance: nothing is impossible


def card(findings: Findings, *, hub: str | None) -> str:
    """`hub`: the base's id at a hub, None where it comes from elsewhere."""
    name = f"{findings.base}-{findings.task.kind}"
    return f"---\n{_metadata(findings, name, hub).to_yaml()}\n---\n\n{_text(findings, name)}"


def _metadata(findings: Findings, name: str, hub: str | None) -> ModelCardData:
    compared, task = findings.compared, findings.task
    pipeline = PIPELINES.get((task.kind, task.form), PIPELINES.get((task.kind, None), task.kind))
    result: dict[str, Any] = {
        "task_type": pipeline, "dataset_type": "private", "dataset_name": "held-out rows", "dataset_split": "test",
        "metric_type": compared.metric, "metric_name": spelt(compared.metric), "metric_value": round(compared.model, 6),
    }  # fmt: skip
    return ModelCardData(
        model_name=name,
        base_model=hub,
        library_name=_library(findings),
        pipeline_tag=pipeline,
        tags=["landfall", task.kind],
        metrics=[compared.metric],
        eval_results=[EvalResult(**result)],
    )


def _library(findings: Findings) -> str:
    kind, form = findings.task.kind, form_of(findings.task.kind, findings.task.form).name
    return LIBRARIES.get((kind, form)) or LIBRARIES.get((kind, findings.base)) or "transformers"


def _text(findings: Findings, name: str) -> str:
    compared, standing, rows = findings.compared, findings.standing, findings.rows
    low, high = (shown(compared.metric, bound) for bound in compared.intervals[0])
    epoch = f", epoch {standing.best_epoch} of {len(standing.history)}" if standing.history else ""
    labels = findings.task.labels
    named = ", ".join(f"`{label}`" for label in labels) if len(labels) <= LISTED else f"{len(labels):,} classes"
    learns = findings.task.kind in OBJECTIVES
    answers = "It is a base for others and answers nothing itself." if learns else f"It tells apart: {named}."
    return (
        f"# {name}\n\n{compared.sentence}\n\n"
        f"{findings.title} {'by' if learns else 'for'} {findings.task.kind} ({findings.settings.method}{epoch}, seed "
        f"{findings.settings.seed}).{f' {answers}' if learns or labels else ''}\n\n"
        "## Evaluation\n\n"
        f"| | {spelt(compared.metric)} | 95 % interval |\n|---|---|---|\n"
        f"| this model | {shown(compared.metric, compared.model)} | {low} - {high} |\n"
        f"| {compared.name} | {shown(compared.metric, compared.baseline)} | |\n\n"
        f"On {compared.rows:,} test rows that were seen neither in training ({rows['train']:,} rows) nor in choosing "
        f"the epoch ({rows['validation']:,} rows). Such a difference between equally good models has a chance of "
        f"{_chance(compared.chance)}. `report.html` and `metrics.json` say where the model is weak.\n\n"
        "## Limits\n\n"
        "The figures hold for rows like those of the data set. Other sources, languages and times were not measured.\n"
    )


def _chance(value: float) -> str:
    return f"{value:.3f}" if value >= LEAST else f"less than {LEAST}"
