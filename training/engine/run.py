"""One fine-tuning from spec to sealed model folder. Read it top to bottom. Knows no kind of task."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from contracts.child import Done
from contracts.fine_tune import FineTuneSpec
from contracts.manifest import seal
from contracts.task import form_of
from training.engine import checkpoint, seed, settings, telling
from training.engine.candidates import Candidates
from training.engine.checkpoint import Snapshot, Standing
from training.engine.checks import checked
from training.engine.data.groups import groups
from training.engine.data.reading import Rows
from training.engine.judging import learning, slicing
from training.engine.judging.slicing import Parted
from training.engine.loop import Course, Offer, never, optimise, unheard
from training.engine.model.base import Base
from training.engine.model.precision import native_bfloat16
from training.engine.report.findings import Findings
from training.engine.report.write import write_report
from training.engine.search.explored import explore
from training.engine.search.settled import nearest
from training.engine.settings import Habits, Settings
from training.engine.tasks import kind_of
from training.engine.tasks.kind import Kind, Repeatable, Work
from training.engine.tasks.texts import Reading, Texts
from training.engine.voice import Voice


@dataclass(frozen=True, kw_only=True)
class Folders:
    input: Path
    work: Path
    output: Path


@dataclass(frozen=True, kw_only=True)
class Begun:
    """What is checked, chosen and loaded. `resumed`: None where the training starts."""

    spec: FineTuneSpec
    kind: Kind
    base: Base
    rows: dict[str, Rows]
    settings: Settings
    work: Work
    resumed: Snapshot | None


def fine_tune(spec: FineTuneSpec, folders: Folders, voice: Voice, stop: Callable[[], bool]) -> None:
    """Fills the output folder and says `Done`. Raises `Problem`, or `Interrupted` where `stop` says so."""
    # 1., 2. everything that can be wrong with the request; rows to tensors, the base model, its head started
    begun = begin(spec, folders, voice)
    work, rows = begun.work, begun.rows

    # 3. what a few seconds without a neural network reach
    telling.phase(voice, "baseline", 0, 1)
    plain = work.baseline()
    telling.phase(voice, "baseline", 1, 1)

    # 4. training
    offer = Candidates(spec, work, folders.work, voice).offer if spec.candidates else unheard
    course = course_of(begun, folders, voice, stop, offer=offer)
    standing = optimise(course, begun.resumed)
    telling.end(voice, spec, begun.settings, standing)

    # 5. the artifact as customers load it
    telling.phase(voice, "exporting", 0, 1)
    work.publish(folders.output)
    telling.phase(voice, "exporting", 1, 1)

    # 6. judged on the test split, from its files; on validation only how far its confidence can be trusted
    telling.phase(voice, "evaluating", 0, 2)
    detail = work.examine(folders.output, plain, voice)

    form, learner = form_of(spec.task.kind, spec.task.form), work.plainly() if isinstance(work, Repeatable) else None
    slices = slicing.examine(groups(rows["test"], form), detail.said) if isinstance(detail, Parted) else None
    learnt = learning.examine(rows["train"], form, learner, plain.name, seed=spec.seed) if learner else None

    # 7. compressed, where that was asked for and holds its contract
    compressed = None
    if spec.compression is not None and isinstance(begun.kind, Texts) and isinstance(work, Reading):  # others: refused
        from training.engine.compress import beside  # ONNX's libraries: seconds that others need not wait

        original = beside.Original(kind=begun.kind, corpus=work, folder=folders.output, plain=plain, detail=detail)
        compressed = beside.compressed(spec.compression, original, course)

    # 8. the report; the manifest last
    findings = Findings(
        task=spec.task, base=spec.base.name, layers=begun.base.layers, settings=begun.settings, standing=standing,
        rows={name: len(split) for name, split in rows.items()}, detail=detail, slices=slices, learning=learnt,
        compressed=compressed, explored=explore(spec.searched, spec.task.metric) if spec.searched else None,
    )  # fmt: skip
    write_report(folders.output, findings, hub=spec.base.location if spec.base.revision else None)
    summary = findings.summary()
    seal(folders.output, kind="model", about={"base": spec.base.name, "task": spec.task.kind, **summary})
    voice.say(Done(summary=summary))


def begin(spec: FineTuneSpec, folders: Folders, voice: Voice) -> Begun:
    """Raises `Problem` with everything that is wrong, before weights load."""
    # 1. request, base and rows; the numbers of this training
    telling.phase(voice, "loading", 0, 3)
    kind = kind_of(spec.task)
    base, rows = checked(kind, spec, folders.input)
    settle = partial(settled, base=base, habits=kind.habits, train_rows=len(rows["train"]))
    if spec.trial is not None and spec.trial.nearest:
        spec = nearest(spec, spec.trial.search.space, settle)
    chosen = settle(spec)
    telling.choices(voice, spec, base, kind.habits, chosen)

    # 2. rows to tensors; the base model, its head started; a checkpoint where there is one
    resumed = resumption(spec, folders, voice)
    work = kind.begin(spec, base, rows, chosen, voice)
    return Begun(spec=spec, kind=kind, base=base, rows=rows, settings=chosen, work=work, resumed=resumed)


def course_of(
    begun: Begun,
    folders: Folders,
    voice: Voice,
    stop: Callable[[], bool],
    *,
    prune: Callable[[Standing], bool] = never,
    offer: Offer = unheard,
) -> Course:
    """`prune`, `offer`: see `loop.Course`."""
    return Course(
        job=begun.spec.job, settings=begun.settings, lesson=begun.work, voice=voice, stop=stop, prune=prune,
        offer=offer, work=folders.work, checkpoint_every_s=begun.spec.checkpoint_every_s,
    )  # fmt: skip


def settled(spec: FineTuneSpec, base: Base, habits: Habits, *, train_rows: int) -> Settings:
    """The numbers of this training; threads and seeds take effect here."""
    threads = spec.threads or torch.get_num_threads()  # the cores it may use, or OMP_NUM_THREADS
    torch.set_num_threads(threads)
    seed.sow(spec.seed)
    return settings.choose(spec, base, habits, train_rows=train_rows, bfloat16=native_bfloat16(), threads=threads)


def resumption(spec: FineTuneSpec, folders: Folders, voice: Voice) -> Snapshot | None:
    if spec.resume is None:
        return None
    snapshot, broken = checkpoint.load_newest(folders.input / spec.resume)
    telling.resumed(voice, snapshot.standing.step if snapshot else None, broken)
    return snapshot
