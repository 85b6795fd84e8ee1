"""The optimisation: steps, validations, early stopping, checkpoints. Knows no kind of task, no files but checkpoints.

Everything that happens is a function of (settings, seed, step): stopping anywhere and going on from a checkpoint gives
the same weights, bit for bit, on the same processor with as many threads.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from contracts.child import Checkpoint, Metrics, Progress
from contracts.problems import Problem
from training.engine import checkpoint, seed
from training.engine.checkpoint import Snapshot, Standing
from training.engine.optimise import moments, optimizer_for, rate_at, restore_moments, set_rate
from training.engine.settings import Settings
from training.engine.voice import Voice

TRAINING = "training"


@dataclass(frozen=True, kw_only=True)
class Validated:
    """`score`: of the task's metric, the higher the better; `values`: what a customer reads, `loss` among them."""

    score: float
    values: dict[str, float]


class Lesson(Protocol):
    """What is learnt: a kind's rows, its loss, its validation. Rows are positions in the training split."""

    @property
    def module(self) -> nn.Module:
        """Holds the trained parameters."""

    @property
    def size(self) -> int:
        """Training rows."""

    def order(self, epoch: int) -> list[list[int]]:
        """An epoch's batches: a pure function of the seed."""

    def parts(self, rows: list[int], shrink: int) -> list[list[int]]:
        """The batch in parts that fit into memory at once; `shrink`: how many times smaller than usual."""

    def loss(self, part: list[int], whole: list[int]) -> Tensor:
        """What the part adds to the mean loss of the batch `whole`, nats or squared units."""

    def validate(self) -> Validated:
        """Judges the validation split."""


class Interrupted(Exception):
    """Asked to stop, and everything needed to go on is on disk."""


def never(standing: Standing) -> bool:
    return False


class Offer(Protocol):
    def __call__(self, standing: Standing, /, *, last: bool) -> None: ...


def unheard(standing: Standing, /, *, last: bool) -> None:
    """An `Offer` that nobody takes."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """What a training needs. `stop` says whether to end after this step; `prune`, asked after each validation, whether
    what it would reach is not worth going on for; `offer` is told when the module holds the best of validation so far,
    and whether no better one follows in this process (`last`); `work` where checkpoints go, None: it writes none and is
    begun again. `phase`: what its progress is called."""

    job: str
    settings: Settings
    lesson: Lesson
    voice: Voice
    stop: Callable[[], bool]
    work: Path | None
    checkpoint_every_s: float
    phase: str = TRAINING
    prune: Callable[[Standing], bool] = never
    offer: Offer = unheard

    def named(self, values: dict[str, float]) -> dict[str, float]:
        """What a customer reads: a job's second training is no part of its first."""
        return values if self.phase == TRAINING else {f"{self.phase}_{name}": one for name, one in values.items()}


def optimise(course: Course, resumed: Snapshot | None) -> Standing:
    """Trains in place and leaves the best of validation in the module. Raises `Interrupted`, `Problem` (`diverged`)."""
    settings, lesson = course.settings, course.lesson
    trained = {name: one for name, one in lesson.module.named_parameters() if one.requires_grad}
    optimizer = optimizer_for(trained, weight_decay=settings.weight_decay)
    lesson.module.eval()  # without dropout, as `Packed` is
    standing, best = Standing(), dict[str, Tensor]()
    if resumed is not None:
        standing, best = resumed.standing, resumed.best
        _overwrite(trained, resumed.model)
        restore_moments(optimizer, trained, resumed.optimizer)
        seed.restore(resumed.chance)
    per_epoch = math.ceil(lesson.size / settings.batch_size)
    steps = per_epoch * settings.epochs
    began, spent, first = time.monotonic(), standing.seconds, standing.step
    saved_at = began
    while not standing.finished:
        epoch, batches = standing.step // per_epoch, lesson.order(standing.step // per_epoch)
        for rows in batches[standing.step % per_epoch :]:
            # 1. one step
            rate = rate_at(standing.step, steps=steps, peak=settings.learning_rate, warmup=settings.warmup)
            set_rate(optimizer, rate)
            loss = _step(course, standing, rows, list(trained.values()), optimizer)
            standing.step, standing.loss_sum = standing.step + 1, standing.loss_sum + loss
            # 2. say where it stands
            now = time.monotonic()
            standing.seconds = spent + now - began
            _tell(course, standing, steps=steps, loss=loss, rate=rate, pace=(standing.step - first) / (now - began))
            # 3. at an epoch's end, validate and keep the best
            if standing.step % per_epoch == 0 and _validate(course, standing, epoch=epoch + 1, batches=per_epoch):
                best = {name: one.detach().clone() for name, one in trained.items()}
                course.offer(standing, last=False)
            # 4. a checkpoint where one is due, and the end where it is asked for
            stopping = course.stop()
            if stopping or now - saved_at >= course.checkpoint_every_s:
                _save(course, standing, trained, best, optimizer)
                saved_at = time.monotonic()
            if stopping:
                if best:
                    _overwrite(trained, best)
                    course.offer(standing, last=True)
                raise Interrupted
    _overwrite(trained, best)
    return standing


def _step(
    course: Course,
    standing: Standing,
    rows: list[int],
    trained: list[nn.Parameter],
    optimizer: torch.optim.Optimizer,
) -> float:
    """The batch's mean loss before the step. Where memory does not suffice, the parts are halved until it does."""
    while True:
        try:
            total = _gradients(course.lesson, rows, shrink=standing.shrink)
            break
        except torch.OutOfMemoryError:
            if len(course.lesson.parts(rows, standing.shrink)) == len(rows):
                raise  # one row at a time, and still too much
        optimizer.zero_grad()
        standing.shrink *= 2
        message = f"The memory did not suffice: from here on a batch goes in parts {standing.shrink} times smaller."
        course.voice.event(message, level="warn", shrink=standing.shrink)
    _refuse_divergence(total, settings=course.settings)
    nn.utils.clip_grad_norm_(trained, course.settings.clip_norm)
    optimizer.step()
    optimizer.zero_grad()
    return total


def _gradients(lesson: Lesson, rows: list[int], *, shrink: int) -> float:
    """Sums them up over the parts; returns the loss."""
    total = 0.0
    for part in lesson.parts(rows, shrink):
        loss = lesson.loss(part, rows)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        total += loss.item()
    return total


def _refuse_divergence(loss: float, *, settings: Settings) -> None:
    if not math.isfinite(loss):
        message = (
            "The training diverged: its loss is no longer a finite number. "
            f"Choose a learning rate below {settings.learning_rate:g}, a tenth of it for instance."
        )
        raise Problem("diverged", message, param="hyperparameters.learning_rate")


def _validate(course: Course, standing: Standing, *, epoch: int, batches: int) -> bool:
    """Judges the validation split, notes it in the history, decides about stopping. Whether it is the best so far."""
    validated = course.lesson.validate()
    loss = validated.values["loss"]
    values = {"train_loss": standing.loss_sum / batches}
    values |= {f"valid_{name}": value for name, value in validated.values.items()}
    _refuse_divergence(loss, settings=course.settings)
    standing.history.append({"epoch": float(epoch), "step": float(standing.step), **values})
    standing.loss_sum = 0.0
    # a small split ties often: the loss decides then
    better = standing.best is None or (validated.score, -loss) > (standing.best, -standing.best_loss)
    if better:
        standing.best, standing.best_loss, standing.best_epoch = validated.score, loss, epoch
    standing.without_gain = 0 if better else standing.without_gain + 1
    standing.finished = epoch == course.settings.epochs or standing.without_gain >= course.settings.patience
    standing.pruned = not standing.finished and course.prune(standing)
    standing.finished |= standing.pruned
    course.voice.say(Metrics(step=standing.step, values=course.named(values)))
    return better


def _tell(course: Course, standing: Standing, *, steps: int, loss: float, rate: float, pace: float) -> None:
    told = course.voice.progress(
        Progress(
            phase=course.phase,
            step=standing.step,
            steps=steps,
            eta_s=(steps - standing.step) / pace,
            steps_per_s=pace,
            loss=loss,
            epoch=standing.step * course.settings.epochs / steps,
        )
    )
    if told:
        values = {"train_loss": loss, "learning_rate": rate}
        course.voice.say(Metrics(step=standing.step, values=course.named(values)))


def _save(
    course: Course,
    standing: Standing,
    trained: dict[str, nn.Parameter],
    best: dict[str, Tensor],
    optimizer: torch.optim.Optimizer,
) -> None:
    if course.work is None:
        return
    snapshot = Snapshot(
        standing=standing,
        model={name: one.detach() for name, one in trained.items()},
        best=best,
        optimizer=moments(optimizer, trained),
        chance=seed.capture(),
    )
    folder = checkpoint.save(snapshot, course.work, job=course.job)
    course.voice.say(Checkpoint(step=standing.step, path=folder.relative_to(course.work).as_posix()))


def _overwrite(trained: dict[str, nn.Parameter], saved: dict[str, Tensor]) -> None:
    with torch.no_grad():
        for name, one in trained.items():
            one.copy_(saved[name])
