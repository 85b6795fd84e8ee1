"""Every kind of task from rows as customers write them: which form, which roles, and what each refuses."""

import json
from collections.abc import Mapping

import pytest

from contracts.ingestion import SplitSpec
from contracts.task import KINDS, MEDIA
from tests.training.ingest.child import csv_of, ingest, jsonl_of

Row = Mapping[str, object]

# kind -> form -> the row of a number
ROWS: dict[tuple[str, str], tuple[Row, ...]] = {
    ("text-classification", "single-label"): tuple({"text": f"text {n}", "label": "ab"[n % 2]} for n in range(40)),
    ("text-classification", "multi-label"): tuple(
        {"text": f"text {n}", "labels": [["a"], ["a", "b"], ["b"], []][n % 4]} for n in range(40)
    ),
    ("text-regression", "scored"): tuple({"review": f"text {n}", "score": n / 2} for n in range(40)),
    ("token-classification", "tagged"): tuple(
        {"tokens": ["in", f"City{n}"], "tags": ["O", "B-LOC"]} for n in range(40)
    ),
    ("text-matching", "labelled-pairs"): tuple(
        {"text_a": f"a {n}", "text_b": f"b {n}", "label": n % 2} for n in range(40)
    ),
    ("text-matching", "scored-pairs"): tuple({"text_a": f"a {n}", "text_b": f"b {n}", "score": n} for n in range(40)),
    ("text-matching", "triples"): tuple(
        {"query": f"q {n}", "positive": f"p {n}", "negative": f"n {n}"} for n in range(40)
    ),
    ("translation", "sentences"): tuple({"source": f"house {n}", "target": f"Haus {n}"} for n in range(40)),
    ("summarization", "documents"): tuple({"text": f"long {n}", "summary": f"short {n}"} for n in range(40)),
    ("question-answering", "extractive"): tuple(
        {"question": f"who is {n}?", "context": f"it is {n}", "answer": f"{n}"} for n in range(40)
    ),
    ("text-generation", "instructed"): tuple({"prompt": f"say {n}", "completion": f"{n}"} for n in range(40)),
    ("unlabelled", "texts"): tuple({"text": f"text {n}"} for n in range(40)),
}


@pytest.mark.parametrize(("kind", "form"), ROWS)
def test_rows_of_every_form_become_a_version_of_it(kind: str, form: str) -> None:
    outcome = ingest(jsonl_of(ROWS[kind, form]), "rows.jsonl", task_kind=kind)
    roles = next(each.roles for each in KINDS[kind] if each.name == form)
    assert outcome.told.form == form
    assert outcome.frame.columns == ["row", *(role.name for role in roles), "split"]
    assert outcome.told.rows == {"train": 32, "validation": 4, "test": 4, "total": 40}
    given = [tuple(row.values()) for row in ROWS[kind, form]]
    stored = outcome.frame.drop("row", "split").rows()
    assert [tuple(map(spelled, row)) for row in stored] == [tuple(map(spelled, row)) for row in given]


def spelled(value: object) -> object:
    """Numbers as one type, classes as strings, lists as they are."""
    return float(str(value)) if isinstance(value, float) or str(value).isdigit() else value


def test_every_form_without_media_is_tried_here_or_with_tables_and_sequences() -> None:
    beside = {"tabular-classification", "tabular-regression", "sequence-prediction"}
    untried = [
        (kind, form.name)
        for kind, forms in KINDS.items()
        for form in forms
        if (kind, form.name) not in ROWS and kind not in beside and not form.of(*MEDIA)
    ]
    assert untried == []


def test_the_form_follows_the_roles_that_were_mapped() -> None:
    rows = [{"left": f"a {n}", "right": f"b {n}", "how": n} for n in range(40)]
    columns = {"text_a": "left", "text_b": "right", "score": "how"}
    assert ingest(jsonl_of(rows), "r.jsonl", task_kind="text-matching", columns=columns).told.form == "scored-pairs"


def test_roles_of_two_forms_at_once_are_refused() -> None:
    rows = [{"a": f"a {n}", "b": f"b {n}", "c": n} for n in range(40)]
    columns = {"text_a": "a", "query": "b"}
    fault = ingest(jsonl_of(rows), "r.jsonl", task_kind="text-matching", columns=columns).faults["columns_ambiguous"]
    assert "No form of text-matching has the columns text_a, query together" in fault.message


def test_what_is_unclear_names_the_roles_and_how_to_map_them() -> None:
    fault = ingest(csv_of([("a", "b")] * 20, header=("x", "y")), task_kind="translation").faults["columns_ambiguous"]
    assert "the source and the target" in fault.message
    assert '{"source": "<column>", "target": "<column>"}' in fault.message


@pytest.mark.parametrize(
    ("cell", "separator", "expected"),
    [
        ("b|a", None, ["a", "b"]),
        ("b; a ;b", None, ["a", "b"]),
        ('["b", "a"]', None, ["a", "b"]),
        ("b/a", "/", ["a", "b"]),
    ],
)
def test_several_labels_in_a_text_cell_are_parted(cell: str, separator: str | None, expected: list[str]) -> None:
    rows = [(f"text {n}", cell if n == 3 else "ab"[n % 2]) for n in range(20)]
    outcome = ingest(csv_of(rows), columns={"text": "text", "labels": "label"}, label_separator=separator)
    assert outcome.frame["labels"][3].to_list() == expected
    assert set(outcome.told.labels) == {"a", "b"}


def test_a_class_of_few_rows_is_in_no_small_split_alone() -> None:
    """Stratified by the rarest of a row's labels."""
    rows = [{"text": f"t {n}", "labels": ["common", *(["rare"] if n % 10 == 0 else [])]} for n in range(200)]
    rare = ingest(jsonl_of(rows), "r.jsonl").told.labels["rare"]
    assert rare == {"train": 16, "validation": 2, "test": 2}


NUMBERS = {"3,5": "bad_number", "about 7": "bad_number", "inf": "bad_number", "NaN": "bad_number"}


@pytest.mark.parametrize("cell", NUMBERS)
def test_what_is_no_number_is_told_by_row(cell: str) -> None:
    rows = [(f"text {n}", cell if n == 4 else str(n)) for n in range(20)]
    fault = ingest(csv_of(rows, header=("text", "score")), task_kind="text-regression").faults[NUMBERS[cell]]
    assert fault.message.startswith("Row 5: 'score' is no finite number.")


def test_an_empty_number_leaves_its_row_out() -> None:
    rows = [(f"text {n}", "" if n == 4 else f" {n}.50 ") for n in range(20)]
    outcome = ingest(csv_of(rows, header=("text", "score")), task_kind="text-regression")
    assert outcome.findings["empty_score"].rows == (5,)
    assert outcome.frame["score"].to_list() == [n + 0.5 for n in range(20) if n != 4]


def test_one_value_teaches_nothing() -> None:
    rows = [(f"text {n}", "1") for n in range(20)]
    faults = ingest(csv_of(rows, header=("text", "score")), task_kind="text-regression").faults
    assert faults["one_value"].param == "columns.score"


def tagged(*tags: list[str]) -> str:
    good = [{"tokens": ["in", f"City{n}"], "tags": ["O", "B-LOC"]} for n in range(20)]
    return jsonl_of([*good, *({"tokens": ["w"] * len(each), "tags": each} for each in tags)])


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (["I-PER", "I-PER", "O"], ["B-PER", "I-PER", "O"]),
        (["I-PER", "B-PER", "I-LOC"], ["B-PER", "B-PER", "B-LOC"]),
        (["S-PER", "B-LOC", "E-LOC", "S-LOC"], ["B-PER", "B-LOC", "I-LOC", "B-LOC"]),
        (["B-LOC", "I-LOC", "E-LOC", "I-LOC"], ["B-LOC", "I-LOC", "I-LOC", "B-LOC"]),
    ],
)
def test_tags_of_other_schemes_are_rewritten_and_told(tags: list[str], expected: list[str]) -> None:
    outcome = ingest(tagged(tags), "r.jsonl", task_kind="token-classification")
    assert outcome.frame["tags"][20].to_list() == expected
    assert outcome.findings["tag_scheme"].rows == (21,)


def test_tokens_without_a_tag_of_their_own_are_told_by_row() -> None:
    content = tagged() + json.dumps({"tokens": ["one", "two"], "tags": ["O"]})
    fault = ingest(content, "r.jsonl", task_kind="token-classification").faults["length_mismatch"]
    assert fault.message.startswith("Row 21: 2 tokens but 1 tags")


def test_a_tag_of_no_scheme_is_told_by_row() -> None:
    fault = ingest(tagged(["PER"]), "r.jsonl", task_kind="token-classification").faults["bad_tag"]
    assert fault.message.startswith("Row 21:")


def test_a_list_is_no_text_and_an_object_no_list() -> None:
    texts = jsonl_of([*({"text": f"t {n}", "label": "ab"[n % 2]} for n in range(20)), {"text": ["a"], "label": "a"}])
    assert ingest(texts, "r.jsonl").faults["wrong_type"].message.startswith("Row 21: 'text' is no string")
    lists = jsonl_of([{"text": f"t {n}", "labels": ["a"] if n else {"a": 1}} for n in range(20)])
    columns = {"text": "text", "labels": "labels"}
    assert (
        ingest(lists, "r.jsonl", columns=columns).faults["wrong_type"].message.startswith("Row 1: 'labels' is no list")
    )


def test_several_translations_of_one_sentence_are_no_conflict_but_equal_ones_repeat() -> None:
    rows = [*((f"house {n}", f"Haus {n}") for n in range(20)), ("house 1", "Gebäude 1"), ("house 2", "Haus 2")]
    findings = ingest(csv_of(rows, header=("source", "target")), task_kind="translation").findings
    assert "conflicting_labels" not in findings
    assert findings["duplicate_text"].rows == (22,)


def test_a_score_that_differs_for_equal_texts_is_a_conflict() -> None:
    rows = [*((f"text {n}", str(n)) for n in range(20)), ("Text 1", "7")]
    findings = ingest(csv_of(rows, header=("text", "score")), task_kind="text-regression").findings
    assert findings["conflicting_labels"].rows == (2, 21)
    assert "more than one score" in findings["conflicting_labels"].message


def test_a_split_of_scores_keeps_high_and_low_ones_in_each() -> None:
    rows = [(f"text {n}", str(n)) for n in range(300)]
    frame = ingest(csv_of(rows, header=("text", "score")), task_kind="text-regression", split=SplitSpec()).frame
    for name in ("validation", "test"):
        scores = frame.filter(split=name)["score"]
        assert (scores < 150).sum() == (scores >= 150).sum() == 15
