"""Trainings that wait for the data set their file becomes: admitted with it, or refused with its reason."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from contracts.problems import Fault, Problem
from jobs import services as jobs
from jobs.models import Job
from training.models import Dataset
from training.services import datasets, fine_tunes, pretrainings


@dataclass(frozen=True)
class Waiting:
    """One kind of training. `rows`: the name that a data set has for those who use it; `unfit`: why it is nothing for
    one of them; `admit`: one that can begin; `failed`: what a job is owed that ends here."""

    rows: str
    unfit: Callable[[Any, Dataset], list[Fault]]
    admit: Callable[[Any], None]
    failed: Callable[[Job], None]

    def of(self, dataset: Dataset) -> Iterator[Any]:
        return iter(getattr(dataset, self.rows).select_related("job").filter(job__state=Job.State.VALIDATING))

    def refuse(self, row: Any, problem: Problem) -> None:
        if jobs.refuse(row.job, problem):
            self.failed(row.job)


EVERY = (
    Waiting("fine_tunes", fine_tunes.unfit, fine_tunes.admit, fine_tunes.failed),
    Waiting("pretrainings", pretrainings.unfit, pretrainings.admit, pretrainings.failed),
)


def admit(dataset: Dataset) -> None:
    """In the transaction that made the data set ready."""
    for kind in EVERY:
        for row in kind.of(dataset):
            if faults := kind.unfit(row, dataset):
                kind.refuse(row, Problem.of(faults))
            else:
                row.dataset_version = datasets.ready_version(dataset)
                row.save(update_fields=["dataset_version"])
                kind.admit(row)


def refuse(dataset: Dataset) -> None:
    """In the transaction that rejected the data set: the same faults, under the file's name."""
    error = dataset.error or {"code": "dataset_rejected", "message": "The data set was not read.", "errors": []}
    faults = [Fault(code=f["code"], message=f["message"], param="training_file") for f in error["errors"]]
    problem = Problem(error["code"], error["message"], param="training_file", faults=faults)
    for kind in EVERY:
        for row in kind.of(dataset):
            kind.refuse(row, problem)
