"""Texts as ids end to end: as the tokenizer has them, cut where asked, every cut counted."""

import pytest

from tests.engine import tiny
from training.engine.data import tokens as module
from training.engine.data.tokens import tokenise

TOKENIZER = tiny.tokenizer()
TEXTS = ["card fee", "", "why is my loan rate new today", "a"]


def test_each_text_is_what_the_tokenizer_makes_of_it() -> None:
    tokens = tokenise(TOKENIZER, TEXTS, max_length=64)
    for index, text in enumerate(TEXTS):
        start, end = tokens.offsets[index : index + 2]
        assert tokens.ids[start:end].tolist() == TOKENIZER(text)["input_ids"]
        assert tokens.positions[start:end].tolist() == list(range(end - start))
    assert tokens.lengths == [4, 2, 9, 3]
    assert (len(tokens), tokens.truncated) == (4, 0)


def test_longer_texts_are_cut_at_the_limit_and_counted() -> None:
    tokens = tokenise(TOKENIZER, [*TEXTS, "fee " * 500], max_length=8)
    assert max(tokens.lengths) == 8
    assert tokens.truncated == 2
    last = int(tokens.ids[-1])
    assert last == TOKENIZER.sep_token_id, "the end of a text is marked even where it was cut"


def test_a_text_just_as_long_as_the_limit_is_not_cut() -> None:
    assert tokenise(TOKENIZER, ["fee " * 6], max_length=8).truncated == 0
    assert tokenise(TOKENIZER, ["fee " * 7], max_length=8).truncated == 1


def test_many_texts_are_taken_in_portions_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [*TEXTS * 3, "fee " * 500]
    whole = tokenise(TOKENIZER, texts, max_length=8)
    monkeypatch.setattr(module, "AT_ONCE", 5)
    portions = tokenise(TOKENIZER, texts, max_length=8)
    assert portions.ids.tolist() == whole.ids.tolist()
    assert portions.offsets == whole.offsets
    assert portions.truncated == whole.truncated == 4


def test_no_texts_are_no_tokens() -> None:
    tokens = tokenise(TOKENIZER, [], max_length=8)
    assert (len(tokens), len(tokens.ids), tokens.lengths) == (0, 0, [])
