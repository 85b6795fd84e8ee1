"""Texts as token ids, stored end to end without padding. Knows no model."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

AT_ONCE = 10_000  # texts a call of the tokenizer: its Python lists cost ~100 bytes a token while they live


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """`ids` and `positions`: (T,) int64, T the tokens of all texts; text i is ids[offsets[i] : offsets[i + 1]].

    `truncated`: how many texts were longer than the limit.
    """

    ids: Tensor
    positions: Tensor
    offsets: list[int]
    truncated: int

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> list[int]:
        return [end - start for start, end in pairwise(self.offsets)]


def tokenise(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], *, max_length: int) -> Tokens:
    """Special tokens included; longer texts are cut at `max_length` tokens and counted."""
    ids: list[Tensor] = []
    truncated = 0
    for start in range(0, len(texts), AT_ONCE):
        encoded = tokenizer(list(texts[start : start + AT_ONCE]), truncation=True, max_length=max_length)
        ids += [torch.tensor(one, dtype=torch.int64) for one in encoded["input_ids"]]
        truncated += sum(bool(one.overflowing) for one in encoded.encodings or ())
    return joined(ids, truncated=truncated)


def joined(ids: list[Tensor], *, truncated: int = 0) -> Tokens:
    """The texts' ids, each (its length,), laid end to end."""
    empty = torch.empty(0, dtype=torch.int64)
    return Tokens(
        ids=torch.cat([empty, *ids]),
        positions=torch.cat([empty, *(torch.arange(len(one)) for one in ids)]),
        offsets=list(accumulate((len(one) for one in ids), initial=0)),
        truncated=truncated,
    )
