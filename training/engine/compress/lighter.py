"""A smaller model made of a trained one, which teaches it to answer as before."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

from torch import Tensor
from transformers import PreTrainedModel

from contracts.compression import METHODS, Compression
from contracts.fine_tune import Hyperparameters
from training.engine import settings, telling
from training.engine.checkpoint import Standing
from training.engine.compress import student
from training.engine.compress.taught import Taught, teacher_of
from training.engine.judging.baseline import Baselines
from training.engine.judging.compared import Detail
from training.engine.loop import Lesson
from training.engine.model.base import Base
from training.engine.model.prepare import network_of
from training.engine.settings import Settings
from training.engine.tasks.texts import Corpus, Reading, Texts
from training.engine.voice import Voice

BATCHES = 64  # of training rows, after which the worth of neurons hardly moves

Train = Callable[[Settings, Lesson], Standing]  # a lesson to its end; leaves the best of validation in its module


@dataclass(frozen=True, kw_only=True)
class Original:
    """What is compressed: a published model of a kind, the texts it is judged on, and what it answered to them."""

    kind: Texts
    corpus: Corpus
    folder: Path
    plain: Baselines
    detail: Detail


def lighter(
    asked: Compression, original: Original, published: PreTrainedModel, train: Train, voice: Voice
) -> tuple[Reading, Standing | None]:
    """The smaller model with the texts as it reads them, and how its training went; None where there was none."""
    corpus = replace(original.corpus, settings=_settings(asked, original, original.corpus.base))
    model = deepcopy(published)
    if corpus.unit is not None:
        corpus.unit.unfold(model)
    reading, followed = _cut(asked, original, corpus, model, voice)
    if reading.settings.epochs == 0:
        return reading, None
    telling.recovery(voice, asked, reading.settings)
    taught_by = network_of(corpus.base, published, corpus.tokenizer)
    teacher = teacher_of(corpus, taught_by, layers=followed)
    return reading, train(reading.settings, Taught(reading=reading, teacher=teacher))


def _settings(asked: Compression, original: Original, base: Base) -> Settings:
    """Every layer is trained, at the rate that suits the base; what says how rows count stays as it was."""
    spec, before = original.corpus.spec, original.corpus.settings
    epochs = METHODS[asked.method].epochs if asked.epochs is None else asked.epochs
    numbers = Hyperparameters(
        batch_size=spec.hyperparameters.batch_size, class_weights=spec.hyperparameters.class_weights,
        label_smoothing=spec.hyperparameters.label_smoothing, max_length=min(before.max_length, base.positions),
    )  # fmt: skip
    chosen = settings.choose(
        replace(spec, method="full", hyperparameters=numbers, base=base.spec), base, original.kind.habits,
        train_rows=len(original.corpus.splits["train"].rows), bfloat16=before.bfloat16, threads=before.threads,
    )  # fmt: skip
    return replace(chosen, epochs=epochs)


def _cut(
    asked: Compression, original: Original, corpus: Corpus, model: PreTrainedModel, voice: Voice
) -> tuple[Reading, list[int] | None]:
    """The student, and which of the original's layers its own are to follow."""
    layers = corpus.base.layers
    if asked.student is not None:
        return _other_base(asked, original, corpus, voice)
    if asked.method == "distillation":
        followed = student.spread(int(asked.layers or layers), layers)
        return corpus.reading(student.with_layers(model, followed), None), followed
    if asked.method == "layer_drop":
        return corpus.reading(student.with_layers(model, range(int(asked.layers or layers))), None), None
    share = float(asked.share or 0.0)
    if asked.method == "pruning":
        return corpus.reading(student.with_zeros(model, share=share), None), None
    probe = corpus.reading(deepcopy(model), None)
    worth = student.worth_of_neurons(probe.trainable.module, _losses(probe))
    return corpus.reading(student.without_neurons(model, worth, share=share), None), None


def _other_base(
    asked: Compression, original: Original, corpus: Corpus, voice: Voice
) -> tuple[Reading, list[int] | None]:
    """Another base model, its head started. Its layers follow where they are as wide as the original's."""
    spec = corpus.spec
    assert spec.student is not None  # noqa: S101 - `checked` has seen to it
    base = original.kind.inspect(spec.student)
    rows = {name: split.rows for name, split in corpus.splits.items()}
    reading = original.kind.begin(replace(spec, base=base.spec), base, rows, _settings(asked, original, base), voice)
    alike = base.width == corpus.base.width and base.layers <= corpus.base.layers
    return reading, student.spread(base.layers, corpus.base.layers) if alike else None


def _losses(reading: Reading) -> Iterator[Callable[[], Tensor]]:
    """Of some batches."""
    for rows in islice(reading.order(0), BATCHES):
        yield partial(reading.loss, rows, rows)
