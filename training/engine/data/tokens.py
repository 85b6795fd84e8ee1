"""Texts as token ids, stored end to end without padding. Knows no model."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

AT_ONCE = 10_000  # texts a call of the tokenizer: its Python lists cost ~100 bytes a token while they live
NO_WORD = -1


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """`ids` and `positions`: (T,) int64, T the tokens of all texts; text i is ids[offsets[i] : offsets[i + 1]].

    `types`: (T,) which text of a pair a token belongs to; None where the base tells no pairs apart, or none are given.
    `words`: (T,) of a word's first token the word's place in its text, elsewhere `NO_WORD`; None where texts are not
    given word by word. `truncated`: how many texts were longer than the limit.
    """

    ids: Tensor
    positions: Tensor
    offsets: list[int]
    truncated: int
    types: Tensor | None = None
    words: Tensor | None = None

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @cached_property
    def lengths(self) -> list[int]:
        return [end - start for start, end in pairwise(self.offsets)]

    @cached_property
    def asked(self) -> Tensor:
        """(K,) what answers are asked for: each text, or each word, named by its first token's place in T."""
        return torch.arange(len(self)) if self.words is None else torch.nonzero(self.words != NO_WORD).view(-1)

    @cached_property
    def bounds(self) -> list[int]:
        """Text i asks for the answers bounds[i] : bounds[i + 1] of `asked`."""
        if self.words is None:
            return list(range(len(self) + 1))
        found: list[int] = torch.searchsorted(self.asked, torch.tensor(self.offsets)).tolist()
        return found

    def answers(self, rows: list[int]) -> int:
        """How many answers the texts ask for: one each, or one a word."""
        return sum(self.bounds[row + 1] - self.bounds[row] for row in rows)


def tokenise(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], second: Sequence[str] | None = None, *, max_length: int
) -> Tokens:
    """Special tokens included; longer texts are cut at `max_length` tokens and counted. `second`: the other texts of
    pairs; of a pair that is too long the longer text is cut."""
    pieces = list[Any]()
    for start in range(0, len(texts), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        pieces += _encoded(tokenizer, texts[part], second[part] if second else None, max_length=max_length)
    return _joined(pieces, types=second is not None and "token_type_ids" in tokenizer.model_input_names)


def tokenise_words(tokenizer: PreTrainedTokenizerBase, texts: Sequence[list[str]], *, max_length: int) -> Tokens:
    """Texts given word by word; what lies beyond `max_length` tokens is cut and counted."""
    pieces = list[Any]()
    for start in range(0, len(texts), AT_ONCE):
        part = texts[start : start + AT_ONCE]
        pieces += _encoded(tokenizer, part, None, max_length=max_length, is_split_into_words=True)
    return _joined(pieces, words=True)


def joined(ids: list[Tensor], *, truncated: int = 0) -> Tokens:
    """The texts' ids, each (its length,), laid end to end."""
    return Tokens(
        ids=flat(ids),
        positions=flat([torch.arange(len(one)) for one in ids]),
        offsets=list(accumulate((len(one) for one in ids), initial=0)),
        truncated=truncated,
    )


def _encoded(
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[Any],
    second: Sequence[str] | None,
    *,
    max_length: int,
    **more: bool,
) -> list[Any]:
    """The `tokenizers` library's own encodings."""
    pair = None if second is None else list(second)
    encoded = tokenizer(list(texts), pair, truncation=True, max_length=max_length, **more)
    return list(encoded.encodings or ())


def _joined(pieces: list[Any], *, types: bool = False, words: bool = False) -> Tokens:
    plain = joined(
        [torch.tensor(one.ids, dtype=torch.int64) for one in pieces],
        truncated=sum(bool(one.overflowing) for one in pieces),
    )
    return Tokens(
        ids=plain.ids,
        positions=plain.positions,
        offsets=plain.offsets,
        truncated=plain.truncated,
        types=flat([torch.tensor(one.type_ids, dtype=torch.int64) for one in pieces]) if types else None,
        words=flat([torch.tensor(_first(one.word_ids), dtype=torch.int64) for one in pieces]) if words else None,
    )


def _first(words: list[int | None]) -> list[int]:
    """Each word's number at its first token only."""
    return [
        NO_WORD if word is None or (place and words[place - 1] == word) else word for place, word in enumerate(words)
    ]


def flat(parts: list[Tensor]) -> Tensor:
    return torch.cat([torch.empty(0, dtype=torch.int64), *parts])
