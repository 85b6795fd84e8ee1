"""A model that was published before, compressed: from spec to sealed folder. Read `compress_model` top to bottom."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from contracts.child import Done
from contracts.compression import EXPORTS
from contracts.fine_tune import FineTuneSpec
from contracts.manifest import seal
from contracts.problems import Problem
from training.engine import publish, telling
from training.engine.checkpoint import Standing
from training.engine.checks import checked
from training.engine.compress.contract import Compressed
from training.engine.compress.lighter import Original
from training.engine.compress.texts import compress
from training.engine.judging.compared import Detail, Summary
from training.engine.loop import Course, Lesson, optimise
from training.engine.model.base import Base, load_tokenizer
from training.engine.model.prepare import network_of
from training.engine.report.findings import Findings
from training.engine.report.write import write_report
from training.engine.run import Folders, resumption, settled
from training.engine.settings import Settings
from training.engine.tasks import kind_of
from training.engine.tasks.texts import Corpus, Texts
from training.engine.voice import Voice


def compress_model(spec: FineTuneSpec, folders: Folders, voice: Voice, stop: Callable[[], bool]) -> None:
    """Fills the output folder where the contract is held, else leaves none, and says `Done` with the figures. Raises
    `Problem`, or `Interrupted` where `stop` says so. `spec.base`: the model, a folder."""
    # 1. everything that can be wrong with the request, before weights load
    telling.phase(voice, "loading", 0, 3)
    kind = kind_of(spec.task)
    base, rows = checked(kind, spec, folders.input)
    asked = spec.compression
    if asked is None or not isinstance(kind, Texts):
        raise Problem("required", "Say how the model is to be compressed.", param="compression")
    spec = _as_it_reads(spec, base)
    chosen = settled(spec, base, kind.habits, train_rows=len(rows["train"]))
    resumed = resumption(spec, folders, voice)

    # 2. the rows as the model reads them, and what it answers
    corpus = kind.read(spec, base, rows, chosen, voice)
    telling.phase(voice, "baseline", 0, 1)
    plain = corpus.baseline()
    telling.phase(voice, "baseline", 1, 1)
    source = Path(spec.base.location)
    published = corpus.recipe.HEAD.from_pretrained(source, use_safetensors=True).eval()
    network = network_of(base, published, corpus.tokenizer)
    before = corpus.judged(network, plain, voice, bfloat16=chosen.bfloat16)

    # 3. compressed, judged and measured
    def train(settings: Settings, lesson: Lesson) -> Standing:
        return optimise(_course(spec, folders, voice, stop, settings, lesson), resumed)

    original = Original(kind=kind, corpus=corpus, folder=source, plain=plain, detail=before)
    found, after = compress(asked, original, folders.output, train, voice)

    # 4. the artifact, where it holds the contract; the manifest last
    summary = found.figures()
    if found.kept:
        if asked.method in EXPORTS:
            publish.write(
                folders.output, model=published, tokenizer=corpus.tokenizer, task=spec.task,
                max_length=chosen.max_length,
            )  # fmt: skip
        summary |= _reported(spec, corpus, found, after, folders.output)
    else:
        shutil.rmtree(folders.output)
    voice.say(Done(summary=summary))


def _as_it_reads(spec: FineTuneSpec, base: Base) -> FineTuneSpec:
    """Texts are cut where the model's training cut them."""
    longest = min(load_tokenizer(base).model_max_length, base.positions)
    return replace(spec, hyperparameters=replace(spec.hyperparameters, max_length=longest))


def _course(
    spec: FineTuneSpec, folders: Folders, voice: Voice, stop: Callable[[], bool], settings: Settings, lesson: Lesson
) -> Course:
    return Course(
        job=spec.job, settings=settings, lesson=lesson, voice=voice, stop=stop, work=folders.work,
        checkpoint_every_s=spec.checkpoint_every_s, phase="recovering",
    )  # fmt: skip


def _reported(spec: FineTuneSpec, corpus: Corpus, found: Compressed, detail: Detail, folder: Path) -> Summary:
    """Report, card and manifest; what lists show of the new model."""
    findings = Findings(
        task=spec.task, base=spec.base.name, layers=corpus.base.layers,
        settings=replace(corpus.settings, method=found.form), standing=found.recovery or Standing(),
        rows={name: len(split.rows) for name, split in corpus.splits.items()}, detail=detail, compressed=found,
        made="Compressed",
    )  # fmt: skip
    write_report(folder, findings, hub=None)
    summary = findings.summary()
    seal(folder, kind="model", about={"base": spec.base.name, "task": spec.task.kind, **summary})
    return summary
