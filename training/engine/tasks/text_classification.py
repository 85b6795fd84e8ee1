"""The recipe for one label a text: what the rows must be, the loss, how answers are scored.

Knows tensors and rows; knows no optimizer, no folder.
"""

from collections import Counter

import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody reads
from torch import Tensor

from contracts.problems import Fault, echo
from contracts.task import MAX_LABELS, TEXT_CLASSIFICATION, TaskSpec, form_of
from training.engine.data.reading import Rows
from training.engine.metrics import Scores, scores

SINGLE = "single-label"  # the form it trains
FEWEST = {"train": 8, "validation": 2, "test": 2}  # rows a split; below, nothing learnt or measured means anything
FEWEST_A_LABEL = 2  # training rows: one text cannot show what a class has in common


def faults_of_task(task: TaskSpec) -> list[Fault]:
    if task.kind != TEXT_CLASSIFICATION or task.form not in (None, SINGLE):
        message = f"This engine trains {TEXT_CLASSIFICATION} with one label a text, not {echo(task.kind)}."
        return [Fault(code="unsupported_task", message=message, param="task.kind")]
    found = []
    if not 2 <= len(task.labels) <= MAX_LABELS:
        message = f"The task has {len(task.labels)} label(s); between 2 and {MAX_LABELS} can be told apart."
        found.append(Fault(code="label_count", message=message, param="task.labels"))
    for label, count in Counter(task.labels).items():
        if count > 1:
            message = f"The task names the label {echo(label)} {count} times."
            found.append(Fault(code="duplicate_label", message=message, param="task.labels"))
    metrics = form_of(TEXT_CLASSIFICATION, SINGLE).metrics
    if task.metric not in metrics:
        message = f"The metric must be one of {', '.join(metrics)}; not {echo(task.metric)}."
        found.append(Fault(code="unknown_metric", message=message, param="task.metric"))
    return found


def faults_of_rows(task: TaskSpec, splits: dict[str, Rows]) -> list[Fault]:
    """Too few rows in a split or class, and labels that the task does not have."""
    found = []
    for split, fewest in FEWEST.items():
        if len(splits[split]) < fewest:
            message = (
                f"The {split} split has {len(splits[split])} row(s) and needs {fewest}: add rows or change the split."
            )
            found.append(Fault(code="too_few_rows", message=message, param=split))
    found += _unknown_labels(task, splits)
    counts = Counter(splits["train"].labels)
    for label in task.labels:
        if counts[label] < FEWEST_A_LABEL:
            message = (
                f"The label {echo(label)} has {counts[label]} training row(s) and needs {FEWEST_A_LABEL}: "
                "add examples or remove the label from the task."
            )
            found.append(Fault(code="too_few_rows_for_label", message=message, param="label"))
    return found


def _unknown_labels(task: TaskSpec, splits: dict[str, Rows]) -> list[Fault]:
    known, where = set(task.labels), dict[str, list[int]]()
    for rows in splits.values():
        for number, label in zip(rows.numbers, rows.labels, strict=True):
            if label not in known:
                where.setdefault(label, []).append(number)
    found = []
    for label, numbers in where.items():
        message = (
            f"The label {echo(label)} is not one of the task's; {len(numbers)} row(s) have it, the first is row "
            f"{min(numbers)}: correct the rows or add the label to the task."
        )
        found.append(Fault(code="unknown_label", message=message, param="label"))
    return found


def targets(task: TaskSpec, rows: Rows) -> Tensor:
    """(N,) int64 class indices: positions in `task.labels`."""
    index = {label: position for position, label in enumerate(task.labels)}
    return torch.tensor([index[label] for label in rows.labels])


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


def loss(logits: Tensor, truth: Tensor, *, smoothing: float, weights: Tensor | None) -> Tensor:
    """Mean cross-entropy over the texts, nats; each text's times the weight of its class.

    Divided by the texts, not by their weights: a batch that goes in parts then has the same gradient as in one.
    """
    if weights is None:
        return F.cross_entropy(logits.float(), truth, label_smoothing=smoothing)
    summed = F.cross_entropy(logits.float(), truth, weight=weights, label_smoothing=smoothing, reduction="sum")
    return summed / len(truth)


def judge(task: TaskSpec, predicted: Tensor, truth: Tensor) -> Scores:
    return scores(truth.numpy(), predicted.numpy(), classes=len(task.labels))
