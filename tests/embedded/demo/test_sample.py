"""The shipped messages: enough of them, written one by one, and no person's data in them."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from embedded.demo import sample


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with sample.SHIPPED.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_file_has_enough_rows_of_ten_intents(rows: list[dict[str, str]]) -> None:
    counts = Counter(row["label"] for row in rows)
    assert len(rows) >= 640
    assert len(counts) == 10
    assert min(counts.values()) >= 50
    assert max(counts.values()) < 2 * min(counts.values())


def test_every_row_has_exactly_a_text_and_a_label(rows: list[dict[str, str]]) -> None:
    assert all(set(row) == {"text", "label"} for row in rows)
    assert all(row["text"].strip() and re.fullmatch(r"[a-z_]+", row["label"]) for row in rows)


def test_no_message_occurs_twice_even_with_another_number_or_case(rows: list[dict[str, str]]) -> None:
    shapes = Counter(re.sub(r"\W+", " ", re.sub(r"\d+", "0", row["text"].lower())).strip() for row in rows)
    assert [shape for shape, count in shapes.items() if count > 1] == []


def test_the_messages_vary_as_people_write(rows: list[dict[str, str]]) -> None:
    lengths = [len(row["text"].split()) for row in rows]
    lower = sum(row["text"] == row["text"].lower() for row in rows)
    unpunctuated = sum(row["text"][-1].isalnum() for row in rows)
    assert min(lengths) <= 4
    assert max(lengths) >= 35
    assert 0.1 * len(rows) < lower < 0.6 * len(rows)
    assert 0.1 * len(rows) < unpunctuated < 0.6 * len(rows)


def test_no_message_holds_an_address_or_a_phone_number_that_could_be_somebody_s(rows: list[dict[str, str]]) -> None:
    personal = re.compile(r"\S@\S|https?:|(?:\d[ -]?){11,}")
    assert [row["text"] for row in rows if personal.search(row["text"])] == []


def test_the_questions_of_the_demo_are_in_no_row_and_their_labels_exist(rows: list[dict[str, str]]) -> None:
    texts, labels = {row["text"] for row in rows}, {row["label"] for row in rows}
    assert not texts & {text for text, _ in sample.UNSEEN}
    assert {label for _, label in sample.UNSEEN} <= labels


def test_a_given_file_names_its_endpoint_and_lends_its_rows(tmp_path: Path) -> None:
    file = tmp_path / "Support Mails (2024).csv"
    file.write_text("message,part\n" + "".join(f'"Row, number {n}",p{n % 3}\n' for n in range(30)), encoding="utf-8")
    chosen = sample.given(file, text="message", label="part")
    assert chosen.endpoint == "support-mails-2024"
    assert chosen.questions[0] == ("Row, number 0", "p0")
    assert len(set(chosen.questions)) == 6


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.jsonl", '{"t": "hi", "l": "x"}\n\n{"t": "ho", "l": "y"}\n'), ("a.tsv", "t\tl\nhi\tx\nho\ty\n")],
)
def test_other_formats_lend_their_rows_too(tmp_path: Path, name: str, content: str) -> None:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    assert sample.given(file, text="t", label="l").questions == (("hi", "x"), ("ho", "y"))


def test_a_name_without_letters_still_gives_an_endpoint() -> None:
    assert sample.endpoint_name("___") == "demo"
