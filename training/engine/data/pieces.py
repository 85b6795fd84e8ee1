"""Texts without labels as token ids, nothing of them cut off: a text that is too long becomes several pieces."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from training.engine.data.tokens import AT_ONCE, NO_WORD, Tokens, joined


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """`tokens`: those of all pieces; `texts`: [pieces] which text each is of; `words`: (T,) which word of the split a
    token belongs to, `NO_WORD` of special tokens; `owners`: (W,) which text each word is of."""

    tokens: Tokens
    texts: list[int]
    words: Tensor
    owners: Tensor

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def spelt(self) -> Tensor:
        """Ids of the tokens that words are made of."""
        return self.tokens.ids[self.words != NO_WORD]

    @cached_property
    def tokens_a_word(self) -> Tensor:
        """(W,)"""
        return torch.bincount(self.words[self.words != NO_WORD], minlength=len(self.owners))


def read(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], *, max_length: int) -> Pieces:
    """Each piece as the tokenizer reads a text of its own, special tokens included. Words are the tokenizer's."""
    encodings, of = list[Any](), list[int]()
    for start in range(0, len(texts), AT_ONCE):
        found = tokenizer(
            list(texts[start : start + AT_ONCE]), truncation=True, max_length=max_length, return_overflowing_tokens=True
        )
        encodings += found.encodings or ()
        of += [start + text for text in found["overflow_to_sample_mapping"]]
    counts = np.zeros(len(texts), dtype=np.int64)
    for text, one in zip(of, encodings, strict=True):
        counts[text] = max(counts[text], 1 + max((word for word in one.word_ids if word is not None), default=-1))
    before = np.concatenate([[0], np.cumsum(counts)])[:-1]
    words = [
        NO_WORD if word is None else int(before[text]) + word
        for text, one in zip(of, encodings, strict=True)
        for word in one.word_ids
    ]
    return Pieces(
        tokens=joined([torch.tensor(one.ids, dtype=torch.int64) for one in encodings]),
        texts=of,
        words=torch.tensor(words, dtype=torch.int64),
        owners=torch.repeat_interleave(torch.arange(len(texts)), torch.from_numpy(counts)),
    )
