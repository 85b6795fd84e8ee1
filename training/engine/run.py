"""One fine-tuning from spec to sealed model folder. Read `fine_tune` top to bottom. Knows no kind of task."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from contracts.child import Done
from contracts.fine_tune import FineTuneSpec
from contracts.manifest import seal
from training.engine import checkpoint, seed, settings, telling
from training.engine.candidates import Candidates
from training.engine.checkpoint import Snapshot
from training.engine.checks import checked
from training.engine.loop import Course, optimise
from training.engine.model.base import Base
from training.engine.model.precision import native_bfloat16
from training.engine.report.findings import Findings
from training.engine.report.write import write_report
from training.engine.settings import Habits, Settings
from training.engine.tasks import kind_of
from training.engine.tasks.texts import Reading
from training.engine.voice import Voice


@dataclass(frozen=True, kw_only=True)
class Folders:
    input: Path
    work: Path
    output: Path


def fine_tune(spec: FineTuneSpec, folders: Folders, voice: Voice, stop: Callable[[], bool]) -> None:
    """Fills the output folder and says `Done`. Raises `Problem`, or `Interrupted` where `stop` says so."""
    # 1. everything that can be wrong with the request, before weights load
    telling.phase(voice, "loading", 0, 3)
    kind = kind_of(spec.task)
    base, rows = checked(kind, spec, folders.input)
    chosen = _settled(spec, base, kind.habits, train_rows=len(rows["train"]))
    telling.choices(voice, spec, base, kind.habits, chosen)

    # 2. rows to tensors; the base model, its head started; a checkpoint where there is one
    resumed = _resumed(spec, folders, voice)
    work = kind.begin(spec, base, rows, chosen, voice)

    # 3. what a few seconds without a neural network reach
    telling.phase(voice, "baseline", 0, 1)
    plain = work.baseline()
    telling.phase(voice, "baseline", 1, 1)

    # 4. training
    course = Course(
        job=spec.job, settings=chosen, lesson=work, voice=voice, stop=stop,
        offer=Candidates(spec, work, folders.work, voice).offer, work=folders.work,
        checkpoint_every_s=spec.checkpoint_every_s,
    )  # fmt: skip
    standing = optimise(course, resumed)
    telling.end(voice, spec, chosen, standing)

    # 5. the artifact as customers load it
    telling.phase(voice, "exporting", 0, 1)
    work.publish(folders.output)
    telling.phase(voice, "exporting", 1, 1)

    # 6. judged on the test split, from its files; on validation only how far its confidence can be trusted
    telling.phase(voice, "evaluating", 0, 2)
    detail = work.examine(folders.output, plain, voice)

    # 7. compressed, where that was asked for and holds its contract
    compressed = None
    if spec.compression is not None and isinstance(work, Reading):  # of other kinds it was refused
        from training.engine.compress.texts import compress  # ONNX's libraries: seconds that others need not wait

        compressed = compress(spec.compression, work, folders.output, plain, detail, voice)

    # 8. the report; the manifest last
    findings = Findings(
        task=spec.task, base=spec.base.name, layers=base.layers, settings=chosen, standing=standing,
        rows={name: len(split) for name, split in rows.items()}, detail=detail, compressed=compressed,
    )  # fmt: skip
    write_report(folders.output, findings, hub=spec.base.location if spec.base.revision else None)
    summary = findings.summary()
    seal(folders.output, kind="model", about={"base": spec.base.name, "task": spec.task.kind, **summary})
    voice.say(Done(summary=summary))


def _settled(spec: FineTuneSpec, base: Base, habits: Habits, *, train_rows: int) -> Settings:
    """The numbers of this training; threads and seeds take effect here."""
    threads = spec.threads or torch.get_num_threads()  # the cores it may use, or OMP_NUM_THREADS
    torch.set_num_threads(threads)
    seed.sow(spec.seed)
    return settings.choose(spec, base, habits, train_rows=train_rows, bfloat16=native_bfloat16(), threads=threads)


def _resumed(spec: FineTuneSpec, folders: Folders, voice: Voice) -> Snapshot | None:
    if spec.resume is None:
        return None
    snapshot, broken = checkpoint.load_newest(folders.input / spec.resume)
    telling.resumed(voice, snapshot.standing.step if snapshot else None, broken)
    return snapshot
