"""Frequent words that a base's tokenizer cuts into pieces, or does not know, made tokens of their own.

For WordPiece tokenizers, which take the longest token that a word begins with: a new one changes no other word but
those that begin with it. Its embedding starts at the mean of its pieces' (adaptive tokenization, Sachidananda and
others 2021, arXiv:2109.07460).
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import torch
from tokenizers.models import WordPiece

FEWEST = 20  # texts that a word stands in: seen less often, its embedding hardly moves from where it started
MOST = 1_000  # words: what is added is computed in every answer


def takes_words(tokenizer: Any) -> bool:
    return isinstance(tokenizer.backend_tokenizer.model, WordPiece)


def missing(tokenizer: Any, texts: Iterable[str]) -> list[str]:
    """Words of letters alone, those first whose pieces are most in the texts."""
    backend = tokenizer.backend_tokenizer
    counts = Counter[str]()
    for text in texts:
        plain = backend.normalizer.normalize_str(text) if backend.normalizer else text
        counts.update({word for word, _ in backend.pre_tokenizer.pre_tokenize_str(plain) if word.isalpha()})
    pieces = {word: tokenizer.tokenize(word) for word, count in counts.items() if count >= FEWEST}
    spared = {word: counts[word] * len(cut) for word, cut in pieces.items() if cut != [word]}
    return sorted(spared, key=lambda word: (-spared[word], word))[:MOST]


def extend(model: Any, tokenizer: Any, words: list[str]) -> None:
    """Both in place: the tokenizer knows the words, the model has embeddings and biases for them."""
    pieces = [torch.tensor(tokenizer(word, add_special_tokens=False).input_ids) for word in words]
    backend = tokenizer.backend_tokenizer
    old, known = backend.model, backend.get_vocab(with_added_tokens=False)
    first = max(tokenizer.get_vocab().values()) + 1
    backend.model = WordPiece(
        known | {word: first + place for place, word in enumerate(words)},
        unk_token=old.unk_token,
        continuing_subword_prefix=old.continuing_subword_prefix,
        max_input_chars_per_word=old.max_input_chars_per_word,
    )
    rows = max(first + len(words), model.get_input_embeddings().weight.shape[0])
    model.resize_token_embeddings(rows, mean_resizing=False)
    output = model.get_output_embeddings()
    with torch.no_grad():
        for tensor in (model.get_input_embeddings().weight, output.weight, output.bias):
            if tensor is not None:
                for place, one in enumerate(pieces):
                    tensor[first + place] = tensor[one].mean(0)
