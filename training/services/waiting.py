"""Fine-tunes that wait for the data set their file becomes: admitted with it, or refused with its reason."""

from contracts.problems import Fault, Problem
from jobs import services as jobs
from jobs.models import Job
from training.models import Dataset, FineTune
from training.services import datasets, fine_tunes, searching


def admit(dataset: Dataset) -> None:
    """In the transaction that made the data set ready."""
    for fine_tune in _waiting(dataset):
        faults = fine_tunes.data_faults(fine_tune.task, dataset)
        if faults:
            _refuse(fine_tune, Problem.of(faults))
        else:
            fine_tune.dataset_version = datasets.ready_version(dataset)
            fine_tune.save(update_fields=["dataset_version"])
            if fine_tune.search is None:
                jobs.admit(fine_tune.job)
            else:
                searching.start(fine_tune)


def refuse(dataset: Dataset) -> None:
    """In the transaction that rejected the data set: the same faults, under the file's name."""
    error = dataset.error or {"code": "dataset_rejected", "message": "The data set was not read.", "errors": []}
    faults = [Fault(code=f["code"], message=f["message"], param="training_file") for f in error["errors"]]
    for fine_tune in _waiting(dataset):
        _refuse(fine_tune, Problem(error["code"], error["message"], param="training_file", faults=faults))


def _waiting(dataset: Dataset) -> list[FineTune]:
    return list(dataset.fine_tunes.select_related("job", "task").filter(job__state=Job.State.VALIDATING))


def _refuse(fine_tune: FineTune, problem: Problem) -> None:
    if jobs.refuse(fine_tune.job, problem):
        fine_tunes.failed(fine_tune.job)
