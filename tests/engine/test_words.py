"""Only embedding rows that occur are trained, and that is exact: the others stay as the base has them."""

from pathlib import Path

import torch
from torch import Tensor
from transformers import AutoModelForSequenceClassification, BertForSequenceClassification

from tests.engine import tiny
from tests.engine.engine import run
from training.engine.data.tokens import Tokens, tokenise
from training.engine.model.packed import Packed
from training.engine.model.words import occurring

LOANS = [row for row in tiny.rows() if row[1] != "fees"]  # no text speaks of fees


def embedding(folder: Path) -> Tensor:
    model = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=2)
    weight: Tensor = model.bert.embeddings.word_embeddings.weight.detach()
    return weight


def features(model: BertForSequenceClassification, tokens: Tokens) -> Tensor:
    network = Packed(model=model, heads=4)
    with torch.no_grad():
        return network.features(tokens, network.batch(tokens, list(range(len(tokens)))))


def test_rows_that_occur_are_trained_and_no_other(base: Path, tmp_path: Path) -> None:
    data = tiny.version(tmp_path / "data", LOANS)
    output = run(tiny.spec(base, labels=("cards", "loans"), method="full", learning_rate=1e-3), data, tmp_path).output
    before, after = embedding(base), embedding(output)
    trained = (before != after).any(1).nonzero().view(-1).tolist()
    texts = [text for text, _, split in LOANS if split == "train"]
    assert trained == sorted({token for ids in tiny.tokenizer()(texts)["input_ids"] for token in ids})
    assert 0 < len(trained) < len(before) / 2


def test_with_the_rows_that_occur_texts_look_the_same(base: Path) -> None:
    model = AutoModelForSequenceClassification.from_pretrained(base).eval()
    tokens = tokenise(tiny.tokenizer(), ["card fee", "why is my loan rate new"], max_length=64)
    before, whole = features(model, tokens), embedding(base)
    words = occurring(model, [tokens])
    assert len(model.bert.embeddings.word_embeddings.weight) == len(torch.unique(tokens.ids))
    torch.testing.assert_close(features(model, words.renamed(tokens)), before)
    words.restore(model)
    torch.testing.assert_close(model.bert.embeddings.word_embeddings.weight.detach(), whole)
    torch.testing.assert_close(features(model, tokens), before)
