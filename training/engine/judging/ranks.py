"""Answers that are an order: where among all texts of the test split the right one stands.

A query's right text is ranked among every other text of the split by the cosine of their embeddings; of equal ones the
right one comes last.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse  # type: ignore[import-untyped]

from contracts.codec import to_data
from contracts.task import TaskSpec
from training.engine.judging import resampling
from training.engine.judging.compared import Compared, Summary
from training.engine.judging.said import Drawn, Measure, Said, share

WORST = 20  # rows listed
AT_ONCE = 512  # queries compared at once: their cosines with 100,000 texts take 200 MB


@dataclass(frozen=True, kw_only=True)
class Found:
    """`ranks`: [rows] of the right text, from 1; `nearer`: [rows] whether it is nearer than the row's own wrong one."""

    ranks: NDArray[np.int64]
    nearer: NDArray[np.bool_]

    def value(self, metric: str) -> float:
        """ "accuracy": the share of rows whose right text is nearer than the wrong; "mrr": the mean reciprocal rank."""
        return float((1 / self.ranks).mean()) if metric == "mrr" else float(self.nearer.mean())

    def recall(self, at: int) -> float:
        return float((self.ranks <= at).mean())

    def values(self) -> dict[str, float]:
        return {
            "accuracy": self.value("accuracy"),
            "mrr": self.value("mrr"),
            "recall_at_1": self.recall(1),
            "recall_at_10": self.recall(10),
        }


@dataclass(frozen=True, kw_only=True)
class Row:
    """A query whose right text stands far behind, by its number in the customer's source."""

    row: int
    rank: int


@dataclass(frozen=True, kw_only=True)
class Ranks:
    """`said`: by model and baseline; `texts`: that a query's right one is looked for among; `ranks`: of the model, for
    the drawing."""

    task: TaskSpec
    said: tuple[Said, Said]
    compared: Compared
    texts: int
    model: dict[str, float]
    baseline: dict[str, float]
    ranks: tuple[int, ...]
    worst: tuple[Row, ...]

    def summary(self) -> Summary:
        return {**self.model, **{f"baseline_{name}": value for name, value in self.baseline.items()}}

    def document(self) -> dict[str, Any]:
        return {
            "texts": self.texts,
            "model": self.model,
            "baseline": {"name": self.compared.name, **self.baseline},
            "worst_rows": to_data(self.worst),
        }


def find(queries: Any, answers: Any, texts: tuple[list[str], list[str]]) -> Found:
    """`queries`: [rows, width] vectors of length 1, dense or sparse; `answers`: the same of `texts`, right ones first.

    A text that stands there twice is looked for once."""
    places, first = dict[str, int](), list[int]()
    for index, text in enumerate((*texts[0], *texts[1])):
        if text not in places:
            places[text] = len(places)
            first.append(index)
    pool, rows = answers[first], queries.shape[0]
    right, wrong = (np.array([places[text] for text in side]) for side in texts)
    ranks, nearer = np.empty(rows, dtype=np.int64), np.empty(rows, dtype=np.bool_)
    for start in range(0, rows, AT_ONCE):
        part = slice(start, start + AT_ONCE)
        product = queries[part] @ pool.T
        near = product.toarray() if issparse(product) else product
        own = near[np.arange(len(near)), right[part]]
        ranks[part] = (near >= own[:, None]).sum(1)
        nearer[part] = own > near[np.arange(len(near)), wrong[part]]
    return Found(ranks=ranks, nearer=nearer)


def said(task: TaskSpec, found: Found) -> Said:
    """In words an answer is the rank of the right text; the truth is the first."""

    def value(drawn: Drawn) -> float:
        return float((1 / found.ranks[drawn]).mean())

    measure = Measure(metric="mrr", value=value) if task.metric == "mrr" else share(found.nearer)
    return Said(
        rows=len(found.ranks),
        whole=measure,
        parts=measure,
        loss=1 - 1 / found.ranks,
        answers=lambda: [f"{rank:,}" for rank in found.ranks.tolist()],
        truth=lambda: ["1"] * len(found.ranks),
    )


def examine(task: TaskSpec, ours: Found, theirs: Found, *, baseline: str, texts: int, numbers: list[int]) -> Ranks:
    """`numbers`: of the rows in the customer's source; `texts`: how many a right one is looked for among."""
    worst = np.argsort(-ours.ranks, kind="stable")[:WORST].tolist()
    both = said(task, ours), said(task, theirs)
    return Ranks(
        task=task,
        said=both,
        compared=resampling.compare(
            task.metric,
            baseline,
            len(ours.ranks),
            both[0].whole.value,
            both[1].whole.value,
            share=task.metric == "accuracy",
        ),
        texts=texts,
        model=ours.values(),
        baseline=theirs.values(),
        ranks=tuple(ours.ranks.tolist()),
        worst=tuple(Row(row=numbers[index], rank=int(ours.ranks[index])) for index in worst if ours.ranks[index] > 1),
    )
