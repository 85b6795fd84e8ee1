"""Where things lie: the trap of `platform/`, names that say nothing, files too long to be one idea."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.repository import PACKAGES, ROOT, python_files

NAMES_THAT_SAY_NOTHING = {"tasks.py", "utils.py", "helpers.py", "common.py"}
# A task is the customer's ML task: training has one file for that noun in each layer.
THE_NOUN_TASK = {Path("training") / layer / "tasks.py" for layer in ("models", "services", "api")}
LONGEST = 500  # lines


def test_platform_is_a_folder_and_never_a_package() -> None:
    """A package of that name would replace Python's own module, and with it break Celery, pytest and torch."""
    assert [path.name for path in (ROOT / "platform").iterdir() if path.suffix == ".py"] == []
    assert not (ROOT / "tests" / "platform").exists()
    assert (ROOT / "tests" / "__init__.py").exists()


def test_nothing_is_imported_by_the_folders_name() -> None:
    spelled = [
        path for path in python_files(*PACKAGES) if "from platform." in (text := (ROOT / path).read_text())
        or "import platform." in text
    ]  # fmt: skip
    assert [path for path in spelled if path != Path(__file__).relative_to(ROOT)] == []


USES_OF_PYTHONS_OWN = [
    pytest.param("import platform; platform.python_version()", id="platform"),
    pytest.param("import celery, uuid, pytest", id="what-imports-it"),
]


@pytest.mark.parametrize("code", USES_OF_PYTHONS_OWN)
def test_pythons_own_platform_module_wins_in_the_repositorys_root(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_pytest_runs_as_a_module_in_the_repositorys_root() -> None:
    subprocess.run([sys.executable, "-m", "pytest", "--version"], cwd=ROOT, check=True, capture_output=True)


def test_with_an_init_file_there_python_would_break(tmp_path: Path) -> None:
    """The control of the two tests above: they can fail."""
    shutil.copytree(ROOT / "platform" / "contracts", tmp_path / "platform" / "contracts")
    (tmp_path / "platform" / "__init__.py").touch()
    broken = subprocess.run(
        [sys.executable, "-m", "pytest", "--version"], cwd=tmp_path, capture_output=True, check=False
    )
    assert broken.returncode != 0


def test_file_names_say_what_is_inside() -> None:
    found = {path for path in python_files(*PACKAGES) if path.name in NAMES_THAT_SAY_NOTHING}
    assert found - THE_NOUN_TASK == set()


def test_no_file_is_longer_than_one_idea() -> None:
    lengths = {path: len((ROOT / path).read_text().splitlines()) for path in python_files(*PACKAGES)}
    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}


def test_every_folder_of_tests_is_a_package() -> None:
    """Without an `__init__.py`, two test files of one name could not be told apart."""
    folders = {path.parent for path in python_files("tests")}
    assert {folder for folder in folders if not (ROOT / folder / "__init__.py").exists()} == set()
