"""The recipe for one label a text."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody reads
from torch import Tensor
from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerBase

from contracts.problems import Fault
from contracts.task import TaskSpec
from training.engine.data.reading import Rows
from training.engine.data.tokens import Tokens, tokenise
from training.engine.judging import baseline as plainly
from training.engine.judging import calibration, classes
from training.engine.judging.baseline import Baselines
from training.engine.judging.classes import Answered, Classes
from training.engine.judging.metrics import Scores, scores
from training.engine.judging.said import Said
from training.engine.model.head import start_at_class_means
from training.engine.tasks import faults
from training.engine.tasks.kind import Known
from training.engine.tasks.texts import Options, Split

HEAD = AutoModelForSequenceClassification
FEWEST_A_LABEL = 2  # training rows: one text cannot show what a class has in common
TEMPERATURE = 2.0  # that logits are divided by
TEXTS_A_CLASS = 32  # that a class's mean is taken over: more hardly moves it


def faults_of_task(task: TaskSpec) -> list[Fault]:
    return faults.of_labels(task, fewest=2) + faults.of_metric(task)


def faults_of_rows(task: TaskSpec, splits: dict[str, Rows]) -> list[Fault]:
    """Too few rows in a split or class, and labels that the task does not have."""
    named = [pair for rows in splits.values() for pair in zip(rows.numbers, rows["label"], strict=True)]
    return [
        *faults.of_sizes(splits),
        *faults.of_unknown(task, named, param="label"),
        *faults.of_rare(task, Counter(splits["train"]["label"]), fewest=FEWEST_A_LABEL),
    ]


def outputs(task: TaskSpec) -> tuple[str, ...]:
    return task.labels


def tokens(tokenizer: PreTrainedTokenizerBase, rows: Rows, *, max_length: int) -> Tokens:
    return tokenise(tokenizer, rows["text"], max_length=max_length)


def targets(task: TaskSpec, rows: Rows, tokens: Tokens | None = None) -> Tensor:
    """(N,) int64 class indices: positions in `task.labels`."""
    index = {label: position for position, label in enumerate(task.labels)}
    return torch.tensor([index[label] for label in rows["label"]])


def options(train: Known) -> Options:
    return {}


def unit(truth: Tensor) -> None:
    return None


def weights(task: TaskSpec, asked: str | dict[str, float] | None, truth: Tensor) -> Tensor | None:
    """(classes,) what a row of each class counts, with a mean of 1 over the training rows, so that the learning rate
    means the same. "auto": every class counts alike, whatever its rows (King & Zeng 2001). None: every row does.

    `truth`: (training rows,) class indices.
    """
    if asked is None:
        return None
    counts = torch.bincount(truth, minlength=len(task.labels)).float()
    raw = torch.tensor([asked.get(one, 1.0) for one in task.labels]) if isinstance(asked, dict) else 1 / counts
    return raw * counts.sum() / (raw * counts).sum()


def shown(truth: Tensor, texts: int) -> list[int]:
    """Some texts of each class."""
    seen, chosen = Counter[int](), []
    for index, label in enumerate(truth.tolist()):
        if seen[label] < TEXTS_A_CLASS:
            chosen.append(index)
        seen[label] += 1
    return chosen


def start(model: Any, features: Tensor, truth: Tensor) -> None:
    start_at_class_means(model, features, truth)


def loss(logits: Tensor, truth: Tensor, *, smoothing: float, weights: Tensor | None) -> Tensor:
    """Mean cross-entropy over the texts, nats; each text's times the weight of its class.

    Divided by the texts, not by their weights: a batch that goes in parts then has the same gradient as in one.
    """
    if weights is None:
        return F.cross_entropy(logits.float(), truth, label_smoothing=smoothing)
    summed = F.cross_entropy(logits.float(), truth, weight=weights, label_smoothing=smoothing, reduction="sum")
    return summed / len(truth)


def imitate(logits: Tensor, taught: Tensor) -> Tensor:
    """Mean Kullback-Leibler divergence from the other model's answers, both softened so that what it thinks of the
    wrong classes is heard, too (Hinton et al. 2015, arXiv:1503.02531); times T^2, by which the gradients shrink."""
    ours, theirs = ((one.float() / TEMPERATURE).log_softmax(1) for one in (logits, taught))
    return F.kl_div(ours, theirs, reduction="batchmean", log_target=True) * TEMPERATURE**2


def judge(task: TaskSpec, split: Known, logits: Tensor) -> Scores:
    return scores(split.truth.numpy(), logits.argmax(1).numpy(), classes=len(task.labels))


def said(task: TaskSpec, split: Known, logits: Tensor) -> Said:
    shares = calibration.probabilities(logits.double().numpy())
    return classes.said(task, split.truth.numpy(), shares.argmax(1), shares)


def plain(task: TaskSpec, split: Known, found: Baselines) -> Said:
    return classes.said(task, split.truth.numpy(), found.best, found.shares)


def baseline(task: TaskSpec, train: Split, test: Split, *, seed: int) -> Baselines:
    return plainly.classes((train.rows["text"],), train.truth.numpy(), (test.rows["text"],), seed=seed)


def examine(task: TaskSpec, answered: Mapping[str, tuple[Known, Tensor]], plain: Baselines) -> Classes:
    """Of rows of any kind."""
    found = {
        name: Answered(logits=logits.double().numpy(), truth=split.truth.numpy(), numbers=split.rows.numbers)
        for name, (split, logits) in answered.items()
    }
    return classes.examine(task, found["test"], found["validation"], plain)
