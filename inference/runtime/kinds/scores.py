"""From a classifier's logits to the labels a customer reads. Knows NumPy only."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from contracts.decision import answer
from contracts.prediction import LabelScore, Parameters, Ranked
from contracts.task import TaskSpec
from inference.runtime.model import Output


def ranked(outputs: Sequence[Output], task: TaskSpec, parameters: Parameters) -> list[Ranked]:
    """Labels by falling score, equal scores in the task's order, at most `top_k` of them, for each row of logits; and
    the task's answer, which no parameter changes."""
    labels = task.labels
    logits = np.stack(outputs)  # [inputs, labels]
    if not np.isfinite(logits).all():
        raise ArithmeticError("the model's logits are not finite")
    scores = _applied(logits, parameters.function)
    best = np.argsort(-scores, axis=1, kind="stable")[:, : parameters.top_k]
    answers = _answers(logits, task)
    return [
        Ranked(labels=tuple(LabelScore(label=labels[index], score=row[index]) for index in order), label=chosen)
        for row, order, chosen in zip(scores.tolist(), best.tolist(), answers, strict=True)
    ]


def _answers(logits: NDArray[np.float32], task: TaskSpec) -> list[str | None]:
    if task.decision.plain:
        return [task.labels[index] for index in logits.argmax(axis=1)]
    return [answer(task.decision, task.labels, row) for row in _applied(logits, "softmax").tolist()]


def _applied(logits: NDArray[np.float32], function: str) -> NDArray[np.float32]:
    if function == "none":
        return logits
    if function == "sigmoid":
        return np.exp(-np.logaddexp(np.float32(0), -logits))  # 1 / (1 + exp(-x)) without overflow
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    scores: NDArray[np.float32] = shifted / shifted.sum(axis=1, keepdims=True)
    return scores
