"""The source tree as the tests that guard it see it."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("platform", "tenants", "training", "inference", "workers")
PACKAGES = (*ROOMS, "tests", "sdk")


def python_files(*folders: str) -> Iterator[Path]:
    """Every .py file below the folders, generated migrations left out, relative to the repository."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT)
