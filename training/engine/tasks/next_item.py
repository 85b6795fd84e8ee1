"""The recipe for what comes next in a history: the next purchase, page or fault."""

import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody reads
from torch import Tensor

from contracts.problems import Fault
from contracts.task import TaskSpec
from training.engine.data.histories import OTHER, Histories
from training.engine.data.reading import Rows
from training.engine.judging import nexts, succession
from training.engine.judging.baseline import Baselines
from training.engine.judging.nexts import Nexts, Placed
from training.engine.tasks.sequences import NOTHING, Split

OUTCOMES = False
LEAST = OTHER + 1


def faults_of_rows(splits: dict[str, Rows]) -> list[Fault]:
    return []


def truth(found: Histories) -> Tensor:
    """The code of the item that comes next; of a row's last, nothing."""
    after = torch.full_like(found.codes, NOTHING)
    same = found.owners[1:] == found.owners[:-1]
    after[:-1][same] = found.codes[1:][same]
    return after


def loss(logits: Tensor, truth: Tensor) -> Tensor:
    """`logits`: (K, items)."""
    return F.cross_entropy(logits.float(), truth - LEAST, reduction="sum")


def kept(logits: Tensor, truth: Tensor) -> Tensor:
    """The place of the item that came, from 1; of one that is not known, behind all."""
    own = logits.gather(1, (truth - LEAST).clamp(min=0)[:, None])
    return torch.where(truth >= LEAST, (logits >= own).sum(1), logits.shape[1] + 1)


def judge(split: Split, said: Tensor, items: int) -> Placed:
    asked = split.truth != NOTHING
    return Placed(
        ranks=said[asked].long().numpy(), owners=split.histories.owners[asked].numpy(), numbers=split.rows.numbers,
        items=items,
    )  # fmt: skip


def baseline(train: Split, test: Split, items: int) -> Baselines:
    return succession.nexts(train.histories, test.histories, test.rows.numbers, items)


def examine(task: TaskSpec, said: dict[str, tuple[Split, Tensor]], plain: Baselines, items: int) -> Nexts:
    return nexts.examine(task, judge(*said["test"], items), plain)
