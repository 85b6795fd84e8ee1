"""The data doctor finds exactly what a plain script finds: repeats, conflicts and leaks, row by row, on public sets."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.training.ingest.child import ingest, jsonl_of
from tests.training.ingest.test_shared_data import data, pytestmark

__all__ = ["data", "pytestmark"]

Row = dict[str, object]


def brute_force(rows: list[Row], ask: Callable[[Row], str], answer: Callable[[Row], object]) -> dict[str, set[int]]:
    """Every pair of rows that could matter, looked at once; numbers from 1."""
    found: dict[str, set[int]] = {"duplicate_text": set(), "conflicting_labels": set(), "leak": set()}
    met: dict[str, list[tuple[int, object, str]]] = {}
    for number, row in enumerate(rows, start=1):
        asked = " ".join(ask(row).split()).lower()
        given, split = answer(row), str(row.get("split", ""))
        for other, before, where in met.setdefault(asked, []):
            if before == given:
                found["duplicate_text"].add(number)
            else:
                found["conflicting_labels"] |= {number, other}
            if "train" in (split, where) and split != where:
                found["leak"].add(number if split != "train" else other)
        met[asked].append((number, given, split))
    return found


def of_tokens(row: Row) -> str:
    return " ".join(map(str, row["tokens"]))  # type: ignore[call-overload]


def of(name: str) -> Callable[[Row], object]:
    return lambda row: row[name]


SETS: dict[str, tuple[str, dict[str, str], Callable[[Row], str], Callable[[Row], object]]] = {
    "conll2003": ("token-classification", {}, of_tokens, of("tags")),
    "weibo_ner": ("token-classification", {}, of_tokens, of("tags")),
    "snips": ("text-classification", {"text": "text", "label": "label"}, lambda row: str(row["text"]), of("label")),
    "bankfaqs": (
        "text-classification", {"text": "question", "label": "label"}, lambda row: str(row["question"]), of("label"),
    ),
    "fpb": ("text-classification", {"text": "text", "label": "label"}, lambda row: str(row["text"]), of("label")),
}  # fmt: skip


def rows_of(folder: Path) -> list[Row]:
    """All splits in one, each row saying which it is of."""
    rows: list[Row] = []
    for path in sorted(folder.glob("*.jsonl")):
        lines = path.read_text(encoding="utf-8").splitlines()
        rows += [{"split": path.stem, **json.loads(line)} for line in lines]
    return rows


@pytest.mark.parametrize("name", SETS)
def test_repeats_conflicts_and_leaks_are_exactly_those_of_a_plain_script(data: Path, name: str) -> None:
    kind, columns, ask, answer = SETS[name]
    rows = rows_of(data / name)
    outcome = ingest(jsonl_of(rows), "rows.jsonl", task_kind=kind, columns=columns)
    assert outcome.told.split["method"] == "column"
    expected = brute_force(rows, ask, answer)
    assert any(expected.values())
    for code, numbers in expected.items():
        assert set(outcome.issues.get(code, [])) == numbers, code
        assert outcome.findings[code].count == len(numbers) if numbers else code not in outcome.findings
