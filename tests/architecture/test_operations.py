"""docs/operations.md tells an operator what the code reads and checks: nothing is left out, nothing is made up."""

import ast
import re
from collections.abc import Iterator

from config import env
from config.databases import ALIASES
from tests.architecture.repository import ROOMS, ROOT, python_files

PAGE = (ROOT / "docs" / "operations.md").read_text()
VARIABLE = re.compile(r"\b(?:LANDFALL|DATABASE|REDIS|S3)_[A-Z0-9_]*[A-Z0-9]\b")
ROW = re.compile(r"^\| `(?P<name>[A-Z0-9_]+)` \| (?P<default>.*?) \|", re.MULTILINE)
CHECK = re.compile(r"^\| (?P<id>[a-z]+\.[EW]\d{3}) \|", re.MULTILINE)
CHECK_IN_CODE = re.compile(r'\bid="([a-z]+\.[EW]\d{3})"')
READERS = {name for name, value in vars(env).items() if callable(value) and not name.startswith("_")}


def readings() -> Iterator[ast.Call]:
    """Every `env.reader("NAME", ...)` of the code."""
    for path in python_files(*ROOMS):
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {f"env.{name}" for name in READERS}:
                yield node


def literal(call: ast.Call, position: int) -> str | None:
    """A constant argument as text; None where it is left out or computed."""
    given = call.args[position] if len(call.args) > position else None
    return str(given.value) if isinstance(given, ast.Constant) else None


def read_by_the_code() -> set[str]:
    return {name for call in readings() if (name := literal(call, 0))} | set(ALIASES.values())


def test_every_variable_has_its_row_and_every_row_its_variable() -> None:
    rows = [row["name"] for row in ROW.finditer(PAGE)]
    assert sorted(rows) == sorted(read_by_the_code())


def test_no_variable_is_mentioned_that_nothing_reads() -> None:
    assert set(VARIABLE.findall(PAGE)) - read_by_the_code() == set()
    assert len(read_by_the_code()) > 30, "the readers were not found"


def test_the_defaults_told_are_the_defaults_taken() -> None:
    told = {row["name"]: row["default"].strip("`") for row in ROW.finditer(PAGE)}
    taken = {name: default for call in readings() if (name := literal(call, 0)) and (default := literal(call, 1))}
    flags = {str(literal(call, 0)): "0" for call in readings() if ast.unparse(call.func) == "env.flag"}
    wrong = {name: (told[name], default) for name, default in (taken | flags).items() if told[name] != default}
    assert wrong == {}
    assert len(flags) == 3


def test_every_system_check_is_explained_by_its_id() -> None:
    ids = {found for path in python_files(*ROOMS) for found in CHECK_IN_CODE.findall((ROOT / path).read_text())}
    assert {check["id"] for check in CHECK.finditer(PAGE)} == ids
    assert {"landfall.E001", "webhooks.E001"} <= ids


def test_the_paths_of_the_data_plane_are_the_ones_that_web_hands_on() -> None:
    """An ingress is set up by this page."""
    from config.onebox import DATA_PLANE

    sentence = PAGE[PAGE.index("by the paths that web would hand on") :].split(".\n")[0]
    paths = re.findall(r"`(/[^`]+)`", sentence)
    assert len(paths) == DATA_PLANE.pattern.count("|") - DATA_PLANE.pattern.count("(/|$)") + 1
    assert [path for path in paths if not DATA_PLANE.match(path.replace("{id}", "ep_1"))] == []
