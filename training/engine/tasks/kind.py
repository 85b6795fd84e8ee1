"""What `run` asks of a kind of task, whatever it reads."""

from pathlib import Path
from typing import Protocol, runtime_checkable

from torch import Tensor

from contracts.fine_tune import BaseModel, FineTuneSpec
from contracts.problems import Fault
from contracts.task import TaskSpec
from training.engine.data.reading import Rows
from training.engine.judging.baseline import Baselines
from training.engine.judging.compared import Detail
from training.engine.judging.learning import Learner
from training.engine.judging.said import Said
from training.engine.loop import Lesson
from training.engine.model.base import Base
from training.engine.settings import Habits, Settings
from training.engine.voice import Voice

Splits = dict[str, Rows]


class Known(Protocol):
    """A split with its answers: `truth` has a row for each of `rows`."""

    @property
    def rows(self) -> Rows: ...

    @property
    def truth(self) -> Tensor: ...


class Work(Lesson, Protocol):
    """One training of a kind: its data read, its base loaded, its head started."""

    def baseline(self) -> Baselines:
        """What a few seconds without a neural network answer to the test rows."""

    def publish(self, folder: Path) -> None:
        """The model as customers load it, in a new folder. The training may go on afterwards as if nothing had been."""

    def examine(self, folder: Path, plain: Baselines, voice: Voice) -> Detail:
        """Judges the published files on the test split; on validation only what has to be fitted."""


@runtime_checkable
class Repeatable(Protocol):
    """A `Work` whose baseline can learn some of the training rows again and again."""

    def plainly(self) -> Learner | None:
        """None where that would take as long as the training."""


class Published(Protocol):
    """The files that customers load, opened: a model and how rows become what it is asked with."""

    def answers(self, rows: Rows, metric: str) -> Said:
        """What the files say to any rows of the kind, by one of its metrics."""


@runtime_checkable
class Opening(Protocol):
    """A `Kind` whose published files can be asked long after the training."""

    def opened(self, folder: Path, *, threads: int) -> Published: ...


class Kind(Protocol):
    @property
    def habits(self) -> Habits:
        """Its numbers where the customer leaves them open."""

    def inspect(self, base: BaseModel) -> Base:
        """Raises `Problem` where the base is none for this kind."""

    def faults_of_task(self, task: TaskSpec) -> list[Fault]: ...

    def faults_of_rows(self, task: TaskSpec, splits: Splits) -> list[Fault]: ...

    def begin(self, spec: FineTuneSpec, base: Base, splits: Splits, chosen: Settings, voice: Voice) -> Work: ...
