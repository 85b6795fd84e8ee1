"""What pyproject.toml declares for the web image is enough for its processes, although much more is installed here.

Their modules are imported where every package that the image lacks is hidden. The other two images bring libraries that
look around for what else is installed, so that hiding it proves nothing.
"""

import subprocess
import sys
import tomllib
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.repository import ROOT

# Also what a process imports only once it is at work: the broker's transport, the store's client.
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


def brought() -> set[str]:
    """The distributions that `pip install .` brings, followed from one to the next as pip does."""
    wanted = [
        Requirement(line) for line in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    ]
    seen: set[tuple[str, frozenset[str]]] = set()
    while wanted:
        one = wanted.pop()
        if (one.name, frozenset(one.extras)) in seen:
            continue
        seen.add((one.name, frozenset(one.extras)))
        needs = map(Requirement, metadata.requires(one.name) or [])
        extras = one.extras or {""}
        wanted += [need for need in needs if not need.marker or any(need.marker.evaluate({"extra": e}) for e in extras)]
    return {canonicalize_name(name) for name, _ in seen}


def test_no_process_imports_what_its_image_lacks() -> None:
    kept = {*brought(), "landfall"}
    hidden = {
        module
        for module, names in metadata.packages_distributions().items()
        if not {canonicalize_name(name) for name in names} & kept
    }
    assert {"pytest", "torch", "transformers", "polars", "numpy"} <= hidden
    code = PROGRAM.format(hidden=hidden, modules=MODULES)
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
