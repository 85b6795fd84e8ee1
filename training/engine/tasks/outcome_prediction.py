"""The recipe for how the next item goes: whether a learner answers it rightly (knowledge tracing), a machine holds."""

import torch.nn.functional as F  # noqa: N812 - the name everybody reads
from torch import Tensor

from contracts.problems import Fault
from contracts.task import TaskSpec
from training.engine.data.histories import Histories
from training.engine.data.reading import Rows
from training.engine.judging import outcomes, practice
from training.engine.judging.baseline import Baselines
from training.engine.judging.outcomes import Foretold, Outcomes, Steps
from training.engine.tasks.sequences import Split

OUTCOMES = True
LEAST = 0


def faults_of_rows(splits: dict[str, Rows]) -> list[Fault]:
    """Outcomes that are neither 0 nor 1, and training rows in which everything goes alike."""
    found = []
    wrong = [
        (number, one)
        for rows in splits.values()
        for number, row in zip(rows.numbers, rows["outcomes"], strict=True)
        for one in row
        if one not in (0, 1)
    ]
    if wrong:
        number, value = min(wrong)
        message = (
            f"{len({row for row, _ in wrong}):,} row(s) have an outcome that is neither 0 nor 1, the first is row "
            f"{number:,} with {value:g}: write 1 where it went well, else 0."
        )
        found.append(Fault(code="bad_outcome", message=message, param="outcomes"))
    if len({one for row in splits["train"]["outcomes"] for one in row}) == 1:
        message = "Every item of every training row has the same outcome: there is nothing to learn."
        found.append(Fault(code="one_value", message=message, param="outcomes"))
    return found


def truth(found: Histories) -> Tensor:
    """Every step is asked, the first too, of which the item alone is known."""
    assert found.outcomes is not None  # noqa: S101 - the form has them
    return found.outcomes


def loss(logits: Tensor, truth: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits.float(), truth.float(), reduction="sum")


def kept(logits: Tensor, truth: Tensor) -> Tensor:
    """The logit of going well."""
    return logits


def judge(split: Split, said: Tensor, items: int) -> Foretold:
    steps = Steps(
        went=split.truth.numpy(), owners=split.histories.owners.numpy(), numbers=split.rows.numbers
    )  # fmt: skip
    return Foretold(steps=steps, logits=said.double().numpy())


def baseline(train: Split, test: Split, items: int) -> Baselines:
    return practice.outcomes(train.histories, test.histories)


def examine(task: TaskSpec, said: dict[str, tuple[Split, Tensor]], plain: Baselines, items: int) -> Outcomes:
    test, validation = (judge(*said[name], items) for name in ("test", "validation"))
    return outcomes.examine(task, test, validation, plain)
