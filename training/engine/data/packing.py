"""Lays texts into rows of slots: several short texts a row, or one text a row. Pure; knows no model.

Packing spares the padding: a batch of 64 short texts fills a dozen rows of 64 slots instead of 64 rows as long as the
longest text. Texts of one row are kept apart by a block-diagonal attention mask over `owner`
(Krell et al. 2021, arXiv:2107.02027).
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from training.engine.data.tokens import NO_WORD, Tokens

WIDTH = 64  # slots a row at least: wide enough to fill well, narrow enough that masked attention stays cheap
MULTIPLE = 8  # rows end on a multiple of this, so that kernels see few shapes


@dataclass(frozen=True, kw_only=True)
class Batch:
    """N texts in P rows of R slots.

    `texts`: (N,) their indices in the split. `source`: (P * R,) for each slot the index of its token in the flat
    `Tokens`, 0 for filler. `owner`: (P, R) which of the N texts a slot belongs to, -1 for filler. `starts`: (N,) the
    slot of each text's first token, in P * R.
    """

    texts: Tensor
    source: Tensor
    owner: Tensor
    starts: Tensor


def pack(tokens: Tokens, rows: list[int]) -> Batch:
    """First-fit decreasing: the longest text first, each into the first row with room."""
    lengths = [tokens.offsets[row + 1] - tokens.offsets[row] for row in rows]
    width = _rounded(max(WIDTH, *lengths))
    free: list[int] = []  # slots left, a number a row
    starts = [0] * len(rows)
    for one in sorted(range(len(rows)), key=lambda index: -lengths[index]):
        row = next((index for index, room in enumerate(free) if room >= lengths[one]), len(free))
        if row == len(free):
            free.append(width)
        starts[one] = row * width + width - free[row]
        free[row] -= lengths[one]
    return _lay(tokens, rows, lengths, starts, shape=(len(free), width))


def pad(tokens: Tokens, rows: list[int]) -> Batch:
    """One text a row, rows as long as the longest text."""
    lengths = [tokens.offsets[row + 1] - tokens.offsets[row] for row in rows]
    width = _rounded(max(lengths))
    return _lay(tokens, rows, lengths, [index * width for index in range(len(rows))], shape=(len(rows), width))


def word_slots(tokens: Tokens, batch: Batch) -> Tensor:
    """(S,) the slots of words' first tokens, in P * R; where the texts are not given word by word, there are none."""
    if tokens.words is None:
        return torch.empty(0, dtype=torch.int64)
    begins = tokens.words.index_select(0, batch.source) != NO_WORD
    return torch.nonzero(begins & (batch.owner.view(-1) >= 0)).view(-1)


def _rounded(width: int) -> int:
    return -(-width // MULTIPLE) * MULTIPLE


def _lay(tokens: Tokens, rows: list[int], lengths: list[int], starts: list[int], *, shape: tuple[int, int]) -> Batch:
    source = torch.zeros(shape[0] * shape[1], dtype=torch.int64)
    owner = torch.full_like(source, -1)
    for index, (row, length, start) in enumerate(zip(rows, lengths, starts, strict=True)):
        source[start : start + length] = torch.arange(tokens.offsets[row], tokens.offsets[row] + length)
        owner[start : start + length] = index
    return Batch(
        texts=torch.tensor(rows),
        source=source,
        owner=owner.view(shape),
        starts=torch.tensor(starts),
    )
