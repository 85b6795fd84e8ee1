"""Each cleaning step does what its name says, leaves every other text alone, and says how many rows it touched."""

import polars as pl
import pytest

from contracts.cleaning import STEPS, Step, faults_of
from contracts.problems import Problem
from contracts.task import form_of
from training.ingest.cleaning import APPLY, clean

FORM = form_of("text-classification", "single-label")


def cleaned(texts: list[str], *steps: Step, labels: list[str] | None = None) -> pl.DataFrame:
    frame = pl.DataFrame({"row": range(1, len(texts) + 1), "text": texts, "label": labels or ["a"] * len(texts)})
    return clean(frame.cast({"row": pl.Int64}), FORM, steps)[0]


def one(text: str, name: str) -> str:
    told: str = cleaned([text], Step(name=name))["text"][0]
    return told


CASES = [
    ("normalise_unicode", "cafe\u0301", "café"),
    ("repair_mojibake", "schÃ¶n, dasâ€™s gut", "schön, das’s gut"),
    ("strip_html", "<p>Hello<br>you &amp; <b>me</b></p><script>var x = 1</script>", "Hello you & me"),
    ("strip_html", "a &lt; b &#8364;", "a < b €"),
    ("collapse_whitespace", " two\t words \n", "two words"),
    ("mask_personal_data", "write to Ann.O'Brien+x@mail.example.co.uk now", "write to Ann.O'[mail] now"),
    ("mask_personal_data", "card 4111 1111 1111 1111 please", "card [card] please"),
    ("mask_personal_data", "pay DE89 3704 0044 0532 0130 00 today", "pay [iban] today"),
    ("mask_personal_data", "id 11010519491231002X here", "id [id] here"),
    ("mask_personal_data", "ssn 536-90-4399, cpf 390.533.447-05", "ssn [id], cpf [id]"),
    ("mask_personal_data", "dni 54362315-K o X2482300W", "dni [id] o [id]"),
    ("mask_personal_data", "cf RCCMNL83S18D969H; aadhaar 2341 2341 2346", "cf [id]; aadhaar [id]"),
    ("mask_personal_data", "call +44 20 7946 0958 or me", "call [phone] or me"),
]


@pytest.mark.parametrize(("name", "text", "expected"), CASES)
def test_a_step_mends_what_it_is_for(name: str, text: str, expected: str) -> None:
    assert one(text, name) == expected


UNTOUCHED = [
    ("repair_mojibake", "schön, naïve, 東京, €5"),
    ("strip_html", "if a < b and b > c then R&D"),
    ("mask_personal_data", "order 4111 1111 1111 1112 of 2024-11-25, ticket 000000000000, @home, DE00 1234 5678 9012"),
    ("mask_personal_data", "order 11010519491231002Y, 536-90-439, 390.533.447-06, 54362315A, part 2341 2341 2347"),
    ("mask_personal_data", "0000 0000 0000 0000 is no card"),
]


@pytest.mark.parametrize(("name", "text"), UNTOUCHED)
def test_what_only_looks_like_it_stays(name: str, text: str) -> None:
    assert one(text, name) == text


def test_every_named_step_can_be_applied() -> None:
    assert set(APPLY) == set(STEPS)


def test_duplicates_and_conflicts_go_and_rows_keep_their_numbers() -> None:
    texts, labels = ["Hi", "hi ", "bye", "hi", "new"], ["a", "a", "b", "b", "c"]
    assert cleaned(texts, Step(name="drop_duplicates"), labels=labels)["row"].to_list() == [1, 3, 4, 5]
    assert cleaned(texts, Step(name="drop_conflicts"), labels=labels)["row"].to_list() == [3, 5]
    assert cleaned(texts, Step(name="drop_rows", rows=(2, 5)), labels=labels)["row"].to_list() == [1, 3, 4]


def test_labels_are_renamed_and_merged() -> None:
    step = Step(name="relabel", labels={"a": "b"})
    assert cleaned(["x", "y"], step, labels=["a", "b"])["label"].to_list() == ["b", "b"]


def test_steps_follow_one_another_and_are_counted() -> None:
    frame = pl.DataFrame({"row": [1, 2, 3], "text": ["<b>hi</b>", "hi", "new"], "label": ["a", "a", "a"]})
    after, applied = clean(frame, FORM, [Step(name="strip_html"), Step(name="drop_duplicates")])
    assert after["row"].to_list() == [1, 3]
    assert [(step.name, step.changed, step.dropped) for step in applied] == [
        ("strip_html", 1, 0),
        ("drop_duplicates", 0, 1),
    ]


def test_a_row_or_label_that_is_not_there_is_named() -> None:
    with pytest.raises(Problem, match="Rows 7 and 9: not in this version"):
        cleaned(["x"], Step(name="drop_rows", rows=(1, 7, 9)))
    with pytest.raises(Problem, match="No row has the label 'z'"):
        cleaned(["x"], Step(name="relabel", labels={"z": "y"}))


def test_faults_of_a_request_are_told_at_once_with_the_nearest_step() -> None:
    steps = [Step(name="strip_htm"), Step(name="drop_rows"), Step(name="strip_html", rows=(1,))]
    told = {fault.param: fault for fault in faults_of(steps, prefix="steps")}
    assert set(told) == {"steps.0.name", "steps.1.rows", "steps.2.rows"}
    assert told["steps.0.name"].message.endswith("Did you mean 'strip_html'?")
