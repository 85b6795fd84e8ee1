"""The head alone, over what a frozen encoder says of every text: that is computed once, and an epoch costs next to
nothing."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from training.engine.data.order import by_length
from training.engine.data.tokens import Tokens
from training.engine.model.packed import Packed, answered

TEXTS_AT_ONCE = 128


@dataclass(frozen=True, kw_only=True)
class Headed:
    """A batch is the (K,) places of its answers among all that the split asks for; `lower` is `states`."""

    model: Any

    def batch(self, tokens: Tokens, rows: list[int]) -> Tensor:
        return torch.cat([torch.arange(tokens.bounds[row], tokens.bounds[row + 1]) for row in rows])

    def asked(self, tokens: Tokens, batch: Tensor) -> Tensor:
        return tokens.asked.index_select(0, batch)

    def logits(self, tokens: Tokens, batch: Tensor, lower: Tensor) -> Tensor:
        """(K, outputs)."""
        return answered(self.model, self.features(tokens, batch, lower), words=tokens.words is not None)

    def features(self, tokens: Tokens, batch: Tensor, lower: Tensor) -> Tensor:
        """(K, width)."""
        return lower.index_select(0, batch)


def states(network: Packed, tokens: Tokens) -> Tensor:
    """(answers of the split, width) float32: what the head reads."""
    found = torch.empty(tokens.bounds[-1], network.model.config.hidden_size)
    with torch.no_grad():
        for rows in by_length(tokens.lengths, batch_size=TEXTS_AT_ONCE):
            batch = network.batch(tokens, rows)
            places = torch.searchsorted(tokens.asked, network.asked(tokens, batch))
            found[places] = network.features(tokens, batch).float()
    return found
