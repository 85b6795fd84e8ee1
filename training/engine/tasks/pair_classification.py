"""The recipe for one label a pair of texts: one encoder reads both at once (a cross-encoder)."""

from transformers import PreTrainedTokenizerBase

from contracts.task import TaskSpec
from training.engine.data.reading import Rows
from training.engine.data.tokens import Tokens, tokenise
from training.engine.judging import baseline as plainly
from training.engine.judging.baseline import Baselines
from training.engine.tasks.text_classification import (
    HEAD,
    examine,
    faults_of_rows,
    faults_of_task,
    imitate,
    judge,
    loss,
    options,
    outputs,
    plain,
    said,
    shown,
    start,
    targets,
    unit,
    weights,
)
from training.engine.tasks.texts import Split

__all__ = [
    "HEAD", "baseline", "examine", "faults_of_rows", "faults_of_task", "imitate", "judge", "loss", "options",
    "outputs", "plain", "said", "shown", "start", "targets", "tokens", "unit", "weights",
]  # fmt: skip


def tokens(tokenizer: PreTrainedTokenizerBase, rows: Rows, *, max_length: int) -> Tokens:
    return tokenise(tokenizer, rows["text_a"], rows["text_b"], max_length=max_length)


def baseline(task: TaskSpec, train: Split, test: Split, *, seed: int) -> Baselines:
    shown, asked = ((split.rows["text_a"], split.rows["text_b"]) for split in (train, test))
    return plainly.classes(shown, train.truth.numpy(), asked, seed=seed)
