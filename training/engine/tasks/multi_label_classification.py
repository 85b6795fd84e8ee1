"""The recipe for any number of labels a text, each decided by itself."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody reads
from numpy.typing import NDArray
from torch import Tensor
from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerBase

from contracts.fine_tune import WEIGHTS
from contracts.problems import Fault
from contracts.task import TaskSpec
from training.engine.data.reading import Rows
from training.engine.data.tokens import Tokens, tokenise
from training.engine.judging import baseline as plainly
from training.engine.judging import labels
from training.engine.judging.baseline import Baselines
from training.engine.judging.labels import Labels, LabelScores
from training.engine.judging.said import Said
from training.engine.model.head import start_at_line
from training.engine.tasks import faults
from training.engine.tasks.kind import Known
from training.engine.tasks.texts import SHOWN, Options, Split

HEAD = AutoModelForSequenceClassification
FEWEST_A_LABEL = 2  # training rows
SURE = 3.0  # logits of +-3 are 95 %: what the line that a head starts at aims for


def faults_of_task(task: TaskSpec) -> list[Fault]:
    return faults.of_labels(task, fewest=1) + faults.of_metric(task)


def faults_of_rows(task: TaskSpec, splits: dict[str, Rows]) -> list[Fault]:
    """Too few rows in a split or of a label, and labels that the task does not have."""
    named = [
        (number, label)
        for rows in splits.values()
        for number, several in zip(rows.numbers, rows["labels"], strict=True)
        for label in several
    ]
    counts = Counter(label for several in splits["train"]["labels"] for label in several)
    return [
        *faults.of_sizes(splits),
        *faults.of_unknown(task, named, param="labels"),
        *faults.of_rare(task, counts, fewest=FEWEST_A_LABEL),
    ]


def outputs(task: TaskSpec) -> tuple[str, ...]:
    return task.labels


def tokens(tokenizer: PreTrainedTokenizerBase, rows: Rows, *, max_length: int) -> Tokens:
    return tokenise(tokenizer, rows["text"], max_length=max_length)


def targets(task: TaskSpec, rows: Rows, tokens: Tokens | None = None) -> Tensor:
    """(N, labels) float32 of 0 and 1."""
    index = {label: position for position, label in enumerate(task.labels)}
    truth = torch.zeros(len(rows), len(task.labels))
    for row, several in enumerate(rows["labels"]):
        truth[row, [index[label] for label in several]] = 1.0
    return truth


def options(train: Split) -> Options:
    return {}


def unit(truth: Tensor) -> None:
    return None


def weights(task: TaskSpec, asked: str | dict[str, float] | None, truth: Tensor) -> Tensor | None:
    """(labels,) what a row that has the label counts against one that has not. "auto": both sides count alike."""
    if asked is None:
        return None
    if isinstance(asked, dict):
        return torch.tensor([asked.get(label, 1.0) for label in task.labels])
    having = truth.sum(0)
    return ((len(truth) - having) / having).clamp(*WEIGHTS)


def shown(truth: Tensor, texts: int) -> list[int]:
    return list(range(min(texts, SHOWN)))


def start(model: Any, features: Tensor, truth: Tensor) -> None:
    start_at_line(model, features, (2 * truth - 1) * SURE)


def loss(logits: Tensor, truth: Tensor, *, smoothing: float, weights: Tensor | None) -> Tensor:
    """Mean binary cross-entropy over texts and labels, nats; where a label is given, times its weight."""
    soft = truth * (1 - smoothing) + smoothing / 2
    return F.binary_cross_entropy_with_logits(logits.float(), soft, pos_weight=weights)


def imitate(logits: Tensor, taught: Tensor) -> Tensor:
    """Binary cross-entropy against the other model's probabilities."""
    return F.binary_cross_entropy_with_logits(logits.float(), taught.float().sigmoid())


def judge(task: TaskSpec, split: Known, logits: Tensor) -> LabelScores:
    return labels.scores(_given(split.truth), _answers(task, logits))


def said(task: TaskSpec, split: Known, logits: Tensor) -> Said:
    return labels.said(task, _given(split.truth), _answers(task, logits))


def plain(task: TaskSpec, split: Known, found: Baselines) -> Said:
    return labels.said(task, _given(split.truth), found.best)


def baseline(task: TaskSpec, train: Split, test: Split, *, seed: int) -> Baselines:
    return plainly.several((train.rows["text"],), _given(train.truth), (test.rows["text"],), seed=seed)


def examine(task: TaskSpec, answered: Mapping[str, tuple[Known, Tensor]], plain: Baselines) -> Labels:
    split, logits = answered["test"]
    return labels.examine(task, _given(split.truth), _answers(task, logits), plain, split.rows.numbers)


def _given(truth: Tensor) -> NDArray[np.bool_]:
    return truth.bool().numpy()


def _answers(task: TaskSpec, logits: Tensor) -> NDArray[np.bool_]:
    return labels.decided(task, logits.sigmoid().double().numpy())
