"""What happened, in order, as codes: which items are known the training rows say. Knows no model.

A history that is longer than what is read at once is read in pieces, each half of that into the one before: what is
asked in the second half of a piece has the first half behind it, and nothing is asked twice.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

OTHER = 0  # the code of an item that is not known, and of nothing
FEWEST = 2  # times that an item stands in the training rows, to be known
MOST = 20_000  # known items, the commonest
READ = 200  # items at once


@dataclass(frozen=True, kw_only=True)
class Histories:
    """`codes`: (T,) int64 of all rows' items, row i's from offsets[i] to before offsets[i + 1]; `outcomes`: (T,) int64,
    1 where it went well, else 0; None where rows tell none."""

    codes: Tensor
    outcomes: Tensor | None
    offsets: list[int]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def owners(self) -> Tensor:
        """(T,) whose an item is."""
        return torch.repeat_interleave(torch.arange(len(self)), torch.tensor(self.offsets).diff())


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Of T what is read at once, and from where on in it answers count."""

    start: int
    asked: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Batch:
    """N pieces, filled up behind with nothing. `items`, `outcomes`: (N, L) int64, these None where rows tell none;
    `places`: (K,) where in N * L an answer counts, and `asked`: (K,) where in T that is."""

    items: Tensor
    outcomes: Tensor | None
    places: Tensor
    asked: Tensor

    @property
    def given(self) -> dict[str, Tensor]:
        """A model's inputs by name."""
        return {"items": self.items} if self.outcomes is None else {"items": self.items, "outcomes": self.outcomes}


def known(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The items of the training rows, the commonest first, which has the code 1."""
    counts = Counter(item for row in rows for item in row)
    often = sorted((item for item, times in counts.items() if times >= FEWEST), key=lambda item: (-counts[item], item))
    return tuple(often[:MOST])


def read(
    items: Sequence[str], rows: Sequence[Sequence[str]], outcomes: Sequence[Sequence[float]] | None = None
) -> Histories:
    """`items`: the known ones."""
    codes = {item: code for code, item in enumerate(items, start=OTHER + 1)}
    return Histories(
        codes=torch.tensor([codes.get(item, OTHER) for row in rows for item in row], dtype=torch.int64),
        outcomes=None if outcomes is None else torch.tensor([one for row in outcomes for one in row]).long(),
        offsets=list(accumulate(map(len, rows), initial=0)),
    )


def pieces(histories: Histories) -> list[Piece]:
    found = []
    for first, last in pairwise(histories.offsets):
        found.append(Piece(start=first, asked=first, end=min(last, first + READ)))
        while found[-1].end < last:
            asked = found[-1].end
            found.append(Piece(start=asked - READ // 2, asked=asked, end=min(last, asked + READ // 2)))
    return [piece for piece in found if piece.end > piece.start]


def batch(histories: Histories, some: Sequence[Piece]) -> Batch:
    spans = [slice(piece.start, piece.end) for piece in some]
    items = pad_sequence([histories.codes[span] for span in spans], batch_first=True)
    outcomes = None if histories.outcomes is None else pad_sequence(
        [histories.outcomes[span] for span in spans], batch_first=True
    )  # fmt: skip
    asked = [torch.arange(piece.asked, piece.end) for piece in some]
    width = items.shape[1]
    places = [one - piece.start + at * width for at, (piece, one) in enumerate(zip(some, asked, strict=True))]
    return Batch(items=items, outcomes=outcomes, places=torch.cat(places), asked=torch.cat(asked))
