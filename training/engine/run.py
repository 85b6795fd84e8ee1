"""One fine-tuning from spec to sealed model folder. Read `fine_tune` top to bottom."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerBase

from contracts.child import Done, Progress
from contracts.fine_tune import FineTuneSpec
from contracts.manifest import seal
from training.engine import baseline, checkpoint, publish, seed, settings, telling
from training.engine.checkpoint import Snapshot
from training.engine.checks import checked
from training.engine.data.order import bucketed, shuffled
from training.engine.data.tokens import tokenise
from training.engine.loop import Course, Split, optimise, predict
from training.engine.model import lora
from training.engine.model.base import Base, load_model, load_tokenizer
from training.engine.model.packed import Packed
from training.engine.model.precision import native_bfloat16
from training.engine.model.prepare import Trainable, network_of, prepare
from training.engine.report.findings import Answered, describe
from training.engine.report.write import write_report
from training.engine.settings import Settings
from training.engine.tasks import text_classification as recipe
from training.engine.voice import Voice


@dataclass(frozen=True, kw_only=True)
class Folders:
    input: Path
    work: Path
    output: Path


def fine_tune(spec: FineTuneSpec, folders: Folders, voice: Voice, stop: Callable[[], bool]) -> None:
    """Fills the output folder and says `Done`. Raises `Problem`, or `Interrupted` where `stop` says so."""
    # 1. everything that can be wrong with the request, before weights load
    _phase(voice, "loading", 0, 3)
    base, rows = checked(spec, folders.input)
    tokenizer = load_tokenizer(base)
    chosen = _settled(spec, base, train_rows=len(rows["train"]))
    telling.choices(voice, spec, base, chosen)

    # 2. texts to tokens, labels to class indices
    tokens = {name: tokenise(tokenizer, split.texts, max_length=chosen.max_length) for name, split in rows.items()}
    truth = {name: recipe.targets(spec.task, split) for name, split in rows.items()}
    weights = recipe.weights(spec.task, chosen.class_weights, truth["train"])
    telling.truncated(voice, tokens, chosen)
    telling.weighted(voice, spec.task.labels, weights)
    _phase(voice, "loading", 1, 3)

    # 3. the base model, its head started; a checkpoint where there is one
    resumed = _resumed(spec, folders, voice)
    model = load_model(base, spec.task.labels)
    _phase(voice, "loading", 2, 3)
    both = (tokens["train"], tokens["validation"])
    trainable = prepare(base, model, tokenizer, settings=chosen, tokens=both, truth=truth["train"])
    _phase(voice, "loading", 3, 3)

    # 4. what a few seconds without a neural network reach
    _phase(voice, "baseline", 0, 1)
    plain = baseline.answers(rows["train"], truth["train"], rows["test"], seed=spec.seed)
    _phase(voice, "baseline", 1, 1)

    # 5. training
    course = _course(spec, folders, voice, stop, chosen, trainable, truth, weights)
    standing = optimise(course, resumed)
    telling.end(voice, spec, chosen, standing)

    # 6. the artifact as customers load it
    _phase(voice, "exporting", 0, 1)
    _export(spec, folders.output, trainable, tokenizer, chosen)
    _phase(voice, "exporting", 1, 1)

    # 7. judged on the test split, from its files; on validation only how far its confidence can be trusted
    _phase(voice, "evaluating", 0, 2)
    published = AutoModelForSequenceClassification.from_pretrained(folders.output, use_safetensors=True).eval()
    network = network_of(base, published, tokenizer)
    answered = {}
    for done, name in enumerate(("validation", "test"), start=1):
        split = Split(tokens=tokens[name], truth=truth[name])
        answered[name] = Answered(
            logits=predict(network, split, classes=len(spec.task.labels), bfloat16=chosen.bfloat16),
            truth=truth[name],
            numbers=rows[name].numbers,
            lengths=tokens[name].lengths,
        )
        _phase(voice, "evaluating", done, 2)

    # 8. the report; the manifest last
    findings = describe(
        spec,
        chosen,
        standing,
        rows={name: len(split) for name, split in rows.items()},
        layers=base.layers,
        test=answered["test"],
        validation=answered["validation"],
        plain=plain,
    )
    write_report(folders.output, findings)
    summary = findings.summary()
    seal(folders.output, kind="model", about={"base": spec.base.name, "task": spec.task.kind, **summary})
    voice.say(Done(summary=summary))


def _phase(voice: Voice, phase: str, step: int, steps: int) -> None:
    voice.progress(Progress(phase=phase, step=step, steps=steps))


def _settled(spec: FineTuneSpec, base: Base, *, train_rows: int) -> Settings:
    """The numbers of this training; threads and seeds take effect here."""
    threads = spec.threads or torch.get_num_threads()  # the cores it may use, or OMP_NUM_THREADS
    torch.set_num_threads(threads)
    seed.sow(spec.seed)
    return settings.choose(spec, base, train_rows=train_rows, bfloat16=native_bfloat16(), threads=threads)


def _resumed(spec: FineTuneSpec, folders: Folders, voice: Voice) -> Snapshot | None:
    if spec.resume is None:
        return None
    snapshot, broken = checkpoint.load_newest(folders.input / spec.resume)
    telling.resumed(voice, snapshot.standing.step if snapshot else None, broken)
    return snapshot


def _course(
    spec: FineTuneSpec,
    folders: Folders,
    voice: Voice,
    stop: Callable[[], bool],
    chosen: Settings,
    trainable: Trainable,
    truth: dict[str, Tensor],
    weights: Tensor | None,
) -> Course:
    train, validation = (
        Split(tokens=tokens, truth=truth[name], lower=lower)
        for name, tokens, lower in zip(("train", "validation"), trainable.tokens, trainable.lower, strict=True)
    )

    def order(epoch: int) -> list[list[int]]:
        if isinstance(trainable.network, Packed):
            return shuffled(len(train.tokens), batch_size=chosen.batch_size, seed=chosen.seed, epoch=epoch)
        return bucketed(train.tokens.lengths, batch_size=chosen.batch_size, seed=chosen.seed, epoch=epoch)

    return Course(
        job=spec.job,
        task=spec.task,
        settings=chosen,
        network=trainable.network,
        module=trainable.module,
        train=train,
        validation=validation,
        class_weights=weights,
        order=order,
        voice=voice,
        stop=stop,
        work=folders.work,
        checkpoint_every_s=spec.checkpoint_every_s,
    )


def _export(
    spec: FineTuneSpec, output: Path, trainable: Trainable, tokenizer: PreTrainedTokenizerBase, chosen: Settings
) -> None:
    output.mkdir(parents=True, exist_ok=True)
    if chosen.method == "lora":
        lora.save_adapter(trainable.module, output / lora.FOLDER, base=spec.base.name)
    model = trainable.finished()
    publish.write(output, model=model, tokenizer=tokenizer, task=spec.task, max_length=chosen.max_length)
