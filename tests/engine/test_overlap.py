"""Figures of written texts from counts that add up over rows: the same as the reference's of the whole."""

import random

import numpy as np
import pytest
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from training.engine.judging import overlap

WORDS = ["a", "dog", "runs", "over", "the", "green", "field", ",", "and", "two", "men", "watch", "it", "."]
RIGHT = ["二つの犬が走る。", "人が見る。"]


def texts(seed: int, words: list[str]) -> list[str]:
    chance = random.Random(seed)
    return [" ".join(chance.choices(words, k=chance.randint(1, 14))) for _ in range(40)]


@pytest.mark.parametrize(("words", "cut"), [(WORDS, "13a"), (list("".join(RIGHT)), "zh")], ids=["spaced", "unspaced"])
def test_the_sum_of_rows_is_sacrebleus_figure_of_the_corpus(words: list[str], cut: str) -> None:
    said, right = texts(0, words), texts(1, words)
    found = overlap.measure(said, right)
    assert found.value("bleu") == pytest.approx(BLEU(tokenize=cut).corpus_score(said, [right]).score)
    assert found.value("chrf") == pytest.approx(CHRF().corpus_score(said, [right]).score)
    some = np.array([3, 3, 17, 20])
    drawn = [[side[place] for place in some] for side in (said, right)]
    assert found.value("bleu", some) == pytest.approx(BLEU(tokenize=cut).corpus_score(drawn[0], [drawn[1]]).score)
    assert found.value("chrf", some) == pytest.approx(CHRF().corpus_score(drawn[0], [drawn[1]]).score)


@pytest.mark.parametrize(
    ("said", "right", "value"),
    [
        ("police killed the gunman", "Police kill the gunman!", 0.75),  # Lin 2004's example: 3 words in order
        ("the gunman police killed", "police killed the gunman", 0.5),
        ("", "a word", 0.0),
        ("走る犬", "犬が走る", 4 / 7),
        ("GPT 犬", "gpt犬", 1.0),
    ],
)
def test_rouge_l_is_the_f1_of_the_longest_common_subsequence(said: str, right: str, value: float) -> None:
    assert overlap.measure([said], [right]).value("rouge_l") == pytest.approx(value)


def test_the_longest_common_subsequence_is_that_of_its_table() -> None:
    for one, other in zip(texts(2, WORDS), texts(3, WORDS), strict=True):
        first, second = overlap.words(one), overlap.words(other)
        table = np.zeros((len(first) + 1, len(second) + 1), dtype=int)
        for row, word in enumerate(first):
            for column, against in enumerate(second):
                table[row + 1, column + 1] = (
                    table[row, column] + 1 if word == against else max(table[row, column + 1], table[row + 1, column])
                )
        value = 2 * table[-1, -1] / max(1, len(first) + len(second))
        assert overlap.measure([one], [other]).value("rouge_l") == pytest.approx(
            value if first and second else float(first == second)
        )


def test_nothing_written_is_worth_nothing() -> None:
    found = overlap.measure(["", ""], ["a word", "another"])
    assert found.values == {"bleu": 0.0, "chrf": 0.0, "rouge_l": 0.0}
