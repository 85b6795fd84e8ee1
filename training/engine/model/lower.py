"""Layers that are not trained give the same states in every epoch: computed once, kept in half precision."""

import torch
from torch import Tensor

from training.engine.data.order import by_length
from training.engine.data.tokens import Tokens
from training.engine.model.packed import Packed, block_diagonal

KEEP_LIMIT = 1 << 30  # bytes; above it the lower layers are computed again in every step, without gradients
TEXTS_AT_ONCE = 128


def kept(network: Packed, tokens: Tokens, *, width: int) -> Tensor | None:
    """(T, width) float16: for every token the state that enters layer `network.first`; None where that is too much.

    float16 keeps 11 bits, more than the bfloat16 that the products may run in; states are layer-normed, far from its
    limits.
    """
    if network.first == 0 or len(tokens.ids) * width * 2 > KEEP_LIMIT:
        return None
    states = torch.empty(len(tokens.ids), width, dtype=torch.float16)
    with torch.no_grad():
        for rows in by_length(tokens.lengths, batch_size=TEXTS_AT_ONCE):
            batch = network.batch(tokens, rows)
            hidden = network.below(tokens, batch, block_diagonal(batch.owner))
            real = batch.owner.view(-1) >= 0
            states[batch.source[real]] = hidden[real].half()
    return states
