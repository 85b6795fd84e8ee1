"""The recipe for search: of many texts the one that answers a query is the nearest by its vector.

Rows are a query, its right text and a wrong one. Every other text of a batch is a wrong one, too (in-batch negatives,
Henderson et al. 2017, arXiv:1705.00652), but for those that equal the right one.
"""

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody reads
from torch import Tensor

from contracts.problems import Fault
from contracts.task import TaskSpec
from training.engine.data.reading import Rows
from training.engine.judging import baseline as plainly
from training.engine.judging import ranks
from training.engine.judging.baseline import Baselines
from training.engine.judging.compared import score
from training.engine.judging.ranks import Found, Ranks
from training.engine.judging.said import Said
from training.engine.tasks import faults
from training.engine.tasks.embeddings import Options, Sides, Split

SIDES: tuple[str, ...] = ("query", "positive", "negative")
SHARPNESS = 20.0  # of cosines: as sentence-transformers scales them


def faults_of_task(task: TaskSpec) -> list[Fault]:
    return faults.of_metric(task)


def faults_of_rows(task: TaskSpec, splits: dict[str, Rows]) -> list[Fault]:
    return faults.of_sizes(splits)


def targets(rows: Rows) -> Tensor:
    """(N, 2) int64: equal numbers for equal texts, of the right and the wrong ones."""
    known: dict[str, int] = {}
    texts = zip(rows["positive"], rows["negative"], strict=True)
    return torch.tensor([[known.setdefault(text, len(known)) for text in pair] for pair in texts])


def loss(sides: Sides, truth: Tensor) -> Tensor:
    """Mean cross-entropy of finding each query's right text among all texts of the batch, nats."""
    query, positive, negative = sides
    near = query @ torch.cat([positive, negative]).T * SHARPNESS
    right = truth[:, :1]
    same = torch.cat([truth[:, 0], truth[:, 1]])[None, :] == right
    same[torch.arange(len(query)), torch.arange(len(query))] = False
    return F.cross_entropy(near.masked_fill(same, float("-inf")), torch.arange(len(query)))


def options(sides: Sides, split: Split) -> Options:
    return {}


def judge(task: TaskSpec, split: Split, sides: Sides, options: Options) -> Found:
    query, positive, negative = (side.numpy() for side in sides)
    texts = split.rows["positive"], split.rows["negative"]
    return ranks.find(query, np.concatenate([positive, negative]), texts)


def said(task: TaskSpec, split: Split, sides: Sides, options: Options) -> Said:
    return ranks.said(task, judge(task, split, sides, options))


def baseline(task: TaskSpec, splits: dict[str, Split], untrained: dict[str, Sides]) -> Baselines:
    """The untrained base or counted words, whichever is better on validation."""
    shown = tuple(splits["train"].rows[side] for side in SIDES)
    plain, counted = dict[str, Found](), dict[str, Found]()
    for name, sides in untrained.items():
        split = splits[name]
        query, positive, negative = (split.rows[side] for side in SIDES)
        asked, answers = plainly.vectors(shown, (query, positive + negative))
        plain[name] = judge(task, split, sides, {})
        counted[name] = ranks.find(asked, answers, (positive, negative))
    words = score(counted["validation"], task.metric) >= score(plain["validation"], task.metric)
    best = counted["test"] if words else plain["test"]
    return Baselines(name="TF-IDF" if words else "untrained encoder", best=best, constant=None)


def examine(task: TaskSpec, split: Split, sides: Sides, options: Options, plain: Baselines) -> Ranks:
    texts = len(np.unique(split.truth.numpy()))
    found = judge(task, split, sides, options)
    return ranks.examine(task, found, plain.best, baseline=plain.name, texts=texts, numbers=split.rows.numbers)
