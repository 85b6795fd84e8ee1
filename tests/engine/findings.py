"""Made-up findings of a training, for tests of the report: any labels, any number of rows, no model."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from contracts.decision import Decision
from contracts.task import TEXT_CLASSIFICATION, TaskSpec
from tests.engine import tiny
from training.engine.baseline import Baselines
from training.engine.checkpoint import Standing
from training.engine.report.findings import Answered, Findings, describe
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

    def answered(share: float) -> torch.Tensor:
        known = chance.random(rows) < share
        return torch.from_numpy(np.where(known, truth, chance.integers(0, len(labels), rows)))

    def split() -> Answered:
        return Answered(
            logits=torch.nn.functional.one_hot(answered(right), len(labels)).float() * 5,
            truth=torch.from_numpy(truth),
            numbers=list(range(1, rows + 1)),
            lengths=(3 + np.arange(rows) % 40).tolist(),
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
    return describe(
        replace(tiny.spec(Path("/nowhere")), task=task),
        SETTINGS,
        Standing(history=history, best_epoch=3, seconds=12.0),
        rows={"train": 1_000, "validation": 100, "test": rows},
        layers=6,
        test=split(),
        validation=split(),
        plain=Baselines(linear=answered(plain), majority=torch.zeros(rows, dtype=torch.int64)),
    )


def _judged(value: float) -> dict[str, float]:
    return {"valid_accuracy": value, "valid_macro_f1": value}
