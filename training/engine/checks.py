"""Everything that can be wrong with a request, found before weights load and told at once."""

from pathlib import Path

from contracts.fine_tune import FineTuneSpec
from contracts.problems import Problem
from contracts.task import form_of
from training.engine import settings
from training.engine.data.reading import Rows, read
from training.engine.model.base import Base
from training.engine.tasks.kind import Kind


def checked(kind: Kind, spec: FineTuneSpec, input_folder: Path) -> tuple[Base, dict[str, Rows]]:
    """The base's description and the splits, or one `Problem` with every fault."""
    faults = kind.faults_of_task(spec.task) + settings.faults(spec)
    base: Base | None = None
    splits: dict[str, Rows] | None = None
    try:
        base = kind.inspect(spec.base)
        faults += settings.faults_with(spec, base, kind.habits)
        if spec.student is not None:
            kind.inspect(spec.student)
    except Problem as problem:
        faults += problem.faults
    try:
        roles = form_of(spec.task.kind, spec.task.form).roles
        splits = read(input_folder / spec.data, tuple(role.name for role in roles))
        faults += kind.faults_of_rows(spec.task, splits)
    except Problem as problem:
        faults += problem.faults
    if faults or base is None or splits is None:
        raise Problem.of(faults)
    return base, splits
