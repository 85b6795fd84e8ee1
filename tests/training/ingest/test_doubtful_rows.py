"""Rows that are nearly alike, in another language, or labelled wrongly: found where they were planted."""

import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.cleaning import Step
from contracts.ingestion import SplitSpec
from tests.training.ingest.child import csv_of, good_rows, ingest
from training.ingest.doubt import doubted
from training.ingest.near import groups, overlap
from training.languages import languages

LONG = "the parcel was left with a neighbour on monday although we had asked for it to be brought to the back door"


def grouped(*texts: str) -> list[int]:
    keys = pl.Series(range(1, len(texts) + 1), dtype=pl.UInt64)
    return groups(keys, pl.Series(texts)).to_list()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("where is my card?", "where is my card"),
        ("where, is my card", "where is my-card"),
        (LONG, LONG.replace("brought", "bought")),
        (LONG, f"please note: {LONG}"),
        ("谁知道她是网络美女吗？", "谁知道她是网络美女吗"),
    ],
)
def test_nearly_equal_texts_are_one_group(one: str, other: str) -> None:
    assert grouped(one, "something else altogether", other) == [1, 2, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("pay 5 euros", "pay 7 euros"),
        ("i lost my card", "i lost my cards"),
        (f"{LONG} at 5", f"{LONG} at 7"),
        (LONG, LONG[::-1]),
        ("???", "!!!"),
    ],
)
def test_texts_that_mean_something_else_are_not(one: str, other: str) -> None:
    assert grouped(one, other) == [1, 2]


def test_whoever_is_near_one_of_a_group_is_in_it() -> None:
    third = LONG.replace("brought", "bought").replace("monday", "mondays")
    assert grouped(LONG, LONG.replace("brought", "bought"), third) == [1, 1, 1]


@given(texts=st.lists(st.text(max_size=60), min_size=1, max_size=12, unique=True))
@settings(deadline=None, max_examples=100)
def test_any_texts_are_grouped_and_long_ones_only_where_they_overlap(texts: list[str]) -> None:
    assert len(grouped(*texts)) == len(texts)
    assert all(0 <= overlap(one, other) <= 1 for one in texts for other in texts)


def test_near_equal_rows_never_straddle_and_can_be_dropped() -> None:
    rows = [(f"{text} and {LONG} {'.' * (n % 3)}", label) for n in range(3) for text, label in good_rows(40)]
    outcome = ingest(csv_of(rows), split=SplitSpec(seed=2))
    assert outcome.findings["near_duplicate"].fix == "drop_near_duplicates"
    where = (
        outcome.frame.with_columns(pl.col("text").str.strip_chars(" ."))
        .group_by("text")
        .agg(pl.col("split").n_unique())
    )
    assert where["split"].max() == 1
    cleaned = ingest(csv_of(rows), steps=(Step(name="drop_near_duplicates"),))
    assert cleaned.frame["row"].to_list() == list(range(1, 41))


SENTENCES = {
    "en": "The weather was pleasant and we walked along the river until the evening came number {}",
    "de": "Das Wetter war angenehm und wir gingen am Fluss entlang bis der Abend kam Nummer {}",
    "fr": "Il faisait beau et nous avons marché le long de la rivière jusqu'au soir numéro {}",
    "zh": "今年春天的天气很好，我们和朋友们一起沿着河边慢慢地走，一直走到了晚上，大家都很高兴，第{}次",
}


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_is_told_by_its_language(code: str) -> None:
    assert languages(pl.Series([SENTENCES[code].format(3)])).to_list() == [code]


def test_what_is_too_short_to_tell_is_in_no_language() -> None:
    assert languages(pl.Series(["ok", "12"])).to_list() == [None, None]


def test_a_second_language_is_told_by_row_and_can_be_dropped() -> None:
    codes = ["de" if n % 10 == 0 else "en" for n in range(300)]
    rows = [(SENTENCES[code].format(n), "ab"[n // 3 % 2]) for n, code in enumerate(codes)]
    outcome = ingest(csv_of(rows))
    finding = outcome.findings["mixed_languages"]
    assert (finding.count, finding.rows[:3], finding.fix) == (30, (1, 11, 21), "keep_language")
    kept = ingest(csv_of(rows), steps=(Step(name="keep_language", languages=("en",)),))
    assert kept.told.rows["total"] == 270
    assert "mixed_languages" not in kept.findings


def intents(wrong: int = 0) -> tuple[pl.DataFrame, set[int]]:
    """Two hundred and forty clear rows under three labels, some of them labelled otherwise."""
    chance = random.Random(0)
    words = {
        "card": "card pin blocked lost chip",
        "loan": "loan rate credit repay month",
        "move": "address moved street town",
    }
    rows = []
    for n in range(240):
        label = sorted(words)[n % 3]
        rows.append((n, " ".join([*chance.choices(words[label].split(), k=4), f"w{n % 7}"]), label))
    planted = set(range(0, 240, 240 // wrong)) if wrong else set()
    others = {"card": "loan", "loan": "move", "move": "card"}
    given_labels = [(n, text, others[label] if n in planted else label) for n, text, label in rows]
    return pl.DataFrame(given_labels, schema=["row", "text", "label"], orient="row"), planted


def test_planted_wrong_labels_are_doubted_and_the_right_one_is_suggested() -> None:
    frame, planted = intents(wrong=12)
    doubts = doubted(frame)
    assert len(planted & set(doubts.found["row"])) >= 10
    assert doubts.found.height <= 16
    assert doubts.found.filter(row=0)["suggested"].item() == "card"
    assert doubts.accuracy > 0.9


def test_clear_labels_are_not_doubted_and_few_rows_are_not_looked_at() -> None:
    assert doubted(intents()[0]).found.height == 0
    rows = intents(wrong=12)[0].select("text", "label").rows()
    assert 10 <= ingest(csv_of(rows)).findings["likely_wrong_label"].count <= 16
    assert "likely_wrong_label" not in ingest(csv_of(rows[:150])).findings
