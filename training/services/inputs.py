"""What the engine is given: data, base, last checkpoint and specification, laid into a job's input folder."""

import sys
from collections.abc import Mapping

from django.conf import settings

from contracts.codec import from_data, to_json
from contracts.fine_tune import Compression, FineTuneSpec, Hyperparameters
from contracts.problems import Problem, echo
from contracts.search import Searched, Trial, Value
from jobs.handlers import Folders
from jobs.models import Job
from storage import blobs
from tenants.scoping import tenant_context
from training.models import FineTune
from training.services import base_models, datasets

COMMAND = [sys.executable, "-m", "training.engine"]


def lay(
    job: Job,
    fine_tune: FineTune,
    folders: Folders,
    *,
    parameters: Mapping[str, Value],
    trial: Trial | None = None,
    searched: Searched | None = None,
) -> None:
    """`parameters`: what a search has found, over what the fine-tune was asked with. Raises `Problem` where the base is
    gone."""
    chosen = {"model": fine_tune.base_model, "method": fine_tune.method, **fine_tune.hyperparameters, **parameters}
    name, method = str(chosen.pop("model")), str(chosen.pop("method"))
    version = fine_tune.dataset_version
    with tenant_context(job.tenant_id):
        found = base_models.find(name)
    if version is None:
        raise RuntimeError(f"{job.id} was admitted without a data set version")
    if found is None:
        message = f"The base model {echo(name)} is no longer there: choose another one."
        raise Problem("unknown_base_model", message, param="model")
    base = base_models.materialise(found, folders.input / "base" if base_models.is_own(name) else None)
    datasets.fetch(version, folders.input / "data.parquet")
    if job.checkpoint:
        blobs.download_folder(job.checkpoint, folders.input / "checkpoint")
    spec = FineTuneSpec(
        job=job.id,
        task=fine_tune.task.spec,
        base=base,
        method=method,
        hyperparameters=from_data(chosen, Hyperparameters),
        compression=from_data(fine_tune.compression, Compression) if fine_tune.compression else None,
        seed=fine_tune.seed,
        checkpoint_every_s=float(settings.CHECKPOINT_S),
        resume="checkpoint" if job.checkpoint else None,
        trial=trial,
        searched=searched,
    )
    (folders.input / "spec.json").write_bytes(to_json(spec))
