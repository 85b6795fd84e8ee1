"""The code that docs/training.md shows, run as it stands there."""

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "docs/training.md"


def run(words: str, *, beside: Path) -> dict[str, Any]:
    """What the one block with these words in it defines, run in a folder whose `model` is `beside`."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    (block,) = (one for one in blocks if words in one)
    defined: dict[str, Any] = {}
    assert beside.name == "model"
    with pytest.MonkeyPatch.context() as place:
        place.chdir(beside.parent)
        exec(block, defined)
    return defined
