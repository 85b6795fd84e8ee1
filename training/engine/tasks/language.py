"""The family of kinds that learn a language from texts without labels, as a base for others: what they share.

Each recipe is a module beside this and says how the tokens of a text are foretold: hidden ones from those around them,
or each from those before it. What comes out is a base model, judged by how well it foretells texts it has never read,
beside the base as it came.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from contracts.fine_tune import BaseModel, FineTuneSpec
from contracts.problems import Fault
from contracts.task import TaskSpec, form_of
from training.engine import publish, telling
from training.engine.data.order import bucketed, shuffled, within_budget
from training.engine.data.reading import Rows
from training.engine.judging import foretold
from training.engine.judging.baseline import Baselines
from training.engine.judging.compared import Detail, score
from training.engine.judging.foretold import Foretold
from training.engine.loop import Validated
from training.engine.model.base import Base
from training.engine.settings import Habits, Settings
from training.engine.tasks import faults
from training.engine.voice import Voice

UNTOUCHED, FREQUENCIES = "untouched base", "token frequencies"  # baselines
JUDGED = ("validation", "test")

Texts = Mapping[str, list[str]]  # by split
Before = dict[str, dict[str, Foretold]]  # what each baseline foretells of validation and test


class Teller(Protocol):
    """A model that foretells, with the tokens of its texts. Training rows are pieces of texts."""

    @property
    def module(self) -> PreTrainedModel: ...

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase: ...

    @property
    def lengths(self) -> list[int]:
        """Tokens of each training piece."""

    @property
    def at_once(self) -> int:
        """Tokens in one pass."""

    @property
    def pads(self) -> bool:
        """Whether pieces of unequal length cost more together."""

    def show(self, epoch: int) -> None:
        """Makes ready what is foretold in this epoch: a pure function of the seed."""

    def costs(self, rows: list[int]) -> Tensor:
        """Nats that what is to be foretold in these training pieces costs, summed."""

    def asked(self, rows: list[int]) -> int:
        """How many tokens that is."""

    def foretold(self, split: str, model: Any) -> Foretold:
        """What `model` makes of the split, the same tokens each time."""


class Recipe(Protocol):
    """A module of this room."""

    HEAD: Any  # the transformers class that loads the published model, `AutoModelFor...`

    def inspect(self, spec: BaseModel, /) -> Base: ...

    def faults_of_task(self, task: TaskSpec, /) -> list[Fault]: ...

    def begin(
        self, spec: FineTuneSpec, base: Base, texts: Texts, chosen: Settings, voice: Voice, /
    ) -> tuple[Teller, Before]: ...


@dataclass(frozen=True)
class Languages:
    """A `Kind`."""

    recipe: Recipe
    habits: Habits

    def inspect(self, base: BaseModel) -> Base:
        return self.recipe.inspect(base)

    def faults_of_task(self, task: TaskSpec) -> list[Fault]:
        return faults.of_metric(task) + self.recipe.faults_of_task(task)

    def faults_of_rows(self, task: TaskSpec, splits: dict[str, Rows]) -> list[Fault]:
        (role,) = form_of(task.kind, task.form).roles
        found = faults.of_sizes(splits) + faults.of_blank(splits, (role.name,))
        return found + faults.of_one_text(splits["train"], role.name)

    def begin(self, spec: FineTuneSpec, base: Base, rows: dict[str, Rows], chosen: Settings, voice: Voice) -> "Work":
        (role,) = form_of(spec.task.kind, spec.task.form).roles
        texts = {name: split[role.name] for name, split in rows.items()}
        teller, before = self.recipe.begin(spec, base, texts, chosen, voice)
        telling.pieces(voice, len(teller.lengths), len(rows["train"]), sum(teller.lengths))
        telling.phase(voice, "loading", 3, 3)
        return Work(recipe=self.recipe, spec=spec, base=base, settings=chosen, rows=rows, teller=teller, before=before)


@dataclass(frozen=True, kw_only=True)
class Work:
    """A `kind.Work`."""

    recipe: Recipe
    spec: FineTuneSpec
    base: Base
    settings: Settings
    rows: dict[str, Rows]
    teller: Teller
    before: Before

    @property
    def module(self) -> nn.Module:
        return self.teller.module

    @property
    def size(self) -> int:
        return len(self.teller.lengths)

    def order(self, epoch: int) -> list[list[int]]:
        self.teller.show(epoch)
        size, seed = self.settings.batch_size, self.settings.seed
        if self.teller.pads:
            return bucketed(self.teller.lengths, batch_size=size, seed=seed, epoch=epoch)
        return shuffled(self.size, batch_size=size, seed=seed, epoch=epoch)

    def parts(self, rows: list[int], shrink: int) -> list[list[int]]:
        return within_budget(rows, self.teller.lengths, tokens=self.teller.at_once // shrink)

    def loss(self, part: list[int], whole: list[int]) -> Tensor:
        return self.teller.costs(part) / max(1, self.teller.asked(whole))

    def validate(self) -> Validated:
        found = self.teller.foretold("validation", self.module)
        values = {"loss": found.loss, **found.values()}
        return Validated(score=score(found, self.spec.task.metric), values=values)

    def baseline(self) -> Baselines:
        name = max(self.before, key=lambda one: score(self.before[one]["validation"], self.spec.task.metric))
        weaker = {other: found["test"] for other, found in self.before.items() if other != name}
        return Baselines(name=name, best=self.before[name]["test"], constant=weaker)

    def publish(self, folder: Path) -> None:
        publish.write(
            folder, model=self.teller.module, tokenizer=self.teller.tokenizer, task=self.spec.task,
            max_length=self.base.positions,
        )  # fmt: skip

    def examine(self, folder: Path, plain: Baselines, voice: Voice) -> Detail:
        published = self.recipe.HEAD.from_pretrained(folder, use_safetensors=True).eval()
        found = self.teller.foretold("test", published)
        telling.phase(voice, "evaluating", 2, 2)
        numbers = self.rows["test"].numbers
        return foretold.examine(self.spec.task, found, plain.name, plain.best, plain.constant, numbers)


def summed(
    rows: int, owners: Tensor, costs: Tensor, hits: Tensor, *, tokens: Tensor | None = None, asked: Tensor | None = None
) -> Foretold:
    """Of what was foretold, (S,) each, the sums of the text that owns it. `tokens`, `asked`: how much each counts, 1
    where left out."""

    def each(values: Tensor) -> Any:
        return torch.zeros(rows, dtype=torch.float64).index_add(0, owners, values.double()).numpy()

    ones = torch.ones(len(owners))
    return Foretold(
        nats=each(costs), hits=each(hits),
        tokens=each(ones if tokens is None else tokens), asked=each(ones if asked is None else asked),
    )  # fmt: skip
