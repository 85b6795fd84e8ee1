"""The data doctor: what it remarks on, with counts and row numbers."""

from contracts.cleaning import Step
from contracts.ingestion import SplitSpec
from tests.training.ingest.child import csv_of, good_rows, ingest


def test_a_clean_file_has_no_findings() -> None:
    assert ingest(csv_of(good_rows())).findings == {}


def test_rows_without_text_or_label_are_left_out_and_counted() -> None:
    rows = [*good_rows(), ("", "card"), (" \t", "loan"), ("text", ""), ("", "")]
    outcome = ingest(csv_of(rows))
    assert outcome.findings["empty_text"].rows == (21, 22, 24)
    assert outcome.findings["empty_text"].severity == "warning"
    assert outcome.findings["empty_label"].rows == (23, 24)
    assert outcome.frame["row"].to_list() == list(range(1, 21))
    assert outcome.told.rows["total"] == 20


def test_rows_after_a_left_out_one_keep_their_numbers() -> None:
    outcome = ingest(csv_of([("", "card"), *good_rows()]))
    assert outcome.frame["row"].to_list() == list(range(2, 22))


def test_duplicates_are_found_whatever_their_case_and_whitespace() -> None:
    outcome = ingest(csv_of([*good_rows(), ("  THIS is the\ntext of row  1", "loan")]))
    assert outcome.findings["duplicate_text"].rows == (21,)
    assert "conflicting_labels" not in outcome.findings
    assert outcome.frame["text"][20] == "  THIS is the\ntext of row  1"


def test_equal_texts_under_different_labels_conflict() -> None:
    outcome = ingest(csv_of([*good_rows(), ("This is the text of row 1", "card")]))
    assert outcome.findings["conflicting_labels"].rows == (1, 21)
    assert outcome.findings["conflicting_labels"].message.startswith("1 text has")
    assert "duplicate_text" not in outcome.findings


def test_rare_labels_are_named_and_stay_in_training() -> None:
    rows = [*good_rows(40), ("one", "once"), ("two", "twice"), ("three", "twice")]
    outcome = ingest(csv_of(rows))
    assert outcome.findings["rare_label"].rows == (41, 42, 43)
    assert "'once', 'twice'" in outcome.findings["rare_label"].message
    assert outcome.told.labels["once"] == {"train": 1, "validation": 0, "test": 0}
    assert outcome.told.labels["twice"] == {"train": 2, "validation": 0, "test": 0}


def test_imbalance_names_both_ends() -> None:
    rows = [(f"text {number}", "small" if number < 5 else "large") for number in range(100)]
    finding = ingest(csv_of(rows)).findings["imbalance"]
    assert "'large' has 95" in finding.message
    assert "'small' only 5" in finding.message
    assert finding.count == 1


def test_long_texts_are_remarked_on() -> None:
    assert ingest(csv_of([*good_rows(), ("word " * 500, "card")])).findings["long_text"].rows == (21,)


def test_no_more_than_twenty_rows_are_listed() -> None:
    finding = ingest(csv_of([*good_rows(), *[("", "card")] * 50])).findings["empty_text"]
    assert finding.count == 50
    assert finding.rows == tuple(range(21, 41))


def test_findings_are_told_as_events_too() -> None:
    outcome = ingest(csv_of([*good_rows(), ("", "card")]))
    event = next(event for event in outcome.events if event.data.get("code") == "empty_text")
    assert event.level == "warn"
    assert event.data["count"] == 1


def test_damage_is_found_and_names_the_step_that_mends_it() -> None:
    rows = [*good_rows(), ("schÃ¶n", "card"), ("<b>bold</b>", "loan"), ("cafe\u0301", "card"), ("me@x.example", "loan")]
    findings = ingest(csv_of(rows)).findings
    assert {code: (findings[code].rows, findings[code].fix) for code in findings} == {
        "mojibake": ((21,), "repair_mojibake"),
        "markup": ((22,), "strip_html"),
        "unnormalised_unicode": ((23,), "normalise_unicode"),
        "personal_data": ((24,), "mask_personal_data"),
    }


def test_a_finding_is_gone_once_its_step_was_applied() -> None:
    rows = [*good_rows(), ("schÃ¶n", "card"), ("<b>bold</b>", "loan"), ("me@x.example", "loan"), good_rows()[0]]
    found = ingest(csv_of(rows))
    fixes = tuple(Step(name=str(finding.fix)) for finding in found.findings.values())
    assert len(fixes) == 4
    mended = ingest(csv_of(rows), steps=fixes)
    assert mended.findings == {}
    assert [step.name for step in mended.told.steps] == [step.name for step in fixes]
    assert mended.frame["row"].to_list() == list(range(1, 24))


def test_columns_mapped_the_wrong_way_round_are_remarked_on() -> None:
    rows = [(label, text) for text, label in good_rows(60)]
    findings = ingest(
        csv_of(rows), columns={"text": "text", "label": "label"}, split=SplitSpec(train=1.0, validation=0.0, test=0.0)
    ).findings
    assert "wrong way round" in findings["columns_swapped"].message
    assert "columns_swapped" not in ingest(csv_of(good_rows(60))).findings
