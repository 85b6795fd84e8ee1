"""What is written down agrees with what is there: commands, dependencies, migrations."""

import re
import tomllib

import pytest
from django.core.management import call_command

from tests.architecture.repository import ROOT

COMMAND = re.compile(r"\bmake ([a-z][a-z-]*)\b")
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
REQUIREMENT = re.compile(r'^    "(?!landfall\[)[^"]+",(?P<comment>.*)$', re.MULTILINE)
IN_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)


def test_every_command_of_the_readme_is_in_the_makefile() -> None:
    readme = "\n".join(IN_CODE.findall((ROOT / "README.md").read_text()))
    commands, targets = set(COMMAND.findall(readme)), set(TARGET.findall((ROOT / "Makefile").read_text()))
    assert commands - targets == set()
    assert {"demo", "test"} <= commands


def test_every_target_of_the_makefile_says_that_it_is_no_file() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == set(TARGET.findall(makefile))


def test_every_dependency_says_why_it_is_here() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    lists = text[text.index("dependencies = [") : text.index("[tool.hatch")]
    assert [match[0].strip() for match in REQUIREMENT.finditer(lists) if "#" not in match["comment"]] == []
    project = tomllib.loads(text)["project"]
    declared = [
        *project["dependencies"],
        *(name for names in project["optional-dependencies"].values() for name in names),
    ]
    assert len(REQUIREMENT.findall(lists)) == len([name for name in declared if not name.startswith("landfall[")])


@pytest.mark.usefixtures("database")
def test_no_model_waits_for_a_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
