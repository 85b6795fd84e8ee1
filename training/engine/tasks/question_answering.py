"""The recipe for words of a context that answer a question: where they begin and where they end.

Two numbers a token (Devlin et al. 2019, arXiv:1810.04805, section 4.2): of beginning and of ending there. A long
context is read in windows, the best span of all of them is the answer. Rows say what the answer is, not where: wherever
it stands in the context is right, and the probabilities are added up (Clark & Gardner 2018, arXiv:1710.10723). An empty
answer, or none in a window, is the window's first token.
"""

import re
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody reads
from torch import Tensor
from transformers import AutoModelForQuestionAnswering, PreTrainedTokenizerBase

from contracts.problems import Fault
from contracts.task import TaskSpec
from training.engine.data import passages
from training.engine.data.passages import Windows
from training.engine.data.reading import Rows
from training.engine.data.tokens import Tokens
from training.engine.judging import answers, sliding
from training.engine.judging.answers import Answers, Asked, Marks
from training.engine.judging.baseline import Baselines
from training.engine.judging.said import Said
from training.engine.tasks import faults
from training.engine.tasks.texts import Options, Split

HEAD = AutoModelForQuestionAnswering
ROLES = ("question", "context")


def faults_of_task(task: TaskSpec) -> list[Fault]:
    return faults.of_metric(task)


def faults_of_rows(task: TaskSpec, splits: dict[str, Rows]) -> list[Fault]:
    """Too few rows in a split, blank texts, answers that do not stand in their context, and none at all to learn."""
    found = faults.of_sizes(splits) + faults.of_blank(splits, ROLES)
    lost = sorted(
        number
        for rows in splits.values()
        for number, context, answer in zip(rows.numbers, rows["context"], rows["answer"], strict=True)
        if answer.strip() not in context
    )
    if lost:
        message = (
            f"{len(lost):,} row(s) have an answer that does not stand in their context letter by letter, the first is "
            f"row {lost[0]:,}: copy it from there, or leave it empty where the context has none."
        )
        found.append(Fault(code="answer_not_in_context", message=message, param="answer"))
    if not any(answer.strip() for answer in splits["train"]["answer"]):
        message = "No training row has an answer: there is nothing to learn."
        found.append(Fault(code="no_answer", message=message, param="answer"))
    return found


def outputs(task: TaskSpec) -> tuple[str, ...]:
    """As transformers names two outputs that have no names."""
    return ("LABEL_0", "LABEL_1")


def tokens(tokenizer: PreTrainedTokenizerBase, rows: Rows, *, max_length: int) -> Windows:
    return passages.windows(tokenizer, rows["question"], rows["context"], max_length=max_length)


def targets(task: TaskSpec, rows: Rows, tokens: Tokens) -> Tensor:
    """(T, 3) int64, as `passages.pointing` has it."""
    pairs = zip(rows["context"], rows["answer"], strict=True)
    return passages.pointing(_windows(tokens), [spans(context, answer.strip()) for context, answer in pairs])


def spans(context: str, answer: str) -> list[tuple[int, int]]:
    """Where the answer stands in the context: as whole words, where it stands so anywhere. None of an empty one."""
    if not answer:
        return []
    anywhere = re.escape(answer)
    whole = [one.span() for one in re.finditer(rf"(?<!\w){anywhere}(?!\w)", context)]
    return whole or [one.span() for one in re.finditer(anywhere, context)]


def options(train: Split) -> Options:
    """`overlap`: tokens of the context that two windows share; `longest`: tokens of an answer; `unanswerable`: whether
    a question may have none."""
    found = _windows(train.tokens)
    return {
        "overlap": found.overlap,
        "longest": passages.longest(found, train.truth),
        "unanswerable": not all(answer.strip() for answer in train.rows["answer"]),
    }


def unit(truth: Tensor) -> None:
    return None


def weights(task: TaskSpec, asked: str | dict[str, float] | None, truth: Tensor) -> None:
    return None


def shown(truth: Tensor, texts: int) -> list[int]:
    """None: no state tells beginnings of answers from other words before it was learnt what is asked."""
    return []


def start(model: Any, features: Tensor, truth: Tensor) -> None:
    """At random."""


def loss(logits: Tensor, truth: Tensor, *, smoothing: float, weights: Tensor | None) -> Tensor:
    """Mean over windows and both ends of the cross-entropy of all tokens that are right, nats.

    `logits`: (S, 2) of what may be pointed at; `truth`: (S, 3)."""
    named, window = torch.unique(truth[:, 0], return_inverse=True)
    total = logits.new_zeros((), dtype=torch.float32)
    for side in (0, 1):
        said, right = logits[:, side].float(), truth[:, 1 + side].bool()
        everything = _summed(said, window, len(named))
        total = total + (everything - _summed(said[right], window[right], len(named))).mean()
    return total / 2


def imitate(logits: Tensor, taught: Tensor) -> Tensor:
    """Mean squared difference from the other model's logits, token by token (Ba and Caruana 2014, arXiv:1312.6184)."""
    return F.mse_loss(logits.float(), taught.float())


def judge(task: TaskSpec, split: Split, logits: Tensor) -> Marks:
    return answers.marks(_asked(split.rows), _said(task, split, logits))


def said(task: TaskSpec, split: Split, logits: Tensor) -> Said:
    return answers.said(task, _asked(split.rows), _said(task, split, logits))


def plain(task: TaskSpec, split: Split, found: Baselines) -> Said:
    return answers.said(task, _asked(split.rows), found.best)


def baseline(task: TaskSpec, train: Split, test: Split, *, seed: int) -> Baselines:
    return sliding.answers(_asked(train.rows), train.rows["context"], _asked(test.rows), test.rows["context"])


def examine(task: TaskSpec, answered: dict[str, tuple[Split, Tensor]], plain: Baselines) -> Answers:
    split, logits = answered["test"]
    return answers.examine(task, _asked(split.rows), _said(task, split, logits), plain)


def _summed(values: Tensor, groups: Tensor, count: int) -> Tensor:
    """(count,) the logarithm of the sum of exp(values) in each group; none is empty."""
    top = torch.full((count,), -torch.inf).scatter_reduce(0, groups, values.detach(), "amax")
    return top + torch.zeros(count).index_add(0, groups, (values - top[groups]).exp()).log()


def _said(task: TaskSpec, split: Split, logits: Tensor) -> list[str]:
    """An answer a row, empty where there is none. `logits`: (T, 2)."""
    most, blank = int(task.options["longest"]), bool(task.options["unanswerable"])
    found = passages.best_spans(_windows(split.tokens), logits, most=most, blank=blank)
    return [context[first:last].strip() for context, (first, last) in zip(split.rows["context"], found, strict=True)]


def _asked(rows: Rows) -> Asked:
    """A question that several rows ask of the same context has several right answers."""
    right = dict[tuple[str, str], set[str]]()
    pairs = list(zip(rows["question"], rows["context"], strict=True))
    for pair, answer in zip(pairs, rows["answer"], strict=True):
        right.setdefault(pair, set()).add(answer.strip())
    return Asked(questions=rows["question"], right=[right[pair] for pair in pairs], numbers=rows.numbers)


def _windows(tokens: Tokens) -> Windows:
    assert isinstance(tokens, Windows)  # noqa: S101 - `tokens` made them
    return tokens
