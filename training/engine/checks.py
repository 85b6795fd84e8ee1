"""Everything that can be wrong with a request, found before weights load and told at once."""

from pathlib import Path

from contracts.fine_tune import FineTuneSpec
from contracts.problems import Problem
from training.engine import settings
from training.engine.data.reading import Rows, read
from training.engine.model.base import Base, inspect
from training.engine.tasks import text_classification as recipe


def checked(spec: FineTuneSpec, input_folder: Path) -> tuple[Base, dict[str, Rows]]:
    """The base's description and the splits, or one `Problem` with every fault."""
    faults = recipe.faults_of_task(spec.task) + settings.faults(spec)
    base: Base | None = None
    splits: dict[str, Rows] | None = None
    try:
        base = inspect(spec.base)
        faults += settings.faults_with(spec, base)
    except Problem as problem:
        faults += problem.faults
    try:
        splits = read(input_folder / spec.data)
        faults += recipe.faults_of_rows(spec.task, splits)
    except Problem as problem:
        faults += problem.faults
    if faults or base is None or splits is None:
        raise Problem.of(faults)
    return base, splits
