"""Formats of lines: plain text, CoNLL, three lines a learner; and SQuAD, which is none. Round trips and damage."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.child import DONE
from tests.training.ingest.child import good_rows, ingest
from tests.training.ingest.test_readers import read
from training.ingest.readers.table import NOT_TEXT

WORD = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=8).filter(
    lambda word: word not in ("#", "-DOCSTART-")
)
TAG = st.sampled_from(["O", "B-PER", "I-PER", "B-LOC"])
SENTENCES = st.lists(st.lists(st.tuples(WORD, TAG), min_size=1, max_size=6), min_size=1, max_size=20)


def arrays(rows: list[tuple[str | None, ...]]) -> list[list[list[str]]]:
    return [[json.loads(str(cell).split(NOT_TEXT)[2]) for cell in row] for row in rows]


@given(sentences=SENTENCES, between=st.sampled_from(["\t", " ", " X "]), ending=st.sampled_from(["\n", "\r\n"]))
@settings(deadline=None, max_examples=100)
def test_conll_comes_back_equal(sentences: list[list[tuple[str, str]]], between: str, ending: str) -> None:
    lines = [f"{token}{between}{tag}" for sentence in sentences for token, tag in [*sentence, ("", "")]]
    content = ending.join(line if line.strip() not in ("X", "") else "" for line in lines)
    table, rows = read(content, "conll")
    assert table.faults == ()
    expected = [[list(column) for column in zip(*sentence, strict=True)] for sentence in sentences]
    if not table.findings:  # of tokens that all look like a character and its place
        assert arrays(rows) == expected


CONLL = "-DOCSTART- -X- O O\n\n" + "".join(f"In IN O O\nCity{n} NNP I-NP I-LOC\n. . O O\n\n" for n in range(20))


@pytest.mark.parametrize("filename", ["eng.train", "data.conll", "data.txt", "data"])
def test_conll_is_recognised_whatever_it_is_called(filename: str) -> None:
    outcome = ingest(CONLL, filename, task_kind="token-classification")
    assert outcome.told.format == "conll"
    assert outcome.frame["tags"][0].to_list() == ["O", "B-LOC", "O"]
    assert outcome.frame.height == 20


def test_the_place_of_a_character_in_its_word_is_left_out_and_told() -> None:
    content = "".join(f"科0\tO\n{chr(0x6280 + n)}1\tO\n李0\tB-PER\n\n" for n in range(20))
    outcome = ingest(content, "weibo.train", task_kind="token-classification")
    assert outcome.frame["tokens"][0].to_list() == ["科", chr(0x6280), "李"]
    assert outcome.findings["token_places"].count == 20


def test_a_line_without_a_tag_is_told_by_its_number() -> None:
    fault = ingest(CONLL + "alone\n", "data.conll", task_kind="token-classification").faults["bad_conll_line"]
    assert fault.message.startswith("Line 83:")


LEARNERS = st.lists(
    st.lists(st.tuples(st.integers(0, 99).map(str), st.sampled_from("01")), min_size=2, max_size=8),
    min_size=1,
    max_size=9,
)


@given(learners=LEARNERS, comma=st.sampled_from(["", ","]))
@settings(deadline=None, max_examples=100)
def test_learners_come_back_equal(learners: list[list[tuple[str, str]]], comma: str) -> None:
    columns = [[list(column) for column in zip(*each, strict=True)] for each in learners]
    content = "".join(f"{len(items)}\n{','.join(items)}{comma}\n{','.join(marks)}{comma}\n" for items, marks in columns)
    table, rows = read(content, "triples")
    assert (table.faults, arrays(rows)) == ((), columns)


@pytest.mark.parametrize("broken", ["3\n1,2\n1,0\n", "2\n1,2\n1\n", "x\n1,2\n1,0\n", "2\n1,2\n"])
def test_a_learner_whose_lines_do_not_fit_is_told_by_line(broken: str) -> None:
    table, _ = read("2\n5,6\n1,0\n" * 4 + broken, "triples")
    assert [(fault.code, fault.message[:8]) for fault in table.faults] == [("bad_triple", "Line 13:")]


@given(lines=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=20), max_size=30))
@settings(deadline=None, max_examples=100)
def test_lines_of_plain_text_come_back_equal(lines: list[str]) -> None:
    table, rows = read("\n".join(lines), "text")
    assert [row[0] for row in rows] == [line for line in lines if line.strip()]
    assert table.faults == ()


def test_a_txt_file_for_pre_training_is_plain_text() -> None:
    content = "".join(f"{text}, and more.\n\n" for text, _ in good_rows())
    outcome = ingest(content, "corpus.txt", task_kind="unlabelled")
    assert (outcome.told.format, outcome.told.rows["total"]) == ("text", 20)
    assert ingest(content, "corpus.txt", task_kind="unlabelled", document="file").faults["too_few_rows"]


def squad(**changed: object) -> str:
    asked = [
        {"question": f"Who is {n}?", "id": str(n), "answers": [{"text": f"number {n}", "answer_start": 6}]}
        for n in range(20)
    ]
    context = "It is " + ", ".join(f"number {n}" for n in range(20))
    return json.dumps(
        {"version": "1.1", "data": [{"title": "t", "paragraphs": [{"context": context, "qas": asked}]}, changed]}
    )


def test_squad_is_recognised_and_its_questions_are_rows() -> None:
    outcome = ingest(squad(paragraphs=[]), "train-v1.1.json", task_kind="question-answering")
    assert outcome.code == DONE, outcome.messages[-1]
    assert outcome.told.format == "squad"
    assert outcome.frame.row(3, named=True)["answer"] == "number 3"


def test_a_question_that_the_set_calls_impossible_stays_without_an_answer() -> None:
    content = squad(paragraphs=[])
    impossible = content.replace('"id": "3", "answers"', '"id": "3", "is_impossible": true, "answers"')
    outcome = ingest(impossible, "train-v2.0.json", task_kind="question-answering")
    assert outcome.frame.row(3, named=True)["answer"] == ""
    assert len(outcome.frame) == 20
    assert [one.message for one in outcome.told.findings if one.code == "no_answer"] == [
        "1 row has no answer: that there is none is what they say."
    ]


def test_an_article_that_is_none_is_told_by_number() -> None:
    fault = ingest(squad(title="no paragraphs"), "train.json", task_kind="question-answering").faults["bad_squad"]
    assert fault.message.startswith("Article 2:")
