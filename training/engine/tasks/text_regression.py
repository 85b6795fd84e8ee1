"""The recipe for a number a text."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody reads
from numpy.typing import NDArray
from torch import Tensor
from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerBase

from contracts.problems import Fault
from contracts.task import TaskSpec
from training.engine.data.reading import Rows
from training.engine.data.tokens import Tokens, tokenise
from training.engine.judging import baseline as plainly
from training.engine.judging import numbers
from training.engine.judging.baseline import Baselines
from training.engine.judging.numbers import Numbers, NumberScores
from training.engine.judging.said import Said
from training.engine.model.head import start_at_line
from training.engine.tasks import faults
from training.engine.tasks.kind import Known
from training.engine.tasks.texts import SHOWN, Options, Split
from training.engine.tasks.units import Unit, unit_of

HEAD = AutoModelForSequenceClassification  # one output makes it a regression


def faults_of_task(task: TaskSpec) -> list[Fault]:
    return faults.of_metric(task)


def faults_of_rows(task: TaskSpec, splits: dict[str, Rows]) -> list[Fault]:
    """Too few rows in a split, and training rows that all say the same."""
    return faults.of_sizes(splits) + faults.of_one_value(splits["train"], "score")


def outputs(task: TaskSpec) -> tuple[str, ...]:
    return ("score",)


def tokens(tokenizer: PreTrainedTokenizerBase, rows: Rows, *, max_length: int) -> Tokens:
    return tokenise(tokenizer, rows["text"], max_length=max_length)


def targets(task: TaskSpec, rows: Rows, tokens: Tokens) -> Tensor:
    """(N, 1) float32, in the customer's unit."""
    return torch.tensor(rows["score"], dtype=torch.float32)[:, None]


def options(train: Split) -> Options:
    return {}


def unit(truth: Tensor) -> Unit:
    return unit_of(truth)


def weights(task: TaskSpec, asked: str | dict[str, float] | None, truth: Tensor) -> None:
    return None


def shown(truth: Tensor, texts: int) -> list[int]:
    return list(range(min(texts, SHOWN)))


def start(model: Any, features: Tensor, truth: Tensor) -> None:
    start_at_line(model, features, truth)


def loss(logits: Tensor, truth: Tensor, *, smoothing: float, weights: Tensor | None) -> Tensor:
    """Mean squared error, in variances of the training rows: 1 is what their mean reaches."""
    return F.mse_loss(logits.float(), truth)


def imitate(logits: Tensor, taught: Tensor) -> Tensor:
    return F.mse_loss(logits.float(), taught.float())


def judge(task: TaskSpec, split: Split, logits: Tensor) -> NumberScores:
    return numbers.scores(*_both(split, logits))


def said(task: TaskSpec, split: Known, logits: Tensor) -> Said:
    return numbers.said(task, *_both(split, logits))


def plain(task: TaskSpec, split: Known, found: Baselines) -> Said:
    return numbers.said(task, split.truth[:, 0].double().numpy(), found.best)


def baseline(task: TaskSpec, train: Split, test: Split, *, seed: int) -> Baselines:
    return plainly.numbers((train.rows["text"],), train.truth[:, 0].double().numpy(), (test.rows["text"],))


def examine(task: TaskSpec, answered: Mapping[str, tuple[Known, Tensor]], plain: Baselines) -> Numbers:
    split, logits = answered["test"]
    return numbers.examine(task, *_both(split, logits), plain, split.rows.numbers)


def _both(split: Known, logits: Tensor) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """[rows] truth and answers."""
    return split.truth[:, 0].double().numpy(), logits[:, 0].double().numpy()
