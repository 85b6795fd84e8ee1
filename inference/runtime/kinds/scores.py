"""From logits to what a customer reads: labels, those that were chosen, numbers. Knows NumPy only."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from contracts.decision import answer, several
from contracts.prediction import Chosen, LabelScore, Number, Parameters, Ranked
from contracts.task import TaskSpec
from inference.runtime.model import Output


def ranked(outputs: Sequence[Output], task: TaskSpec, parameters: Parameters) -> list[Ranked]:
    """Labels by falling score, equal scores in the task's order, at most `top_k` of them, for each row of logits; and
    the task's answer, which no parameter changes."""
    logits = stacked(outputs)  # [inputs, labels]
    listed = _listed(applied(logits, parameters.function or "softmax"), task, parameters)
    answers = _answers(logits, task)
    return [Ranked(labels=labels, label=label) for labels, label in zip(listed, answers, strict=True)]


def chosen(outputs: Sequence[Output], task: TaskSpec, parameters: Parameters) -> list[Chosen]:
    """The same where each label is decided by itself; the task's answer are the labels that reach their threshold."""
    logits = stacked(outputs)  # [inputs, labels]
    listed = _listed(applied(logits, parameters.function or "sigmoid"), task, parameters)
    answers = [several(task.decision, task.labels, row) for row in applied(logits, "sigmoid").tolist()]
    return [Chosen(labels=labels, chosen=answer) for labels, answer in zip(listed, answers, strict=True)]


def numbers(outputs: Sequence[Output], task: TaskSpec, parameters: Parameters) -> list[Number]:
    """The one output of each row."""
    return [Number(value=value) for value in stacked(outputs)[:, 0].tolist()]


def stacked(outputs: Sequence[Output]) -> NDArray[np.float32]:
    """[inputs, ...]; raises `ArithmeticError` where one is no number."""
    found = np.stack(outputs)
    if not np.isfinite(found).all():
        raise ArithmeticError("the model's answers are not finite")
    return found


def _listed(scores: NDArray[np.float32], task: TaskSpec, parameters: Parameters) -> list[tuple[LabelScore, ...]]:
    best = np.argsort(-scores, axis=1, kind="stable")[:, : parameters.top_k]
    return [
        tuple(LabelScore(label=task.labels[index], score=row[index]) for index in order)
        for row, order in zip(scores.tolist(), best.tolist(), strict=True)
    ]


def _answers(logits: NDArray[np.float32], task: TaskSpec) -> list[str | None]:
    if task.decision.plain:
        return [task.labels[index] for index in logits.argmax(axis=1)]
    return [answer(task.decision, task.labels, row) for row in applied(logits, "softmax").tolist()]


def applied(logits: NDArray[np.float32], function: str) -> NDArray[np.float32]:
    """Over the last axis."""
    if function == "none":
        return logits
    if function == "sigmoid":
        return np.exp(-np.logaddexp(np.float32(0), -logits))  # 1 / (1 + exp(-x)) without overflow
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    scores: NDArray[np.float32] = shifted / shifted.sum(axis=-1, keepdims=True)
    return scores
