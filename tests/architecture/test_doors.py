"""The doors between the rooms: import-linter's contracts hold, and would be seen to break."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.architecture.repository import ROOMS, ROOT, python_files

LINT = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"]

# One line of each kind, put where it must not be. Imports inside functions count.
TRESPASSES = {
    "tenants/audit.py": "from training import urls",
    "training/services/files.py": "def later() -> None:\n    import inference.services",
    "training/models/file.py": "import training.services.files",
    "training/ingest/doctor.py": "import django",
    "training/api/datasets.py": "def later() -> None:\n    import polars",
    "platform/webhooks/guard.py": "def later() -> None:\n    import torch",
    "platform/embedded/ports.py": "import storage.keys",
}


def lint(tree: Path) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": f"{tree}:{tree / 'platform'}", "NO_COLOR": "1"}
    return subprocess.run(LINT, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def test_every_door_is_kept() -> None:
    found = lint(ROOT)
    assert found.returncode == 0, found.stdout


def test_a_trespass_through_any_door_is_seen(tmp_path: Path) -> None:
    for path in python_files(*ROOMS):
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, target)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for trespasser, line in TRESPASSES.items():
        with (tmp_path / trespasser).open("a") as file:
            file.write(f"\n{line}\n")
    found = lint(tmp_path)
    assert "0 kept, 6 broken" in found.stdout, found.stdout
