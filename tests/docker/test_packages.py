"""What pyproject.toml declares for an image is enough for its processes, although much more is installed here."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Collection
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.repository import ROOT, python_files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# Of web, courier and clock; also what they import only at work: the broker's transport, the store's client.
MODULES = "config.onebox, config.urls, workers.courier, workers.clock, kombu.transport.redis, boto3"
PROGRAM = """
import sys
import django

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {hidden!r}:
            raise ModuleNotFoundError(f"the image lacks {{name}}", name=name)

sys.meta_path.insert(0, Hidden())
django.setup()
import {modules}
"""


def brought(extra: str = "") -> set[str]:
    """The distributions that `pip install .[extra]` brings, followed from one to the next as pip does."""
    optional = PROJECT["optional-dependencies"]
    wanted = applying([*PROJECT["dependencies"], *optional.get(extra, [])])
    seen: set[tuple[str, frozenset[str]]] = set()
    while wanted:
        one = wanted.pop()
        if (one.name, frozenset(one.extras)) in seen:
            continue
        seen.add((one.name, frozenset(one.extras)))
        ours = [line for own in one.extras for line in optional[own]] if one.name == "landfall" else None
        wanted += applying(metadata.requires(one.name) or [] if ours is None else ours, one.extras)
    return {canonicalize_name(name) for name, _ in seen}


def applying(lines: list[str], extras: Collection[str] = ()) -> list[Requirement]:
    """The requirements whose marker holds on this Python, under these extras of who requires them."""
    needs = [Requirement(line) for line in lines]
    return [
        need for need in needs if not need.marker or any(need.marker.evaluate({"extra": one}) for one in extras or [""])
    ]


def lacking(extra: str = "") -> set[str]:
    """Modules that are installed here and come with none of what the image has."""
    kept = {*brought(extra), "landfall"}
    return {
        module
        for module, names in metadata.packages_distributions().items()
        if not {canonicalize_name(name) for name in names} & kept
    }


def test_web_courier_and_clock_begin_where_everything_else_is_hidden() -> None:
    hidden = lacking()
    assert {"pytest", "torch", "transformers", "polars", "numpy"} <= hidden
    code = PROGRAM.format(hidden=hidden, modules=MODULES)
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize(("room", "extra"), [("training", "engine"), ("inference", "runtime")])
def test_what_children_and_the_runtime_import_comes_with_their_image(room: str, extra: str) -> None:
    """Read, not run: their libraries look around for what else is installed, so that hiding it proves nothing."""
    imported: dict[str, str] = {}
    for path in python_files(room):
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            imported |= {name.partition(".")[0]: path.as_posix() for name in names}
    assert "torch" in imported
    lacked = lacking(extra)
    assert {module: path for module, path in imported.items() if module in lacked} == {}
