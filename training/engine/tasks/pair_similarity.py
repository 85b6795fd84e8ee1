"""The recipe for a number that says how alike two texts are: it follows the cosine of their vectors.

Trained to put pairs in the right order (CoSENT, Su 2022; the loss that sentence-transformers gives that name), answered
in the customer's unit by the straight line that fits the validation rows best.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from contracts.problems import Fault
from contracts.task import TaskSpec
from training.engine.data.reading import Rows
from training.engine.judging import baseline as plainly
from training.engine.judging import numbers
from training.engine.judging.baseline import Baselines
from training.engine.judging.compared import score
from training.engine.judging.numbers import Numbers, NumberScores
from training.engine.judging.said import Said
from training.engine.tasks import faults
from training.engine.tasks.embeddings import Options, Sides, Split

SIDES: tuple[str, ...] = ("text_a", "text_b")
SHARPNESS = 20.0  # of cosines: a pair a twentieth out of order costs as much as one not out of order at all


def faults_of_task(task: TaskSpec) -> list[Fault]:
    return faults.of_metric(task)


def faults_of_rows(task: TaskSpec, splits: dict[str, Rows]) -> list[Fault]:
    """Too few rows in a split, and training rows that all say the same."""
    return faults.of_sizes(splits) + faults.of_one_value(splits["train"], "score")


def targets(rows: Rows) -> Tensor:
    """(N,) float32, in the customer's unit."""
    return torch.tensor(rows["score"], dtype=torch.float32)


def loss(sides: Sides, truth: Tensor) -> Tensor:
    """log(1 + sum exp(SHARPNESS * (cosine of the less alike - cosine of the more alike))) over all pairs of rows."""
    near = (sides[0] * sides[1]).sum(1) * SHARPNESS
    wrong = (near[:, None] - near[None, :]).masked_fill(truth[:, None] >= truth[None, :], float("-inf"))
    return torch.cat([torch.zeros(1), wrong.flatten()]).logsumexp(0)


def options(sides: Sides, split: Split) -> Options:
    """The line from cosine to score."""
    near, truth = _cosines(sides), split.truth.double().numpy()
    spread = float(near.var())
    slope = float(((near - near.mean()) * (truth - truth.mean())).mean()) / spread if spread > 0 else 0.0
    return {"slope": slope, "offset": float(truth.mean() - slope * near.mean())}


def judge(task: TaskSpec, split: Split, sides: Sides, options: Options) -> NumberScores:
    return numbers.scores(split.truth.double().numpy(), _answers(sides, options))


def said(task: TaskSpec, split: Split, sides: Sides, options: Options) -> Said:
    return numbers.said(task, split.truth.double().numpy(), _answers(sides, options))


def baseline(task: TaskSpec, splits: dict[str, Split], untrained: dict[str, Sides]) -> Baselines:
    """The untrained base or a linear model over counted words, whichever is better on validation."""
    train, validation, test = (splits[name] for name in ("train", "validation", "test"))
    texts = {name: (split.rows["text_a"], split.rows["text_b"]) for name, split in splits.items()}
    both = tuple(one + other for one, other in zip(texts["validation"], texts["test"], strict=True))
    linear = plainly.numbers(texts["train"], train.truth.double().numpy(), both)
    line = options(untrained["validation"], validation)
    size = len(validation.rows)
    counted = numbers.scores(validation.truth.double().numpy(), linear.best[:size])
    if score(counted, task.metric) >= score(judge(task, validation, untrained["validation"], line), task.metric):
        return Baselines(name=linear.name, best=linear.best[size:], constant=linear.constant[size:])
    best = _answers(untrained["test"], line)
    return Baselines(name="untrained encoder", best=best, constant=np.full(len(test.rows), float(train.truth.mean())))


def examine(task: TaskSpec, split: Split, sides: Sides, options: Options, plain: Baselines) -> Numbers:
    return numbers.examine(task, split.truth.double().numpy(), _answers(sides, options), plain, split.rows.numbers)


def _answers(sides: Sides, options: Options) -> NDArray[np.float64]:
    return _cosines(sides) * float(options["slope"]) + float(options["offset"])


def _cosines(sides: Sides) -> NDArray[np.float64]:
    return np.asarray((sides[0] * sides[1]).sum(1).double().numpy())
