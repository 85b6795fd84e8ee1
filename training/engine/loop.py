"""The optimisation: steps, validations, early stopping, checkpoints. Knows tensors; knows no files but checkpoints.

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
from contracts.task import TaskSpec
from training.engine import checkpoint, seed
from training.engine.checkpoint import Snapshot, Standing
from training.engine.data.order import by_length, within_budget
from training.engine.data.packing import Batch
from training.engine.data.tokens import Tokens
from training.engine.model.precision import autocast
from training.engine.optimise import moments, optimizer_for, rate_at, restore_moments, set_rate
from training.engine.settings import Settings
from training.engine.tasks import text_classification as recipe
from training.engine.voice import Voice

TOKENS_AT_ONCE = 8_192  # in one pass: ~200 MB of activations a layer of width 384; longer batches go in parts
TEXTS_AT_ONCE = 128  # in one pass without gradients


class Network(Protocol):
    """`model.packed.Packed` or `model.padded.Padded`."""

    def batch(self, tokens: Tokens, rows: list[int]) -> Batch: ...

    def logits(self, tokens: Tokens, batch: Batch, lower: Tensor | None = None) -> Tensor: ...


@dataclass(frozen=True, kw_only=True)
class Split:
    """`truth`: (N,) class indices; `lower`: kept states of the layers below the trained ones, or None."""

    tokens: Tokens
    truth: Tensor
    lower: Tensor | None = None


class Interrupted(Exception):
    """Asked to stop, and everything needed to go on is on disk."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """What a training needs. `class_weights`: (classes,) or None; `order` gives an epoch's batches, `stop` whether to
    end after this step."""

    job: str
    task: TaskSpec
    settings: Settings
    network: Network
    module: nn.Module
    train: Split
    validation: Split
    class_weights: Tensor | None
    order: Callable[[int], list[list[int]]]
    voice: Voice
    stop: Callable[[], bool]
    work: Path
    checkpoint_every_s: float


def optimise(course: Course, resumed: Snapshot | None) -> Standing:
    """Trains in place and leaves the best of validation in the module. Raises `Interrupted`, `Problem` (`diverged`)."""
    settings = course.settings
    trained = {name: one for name, one in course.module.named_parameters() if one.requires_grad}
    optimizer = optimizer_for(trained, weight_decay=settings.weight_decay)
    course.module.eval()  # without dropout, as `Packed` is
    standing, best = Standing(), dict[str, Tensor]()
    if resumed is not None:
        standing, best = resumed.standing, resumed.best
        _overwrite(trained, resumed.model)
        restore_moments(optimizer, trained, resumed.optimizer)
        seed.restore(resumed.chance)
    per_epoch = math.ceil(len(course.train.tokens) / settings.batch_size)
    steps = per_epoch * settings.epochs
    began, spent, first = time.monotonic(), standing.seconds, standing.step
    saved_at = began
    while not standing.finished:
        epoch, batches = standing.step // per_epoch, course.order(standing.step // per_epoch)
        for rows in batches[standing.step % per_epoch :]:
            # 1. one step
            rate = rate_at(standing.step, steps=steps, peak=settings.learning_rate, warmup=settings.warmup)
            set_rate(optimizer, rate)
            loss = _step(course, rows, list(trained.values()), optimizer)
            standing.step, standing.loss_sum = standing.step + 1, standing.loss_sum + loss
            # 2. say where it stands
            now = time.monotonic()
            standing.seconds = spent + now - began
            _tell(course, standing, steps=steps, loss=loss, rate=rate, pace=(standing.step - first) / (now - began))
            # 3. at an epoch's end, validate and keep the best
            if standing.step % per_epoch == 0 and _validate(course, standing, epoch=epoch + 1, batches=per_epoch):
                best = {name: one.detach().clone() for name, one in trained.items()}
            # 4. a checkpoint where one is due, and the end where it is asked for
            stopping = course.stop()
            if stopping or now - saved_at >= course.checkpoint_every_s:
                _save(course, standing, trained, best, optimizer)
                saved_at = time.monotonic()
            if stopping:
                raise Interrupted
    _overwrite(trained, best)
    return standing


def _step(course: Course, rows: list[int], trained: list[nn.Parameter], optimizer: torch.optim.Optimizer) -> float:
    """The batch's mean loss before the step, nats. A batch over the token budget goes in parts, gradients summed."""
    split, total = course.train, 0.0
    for part in within_budget(rows, split.tokens.lengths, tokens=TOKENS_AT_ONCE):
        batch = course.network.batch(split.tokens, part)
        with autocast(course.settings.bfloat16):
            logits = course.network.logits(split.tokens, batch, split.lower)
        truth = split.truth.index_select(0, batch.texts)
        smoothing, weights = course.settings.label_smoothing, course.class_weights
        loss = recipe.loss(logits, truth, smoothing=smoothing, weights=weights) * (len(part) / len(rows))
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        total += loss.item()
    _refuse_divergence(total, settings=course.settings)
    nn.utils.clip_grad_norm_(trained, course.settings.clip_norm)
    optimizer.step()
    optimizer.zero_grad()
    return total


def _refuse_divergence(loss: float, *, settings: Settings) -> None:
    if not math.isfinite(loss):
        message = (
            "The training diverged: its loss is no longer a finite number. "
            f"Choose a learning rate below {settings.learning_rate:g}, a tenth of it for instance."
        )
        raise Problem("diverged", message, param="hyperparameters.learning_rate")


def predict(network: Network, split: Split, *, classes: int, bfloat16: bool) -> Tensor:
    """(N, classes) logits, float32."""
    result = torch.empty(len(split.tokens), classes)
    with torch.inference_mode():
        for rows in by_length(split.tokens.lengths, batch_size=TEXTS_AT_ONCE):
            for part in within_budget(rows, split.tokens.lengths, tokens=TOKENS_AT_ONCE):
                batch = network.batch(split.tokens, part)
                with autocast(bfloat16):
                    result[batch.texts] = network.logits(split.tokens, batch, split.lower).float()
    return result


def _validate(course: Course, standing: Standing, *, epoch: int, batches: int) -> bool:
    """Judges the validation split, notes it in the history, decides about stopping. Whether it is the best so far."""
    split, settings = course.validation, course.settings
    logits = predict(course.network, split, classes=len(course.task.labels), bfloat16=settings.bfloat16)
    judged = recipe.judge(course.task, logits.argmax(1), split.truth)
    weights = course.class_weights
    loss = float(recipe.loss(logits, split.truth, smoothing=settings.label_smoothing, weights=weights))
    values = {
        "train_loss": standing.loss_sum / batches,
        "valid_loss": loss,
        "valid_accuracy": judged.accuracy,
        "valid_macro_f1": judged.macro.f1,
    }
    _refuse_divergence(values["valid_loss"], settings=settings)
    standing.history.append({"epoch": float(epoch), "step": float(standing.step), **values})
    standing.loss_sum = 0.0
    score = (judged.value(course.task.metric), -values["valid_loss"])  # a small split ties often: the loss decides then
    better = score > (standing.best, -standing.best_loss)
    if better:
        standing.best, standing.best_loss, standing.best_epoch = score[0], values["valid_loss"], epoch
    standing.without_gain = 0 if better else standing.without_gain + 1
    standing.finished = epoch == settings.epochs or standing.without_gain >= settings.patience
    course.voice.say(Metrics(step=standing.step, values=values))
    return better


def _tell(course: Course, standing: Standing, *, steps: int, loss: float, rate: float, pace: float) -> None:
    told = course.voice.progress(
        Progress(
            phase="training",
            step=standing.step,
            steps=steps,
            eta_s=(steps - standing.step) / pace,
            steps_per_s=pace,
            loss=loss,
            epoch=standing.step * course.settings.epochs / steps,
        )
    )
    if told:
        course.voice.say(Metrics(step=standing.step, values={"train_loss": loss, "learning_rate": rate}))


def _save(
    course: Course,
    standing: Standing,
    trained: dict[str, nn.Parameter],
    best: dict[str, Tensor],
    optimizer: torch.optim.Optimizer,
) -> None:
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
