"""`python -m training.engine.evaluate --spec F --input DIR --work DIR --output DIR`: the evaluating child.

Asks the published files of one model or two, long after their training, on the test split of a data set version.
Spec: `contracts.evaluation.EvaluationSpec` as JSON. Messages and exit codes: `contracts.child`.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from contracts.child import Done, Progress
from contracts.codec import to_json
from contracts.evaluation import Candidate, EvaluationSpec
from contracts.manifest import seal, verify
from contracts.problems import Problem, echo
from contracts.task import FEATURES, MEDIA, TaskSpec, form_of
from training.engine.__main__ import serve
from training.engine.data.groups import classes, groups
from training.engine.data.reading import Rows, read
from training.engine.run import Folders
from training.engine.voice import Voice

FEWEST = 2  # rows; of one, nothing can be said


def evaluate(spec: EvaluationSpec, folders: Folders, voice: Voice) -> None:
    """Fills the output folder and says `Done`. Raises `Problem`."""
    import torch  # seconds that a refused job need not wait

    from training.engine import seed
    from training.engine.judging import evaluated
    from training.engine.report.evaluation import page
    from training.engine.tasks import kind_of
    from training.engine.tasks.kind import Opening

    # 1. the rows that no candidate was trained on
    form = form_of(spec.kind, spec.form)
    rows, left_out = _unseen(spec, folders.input, voice)
    kind = kind_of(TaskSpec(kind=spec.kind, form=spec.form))
    if not isinstance(kind, Opening):
        raise Problem("not_evaluated", f"Models for {spec.kind} ({spec.form}) are not evaluated here.", param="model")

    # 2. what the files of each say
    threads = spec.threads or torch.get_num_threads()
    torch.set_num_threads(threads)
    seed.sow(0)
    said = []
    for done, one in enumerate(spec.candidates, start=1):
        verify(folders.input / one.folder)
        said.append(kind.opened(folders.input / one.folder, threads=threads).answers(rows, spec.metric))
        voice.progress(Progress(phase="evaluating", step=done, steps=len(spec.candidates)))

    # 3. how good that is, and which is better
    found = evaluated.evaluate(
        (spec.kind, spec.form), [one.name for one in spec.candidates], said, rows.numbers,
        (*classes(rows, form), *groups(rows, form)), left_out,
    )  # fmt: skip
    folders.output.mkdir(parents=True, exist_ok=True)
    (folders.output / "report.json").write_bytes(to_json(found.document()))
    (folders.output / "report.html").write_text(page(found), encoding="utf-8")
    seal(folders.output, kind="evaluation", about=found.summary())
    voice.say(Done(summary=found.summary()))


def _unseen(spec: EvaluationSpec, folder: Path, voice: Voice) -> tuple[Rows, dict[str, int]]:
    """The test rows, without those that a candidate saw in training; and how many these are, by its name."""
    roles = tuple(role.name for role in form_of(spec.kind, spec.form).roles)
    rows = read(folder / spec.data, roles)["test"]
    keys = _asked(spec, rows.frame)
    kept, left_out = pl.Series([True] * len(rows), dtype=pl.Boolean), dict[str, int]()
    for one in spec.candidates:
        if one.seen is not None:
            seen = keys.is_in(_trained_on(spec, folder, one).implode())
            left_out[one.name] = int(seen.sum())
            kept &= ~seen
            _tell(voice, one, left_out[one.name], len(rows))
    found = Rows(frame=rows.frame.filter(kept))
    if len(found) < FEWEST:
        message = (
            f"Of the {len(rows):,} test rows {len(found)} were not among the rows that the models were trained on; at "
            f"least {FEWEST} are needed. Evaluate on a data set that is new to both."
        )
        raise Problem("no_unseen_rows", message, param="dataset")
    return found, {name: count for name, count in left_out.items() if count}


def _trained_on(spec: EvaluationSpec, folder: Path, one: Candidate) -> pl.Series:
    """Training chooses weights by one split and the epoch by another."""
    frame = pl.read_parquet(folder / str(one.seen))
    return _asked(spec, frame.filter(pl.col("split") != "test"))


def _asked(spec: EvaluationSpec, frame: pl.DataFrame) -> pl.Series:
    """A number a row that is the same for rows that ask the same; of media their SHA-256 stands for all."""
    inputs = form_of(spec.kind, spec.form).inputs
    columns = [column for role in inputs for column in _plain(frame[role.name], role.content)]
    return pl.DataFrame([column.alias(str(at)) for at, column in enumerate(columns)]).hash_rows()


def _plain(cells: pl.Series, content: str) -> list[pl.Series]:
    if content in MEDIA:
        return [cells.struct.field("sha256")]
    if content == FEATURES:
        return sorted(cells.struct.unnest().get_columns(), key=lambda column: column.name)
    return [cells]


def _tell(voice: Voice, one: Candidate, count: int, rows: int) -> None:
    if count:
        message = f"{count:,} of the {rows:,} test rows are among those that {echo(one.name)} was trained on: left out."
        voice.event(message, level="warn", left_out=count)


def main(argv: Sequence[str] | None = None) -> int:
    return serve(argv, __doc__ or "", EvaluationSpec, lambda spec, folders, voice, stop: evaluate(spec, folders, voice))


if __name__ == "__main__":
    sys.exit(main())
