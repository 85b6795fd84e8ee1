"""Made-up findings of a training, for tests of the report: any labels, any number of rows, no model."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from contracts.decision import Decision
from contracts.task import TEXT_CLASSIFICATION, TaskSpec
from tests.engine import tiny
from training.engine.checkpoint import Standing
from training.engine.data.groups import Group
from training.engine.judging import slicing
from training.engine.judging.baseline import Baselines
from training.engine.judging.classes import Answered, Classes, examine
from training.engine.report.findings import Findings
from training.engine.settings import Settings

SETTINGS = Settings(
    method="full",
    first_layer=0,
    epochs=3,
    batch_size=16,
    learning_rate=3e-4,
    weight_decay=0.01,
    label_smoothing=0.05,
    patience=3,
    max_length=256,
    lora_rank=None,
    seed=0,
    bfloat16=False,
    threads=2,
)


def made(
    labels: Sequence[str] = tiny.LABELS,
    *,
    rows: int = 300,
    right: float = 0.9,
    plain: float = 0.7,
    decision: Decision | None = None,
    metric: str = "accuracy",
) -> Findings:
    """`right`, `plain`: the share of test rows that model and baseline know; of the others they guess."""
    chance = np.random.default_rng(0)
    truth = np.arange(rows) % len(labels)

    def answered(share: float) -> NDArray[np.int64]:
        known = chance.random(rows) < share
        return np.where(known, truth, chance.integers(0, len(labels), rows))

    def split() -> Answered:
        return Answered(
            logits=np.eye(len(labels))[answered(right)] * 5,
            truth=truth,
            numbers=list(range(1, rows + 1)),
        )

    history = [
        {
            "epoch": 1.0 + epoch,
            "step": 9.0,
            "train_loss": 1 / (1 + epoch),
            "valid_loss": 0.5,
            **_judged(0.5 + epoch / 10),
        }
        for epoch in range(3)
    ]
    task = TaskSpec(kind=TEXT_CLASSIFICATION, labels=tuple(labels), metric=metric, decision=decision or Decision())
    simple = Baselines(name="TF-IDF + linear SVM", best=answered(plain), constant=np.zeros(rows, dtype=np.int64))
    detail = examine(task, split(), split(), simple)
    parts = [Group(by=labels[0], value=label, places=np.arange(at, rows, 2)) for at, label in enumerate(labels[:2])]
    return Findings(
        task=task,
        base="tiny",
        layers=6,
        settings=SETTINGS,
        standing=Standing(history=history, best_epoch=3, seconds=12.0),
        rows={"train": 1_000, "validation": 100, "test": rows},
        detail=detail,
        slices=slicing.examine(parts, detail.said),
    )


def classes(findings: Findings) -> Classes:
    assert isinstance(findings.detail, Classes)
    return findings.detail


def _judged(value: float) -> dict[str, float]:
    return {"valid_accuracy": value, "valid_macro_f1": value}
