"""What the engine is asked for a fine-tune or one of its trials, laid into a job's input folder."""

from collections.abc import Mapping

from contracts.codec import from_data
from contracts.compression import Compression
from contracts.fine_tune import FineTuneSpec, Hyperparameters
from contracts.search import Searched, Trial, Value
from jobs.handlers import Folders
from jobs.models import Job
from tenants.scoping import tenant_context
from training.models import FineTune
from training.services import attempts, base_models


def lay(
    job: Job,
    fine_tune: FineTune,
    folders: Folders,
    *,
    parameters: Mapping[str, Value],
    trial: Trial | None = None,
    searched: Searched | None = None,
) -> list[str]:
    """The child's command. `parameters`: what a search has found, over what the fine-tune was asked with. Raises
    `Problem` where the base is gone."""
    chosen = {"model": fine_tune.base_model, "method": fine_tune.method, **fine_tune.hyperparameters, **parameters}
    name, method = str(chosen.pop("model")), str(chosen.pop("method"))
    with tenant_context(job.tenant_id):
        found = base_models.find(name)
    asked = fine_tune.compression if trial is None else None  # of the model that the search ends with
    compression = from_data(asked, Compression) if asked else None
    spec = FineTuneSpec(
        job=job.id,
        task=fine_tune.task.spec,
        base=attempts.lay_out(job, folders, version=fine_tune.dataset_version, name=name, found=found),
        method=method,
        hyperparameters=from_data(chosen, Hyperparameters),
        compression=compression,
        student=base_models.loaded(compression.student) if compression and compression.student else None,
        seed=fine_tune.seed,
        trial=trial,
        searched=searched,
    )
    return attempts.command(job, folders, spec)
