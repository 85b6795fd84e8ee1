"""Checkpoints: everything a training needs to go on as if it had never stopped, all or nothing on disk.

`checkpoints/step-N/`: model, best, optimizer and rng .safetensors, meta.json, manifest.json. Written to `.tmp-N`, every
file synced, renamed, the folder synced; two are kept. Hashes in the manifest catch the flipped byte that safetensors
would load silently. Knows no task: tensors and a `Standing` in, the same out.
"""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import Tensor

from contracts.codec import from_json, to_json
from contracts.manifest import BrokenArtifact, seal, verify
from training.engine.seed import Chance

KEPT = 2
FOLDER = "checkpoints"


@dataclass(kw_only=True)
class Standing:
    """Where a training stands, apart from its tensors. `history`: one entry a validation."""

    step: int = 0
    loss_sum: float = 0.0  # over the steps of the running epoch
    shrink: int = 1  # how many times smaller than usual the parts of a batch are, since memory did not suffice
    best: float | None = None  # the score of the best validation, None before the first
    best_loss: float = 0.0  # its loss on validation
    best_epoch: int = 0
    without_gain: int = 0  # validations since the best
    finished: bool = False
    pruned: bool = False  # finished, as a trial of a search that promises nothing
    seconds: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """`model`: the trained tensors by name; `best`: the same at the best validation; `optimizer`: its moments."""

    standing: Standing
    model: dict[str, Tensor]
    best: dict[str, Tensor]
    optimizer: dict[str, Tensor]
    chance: Chance


@dataclass(frozen=True, kw_only=True)
class _Meta:
    job: str
    standing: Standing
    chance: dict[str, int | float | None]


def save(snapshot: Snapshot, work: Path, *, job: str) -> Path:
    """The new folder, `work`/checkpoints/step-N. An OSError (a full disk) leaves the older checkpoints as they were."""
    step = snapshot.standing.step
    parent = work / FOLDER
    draft, folder = parent / f".tmp-{step}", parent / f"step-{step}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    parts = {
        "model": snapshot.model,
        "best": snapshot.best,
        "optimizer": snapshot.optimizer,
        "rng": snapshot.chance.tensors,
    }
    for name, tensors in parts.items():
        save_file(tensors, draft / f"{name}.safetensors")
    meta = _Meta(job=job, standing=snapshot.standing, chance=snapshot.chance.numbers)
    (draft / "meta.json").write_bytes(to_json(meta))
    seal(draft, kind="checkpoint", about={"job": job, "step": step})
    for path in draft.iterdir():
        _sync(path)
    _sync(draft)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    _sync(parent)
    for old in found(parent)[KEPT:]:
        shutil.rmtree(old)
    return folder


def found(parent: Path) -> list[Path]:
    """Complete-looking checkpoints, newest first."""
    numbered = [(path, path.name.removeprefix("step-")) for path in parent.glob("step-*")]
    return [path for path, step in sorted(numbered, key=lambda one: -int(one[1]) if one[1].isdigit() else 1)]


def load(folder: Path) -> Snapshot:
    """Raises `BrokenArtifact` where a file is missing or a byte differs."""
    manifest = verify(folder)
    if manifest.kind != "checkpoint":
        raise BrokenArtifact(f"{folder.name} holds a {manifest.kind}, not a checkpoint")
    meta = from_json((folder / "meta.json").read_bytes(), _Meta)
    tensors = {name: load_file(folder / f"{name}.safetensors") for name in ("model", "best", "optimizer", "rng")}
    return Snapshot(
        standing=meta.standing,
        model=tensors["model"],
        best=tensors["best"],
        optimizer=tensors["optimizer"],
        chance=Chance(tensors=tensors["rng"], numbers=meta.chance),
    )


def load_newest(asked: Path) -> tuple[Snapshot | None, list[str]]:
    """The asked-for checkpoint, or the newest sound one beside it; and the names of the broken ones passed over."""
    broken: list[str] = []
    older = [path for path in found(asked.parent) if path.name != asked.name]
    for folder in (asked, *older):
        try:
            return load(folder), broken
        except BrokenArtifact:
            broken.append(folder.name)
    return None, broken


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
