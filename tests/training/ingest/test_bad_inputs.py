"""One test a bad input of a data set: the code, the sentence, the place; nothing is ever written for a refused file."""

import pytest

from contracts.child import PROBLEM
from contracts.ingestion import Limits, SplitSpec
from tests.training.ingest.child import csv_of, good_rows, ingest, jsonl_of

GOOD = csv_of(good_rows())


@pytest.mark.parametrize("content", ["", "\ufeff", "\n\n", "text,label\r\n", "text,label", " \n"])
def test_a_file_without_rows_is_an_empty_dataset(content: str) -> None:
    outcome = ingest(content)
    assert outcome.code == PROBLEM
    assert set(outcome.faults) == {"empty_dataset"}
    assert outcome.files == ()


def test_a_file_of_blank_json_lines_is_an_empty_dataset() -> None:
    assert set(ingest("\n \n", "data.jsonl").faults) == {"empty_dataset"}


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.7\nplain words", "PDF"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "PNG"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "Windows program"),
        (b"\x7fELF\x02\x01\x01\x00", "Linux program"),
        (b"\xff\xd8\xff\xe0abc", "JPEG"),
        (b"BZh91AY&SY\x00", "bzip2"),
        (b"name\x00".ljust(257, b"\x00") + b"ustar\x0000", "tar"),
        (bytes(range(32)) * 8, "binary"),
    ],
)
@pytest.mark.parametrize("filename", ["data.csv", "data.xlsx", "data"])
def test_a_binary_is_refused_whatever_it_is_called(head: bytes, kind: str, filename: str) -> None:
    fault = ingest(head, filename).faults["type_mismatch"]
    assert kind in fault.message
    assert f"'{filename}'" in fault.message


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00", "ZIP"),
        (b"\x1f\x8b\x08\x00\x00", "gzip"),
        (b"\x28\xb5\x2f\xfd\x00", "Zstandard"),
        (b"PAR1\x15\x04\x15", "Parquet"),
    ],
)
def test_the_head_of_a_file_that_is_read_here_is_refused_as_damaged_or_as_misnamed(head: bytes, kind: str) -> None:
    assert kind in ingest(head, "data").faults["corrupt_file"].message
    message = ingest(head, "data.csv").faults["type_mismatch"].message
    assert kind in message
    assert "'data.csv' is named or stated to be csv" in message


@pytest.mark.parametrize("form", ["parquet", "xlsx"])
def test_a_text_called_a_binary_format_is_refused(form: str) -> None:
    assert "is a text" in ingest(GOOD, f"data.{form}").faults["type_mismatch"].message
    assert "is a text" in ingest(GOOD, "data", format=form).faults["type_mismatch"].message


def test_a_binary_is_refused_even_where_format_and_encoding_are_stated() -> None:
    outcome = ingest(b"PK\x03\x04\x14\x00", format="csv", encoding="latin-1")
    assert set(outcome.faults) == {"type_mismatch"}


def test_letters_that_open_a_binary_may_open_a_text_too() -> None:
    assert ingest(csv_of(good_rows(), header=("MZ", "label")), columns={"text": "MZ"}).code == 0


def test_json_lines_called_csv_are_named_as_such() -> None:
    outcome = ingest(jsonl_of([{"text": "a", "label": "b"}]))
    assert '"format": "jsonl"' in outcome.faults["type_mismatch"].message


def test_a_csv_called_json_is_named_as_such() -> None:
    assert "holds no JSON" in ingest(GOOD, "data.json").faults["type_mismatch"].message


def test_a_json_document_called_csv_is_named_as_such() -> None:
    assert '"format": "json"' in ingest('[{"text": "a"}]').faults["type_mismatch"].message


def test_an_unknown_format_is_refused_with_those_known() -> None:
    assert "csv, tsv, jsonl" in ingest(GOOD, format="xml").faults["unsupported_format"].message


def test_an_unknown_task_is_refused() -> None:
    assert "text-classification" in ingest(GOOD, task_kind="juggling").faults["unsupported_task"].message


@pytest.mark.parametrize("after", ["plain,card\n", '"quoted, too",card\n'])
def test_an_unterminated_quote_is_found_at_the_line_that_opened_it(after: str) -> None:
    outcome = ingest('text,label\nfirst,card\n"never closed,card\n' + after * 3)
    assert outcome.faults["unterminated_quote"].message.startswith("Line 3:")


def test_an_unterminated_quote_counts_lines_not_records() -> None:
    outcome = ingest('text,label\n"two\nlines",card\n\nx,"open\nuntil the end')
    assert outcome.faults["unterminated_quote"].message.startswith("Line 5:")


def test_text_after_a_closing_quote_is_refused() -> None:
    assert ingest('text,label\n"say "yes" now",card\n').faults["bad_quote"].message.startswith("Line 2:")


def test_nul_is_refused_with_its_lines() -> None:
    outcome = ingest(GOOD.replace("row 3,", "row\0 3,").replace("row 5,", "row\0 5,"))
    assert outcome.faults["nul_not_allowed"].message.startswith("Lines 4 and 6:")


def test_nul_behind_a_json_escape_is_refused_too() -> None:
    outcome = ingest('{"text": "a\\u0000b", "label": "x"}\n', "data.jsonl")
    assert outcome.faults["nul_not_allowed"].message.startswith("Line 1:")


@pytest.mark.parametrize("bad", ['{"text": "\\ud800"}', '{"text": "a", "\\udc00": "b"}'])
def test_half_a_surrogate_pair_is_refused(bad: str) -> None:
    assert "invalid_unicode" in ingest(bad, "data.jsonl").faults


def test_a_whole_surrogate_pair_is_one_character() -> None:
    rows = [{"text": f"\U0001f4b3 {number}", "label": "ab"[number % 2]} for number in range(20)]
    assert ingest(jsonl_of(rows), "data.jsonl").frame["text"].to_list() == [row["text"] for row in rows]


def test_ragged_rows_are_listed_to_twenty_and_counted() -> None:
    outcome = ingest(GOOD + "too,many,cells\n" * 15 + "too few\n" * 15)
    message = outcome.faults["ragged_rows"].message
    assert message.startswith("Lines 22, 23, ")
    assert "and 41 (the first 20 of 30)" in message


def test_a_file_too_wide_is_refused() -> None:
    outcome = ingest(",".join(f"c{number}" for number in range(200_000)) + "\n" + "," * 199_999)
    assert "200,000 columns" in outcome.faults["too_many_columns"].message


def test_json_lines_with_ever_new_keys_are_refused() -> None:
    outcome = ingest(jsonl_of({f"key {number}": "x"} for number in range(30)), "data.jsonl", limits=Limits(columns=10))
    assert "too_many_columns" in outcome.faults


def test_a_column_named_twice_is_refused() -> None:
    message = ingest("text,label, text \na,b,c\n").faults["duplicate_column"].message
    assert "'text'" in message


def test_a_key_named_twice_is_refused() -> None:
    assert "twice" in ingest('{"text": "a", "text": "b"}', "data.jsonl").faults["bad_json_line"].message


def test_a_missing_column_is_told_with_those_that_exist_and_the_nearest() -> None:
    fault = ingest(GOOD, columns={"text": "text", "label": "Lable"}).faults["missing_column"]
    assert fault.param == "columns.label"
    assert "'text', 'label'" in fault.message
    assert fault.message.endswith("Did you mean 'label'?")


def test_an_unknown_role_is_refused() -> None:
    assert "text, label" in ingest(GOOD, columns={"txt": "text"}).faults["unknown_role"].message


def test_one_column_cannot_play_two_roles() -> None:
    assert "columns_ambiguous" in ingest(GOOD, columns={"text": "text", "label": "text"}).faults


def test_a_cell_of_ten_megabytes_is_refused_with_its_row() -> None:
    rows = [*good_rows(), ("x" * 10_000_000, "card"), ("y" * 100_001, "card"), ("ä" * 100_000, "loan")]
    message = ingest(csv_of(rows)).faults["cell_too_long"].message
    assert message.startswith("Rows 21 and 22:")
    assert "100,000 characters" in message
    assert "10,000,000" in message


def test_a_cell_beyond_what_the_parser_holds_is_refused_with_its_line() -> None:
    message = ingest(f'text,label\n"{"x" * (1 << 24)}y",card\n').faults["cell_too_long"].message
    assert message.startswith("Line 2:")


def test_a_long_cell_of_json_is_refused_with_its_row() -> None:
    rows = [{"text": "fine", "label": "a"}, {"text": "x" * 11, "label": "b"}]
    outcome = ingest(jsonl_of(rows), "data.jsonl", limits=Limits(cell_characters=10))
    assert outcome.faults["cell_too_long"].message.startswith("Row 2:")


@pytest.mark.parametrize("filename", ["data.csv", "data.jsonl"])
def test_more_rows_than_the_plan_allows_are_refused(filename: str) -> None:
    rows = good_rows(101)
    objects = [{"text": text, "label": label} for text, label in rows]
    content = csv_of(rows) if filename == "data.csv" else jsonl_of(objects)
    assert "100 rows" in ingest(content, filename, limits=Limits(rows=100)).faults["too_many_rows"].message
    assert ingest(content, filename, limits=Limits(rows=101)).code == 0


@pytest.mark.parametrize(
    "bad",
    [
        '{"text": "a"',
        "plain words",
        '["text", "a"]',
        "{}",
        '{"text": NaN}',
        '{"n": ' + "9" * 5_000 + "}",
        '{"n": ' + "[" * 5_000 + "]" * 5_000 + "}",
        '{"text": "a"} {"text": "b"}',
    ],
)
def test_a_bad_json_line_is_refused_with_its_number(bad: str) -> None:
    outcome = ingest('{"text": "fine", "label": "x"}\n\n' + bad + "\n", "data.jsonl")
    assert outcome.faults["bad_json_line"].message.startswith("Line 3:")
    assert len(outcome.faults["bad_json_line"].message) < 300


def test_json_rows_that_lack_a_key_or_hold_no_string_are_refused_with_their_numbers() -> None:
    rows: list[dict[str, object]] = [{"text": f"text {number}", "label": "ab"[number % 2]} for number in range(20)]
    rows[2] = {"text": "no label here"}
    rows[4]["label"] = {"of": 7}
    rows[6]["label"] = ["a"]
    faults = ingest(jsonl_of(rows), "data.jsonl").faults
    assert faults["missing_key"].message.startswith("Row 3: no 'label'")
    assert faults["wrong_type"].message.startswith("Rows 5 and 7: 'label' is no string (the first is of type object)")


def test_other_columns_of_json_may_hold_anything() -> None:
    rows = [{"id": number, "text": f"text {number}", "label": "ab"[number % 2], "tags": ["x"]} for number in range(20)]
    assert ingest(jsonl_of(rows), "data.jsonl").told.columns == {"text": "text", "label": "label"}


def test_one_class_is_refused() -> None:
    outcome = ingest(csv_of((text, "card") for text, _ in good_rows()))
    assert "'card'" in outcome.faults["one_class"].message


def test_two_rows_are_too_few() -> None:
    assert "2 usable rows" in ingest(csv_of(good_rows(2))).faults["too_few_rows"].message


def test_too_many_labels_are_refused() -> None:
    outcome = ingest(csv_of((f"text {number}", f"label {number}") for number in range(1_001)))
    assert "1,001" in outcome.faults["too_many_labels"].message


def test_labels_too_rare_for_any_split_are_refused_rather_than_left_unmeasured() -> None:
    outcome = ingest(csv_of((f"text {number}", f"label {number // 2}") for number in range(40)))
    assert "a validation and a test split" in outcome.faults["too_few_rows"].message


def test_rows_without_text_or_label_alone_make_no_data_set() -> None:
    outcome = ingest(csv_of([("", "card"), (" ", "loan"), ("text", "")]))
    assert "3 without text or label" in outcome.faults["empty_dataset"].message


@pytest.mark.parametrize(
    "split",
    [
        SplitSpec(train=0.5, validation=0.1, test=0.1),
        SplitSpec(train=1.2, validation=-0.1, test=-0.1),
        SplitSpec(train=0.0, validation=0.5, test=0.5),
        SplitSpec(train=0.8, validation=0.3, test=-0.1),
    ],
)
def test_shares_that_are_none_are_refused(split: SplitSpec) -> None:
    assert "bad_split" in ingest(GOOD, split=split).faults


def test_all_faults_of_a_stage_come_at_once() -> None:
    rows = [*good_rows(), ("x" * 200, "card")]
    content = csv_of(rows, header=("text", "label")) + 'only one\n"open,card\n'
    faults = ingest(content, columns={"label": "intent"}, limits=Limits(rows=5, cell_characters=100)).faults
    assert set(faults) == {
        *("ragged_rows", "cell_too_long", "too_many_rows"),
        *("unterminated_quote", "missing_column"),
    }


def test_a_faulty_row_does_not_shift_the_numbers_of_those_after_it() -> None:
    content = csv_of([("a", "b")]) + "ragged\n" + "x" * 200 + ",b\n"
    faults = ingest(content, limits=Limits(cell_characters=100)).faults
    assert faults["ragged_rows"].message.startswith("Line 3:")
    assert faults["cell_too_long"].message.startswith("Row 3:")


def test_one_class_and_too_few_rows_come_together() -> None:
    assert set(ingest(csv_of([("a", "x"), ("b", "x")])).faults) == {"one_class", "too_few_rows"}


def test_no_more_than_a_hundred_characters_of_input_come_back() -> None:
    secret = "s" * 5_000
    message = (
        ingest(csv_of([("a", "b")], header=(secret, "label")), columns={"text": "t"}).faults["missing_column"].message
    )
    assert "s" * 99 in message
    assert "s" * 101 not in message
