"""Published files asked again, long after the training, on a version written by `kinds.version`."""

from pathlib import Path

import numpy as np

from contracts.task import form_of
from tests.engine.engine import Outcome
from tests.engine.kinds import Form
from training.engine.data.reading import Rows, read
from training.engine.judging.said import Said
from training.engine.tasks import FORMS
from training.engine.tasks.kind import Opening


def rows_of(folder: Path, form: Form) -> Rows:
    return read(folder / "data.parquet", tuple(role.name for role in form_of(*form).roles))["test"]


def asked(outcome: Outcome, form: Form) -> Said:
    """The version is the folder `data` beside the training's output."""
    kind = FORMS[form]
    assert isinstance(kind, Opening)
    rows = rows_of(outcome.output.parent / "data", form)
    return kind.opened(outcome.output, threads=1).answers(rows, outcome.metrics["compared"]["metric"])


def reached(said: Said) -> float:
    return said.whole.value(np.arange(said.rows))
