"""One installation: its folder, the ports and secrets it keeps, where its logs lie."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from embedded import ports, private

ROOT = Path(__file__).resolve().parents[2]  # the checkout: where manage.py lies
STORES = ("postgres", "redis", "s3")


@dataclass(frozen=True, kw_only=True)
class Place:
    """`durable` False trades the data's safety for speed: for tests."""

    folder: Path
    ports: dict[str, int]
    secrets: dict[str, str]
    durable: bool = True

    def log(self, part: str) -> Path:
        return logs(self.folder) / f"{part}.log"


def occupy(
    folder: Path, names: tuple[str, ...], *, wanted: Mapping[str, int | None] | None = None, durable: bool = True
) -> Place:
    """Creates or reopens the installation in `folder`, with a port for each of `names`; `wanted` fixes some."""
    folder = folder.resolve()
    logs(folder).mkdir(parents=True, exist_ok=True)
    return Place(
        folder=folder,
        ports=ports.keep(folder / "ports.json", names, wanted=wanted),
        secrets=private.generate(folder / "secrets.json"),
        durable=durable,
    )


def logs(folder: Path) -> Path:
    return folder / "logs"


def default() -> Path:
    """`.landfall` in the checkout, or LANDFALL_STATE."""
    return Path(os.environ.get("LANDFALL_STATE") or ROOT / ".landfall").resolve()
