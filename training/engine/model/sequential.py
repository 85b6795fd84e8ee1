"""A small causal transformer over what happened: how the next answer goes, or what comes next.

Every step looks back at all before it (Kang & McAuley 2018, SASRec, arXiv:1808.09781; of answers Pandey & Karypis 2019,
SAKT, arXiv:1907.06837), the nearer the more, by a bias that falls with the distance in place of a table of positions
(Press et al. 2022, ALiBi, arXiv:2108.12409). Of answers a step is the item that is asked, and the item and outcome just
before; its own outcome it never sees.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody reads
from torch import Tensor, nn

WIDTH, LAYERS, HEADS = 64, 2, 4
WIDER = 4  # times, inside a layer's second half
HIDDEN = -1e9  # added to the score of a step that lies ahead


@dataclass(frozen=True, kw_only=True)
class Shape:
    """config.json. `items`: known ones; `outcomes`: whether their outcomes are read and foretold, else what comes next
    is."""

    items: int
    outcomes: bool
    width: int = WIDTH
    layers: int = LAYERS
    heads: int = HEADS
    model_type: str = "causal-sequence-transformer"


class Layer(nn.Module):
    """Attention to what lies behind, then a layer for each step by itself, each after a norm."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.width
        self.heads = shape.heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key, self.value, self.mixed = (nn.Linear(width, width) for _ in range(4))
        self.widened, self.narrowed = nn.Linear(width, WIDER * width), nn.Linear(WIDER * width, width)

    def forward(self, states: Tensor, bias: Tensor, *, dropout: float) -> Tensor:
        """`states`: (N, L, width) to the same; `bias`: (heads, L, L)."""
        normed = self.before(states)
        query, key, value = (
            part(normed).unflatten(2, (self.heads, -1)).transpose(1, 2) for part in (self.query, self.key, self.value)
        )  # (N, heads, L, width / heads)
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        states = states + F.dropout(self.mixed(seen.transpose(1, 2).flatten(2)), dropout, training=dropout > 0)
        wide = F.gelu(self.widened(self.between(states)))
        found: Tensor = states + F.dropout(self.narrowed(wide), dropout, training=dropout > 0)
        return found


class Sequential(nn.Module):
    """(N, L) items to (N, L) logits of going well, or to (N, L, items) logits of coming next."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embeddings = nn.Parameter(torch.randn(shape.items + 1, shape.width) * shape.width**-0.5)
        if shape.outcomes:
            self.outcomes = nn.Parameter(torch.randn(2, shape.width) * shape.width**-0.5)
            self.past = nn.Linear(shape.width, shape.width)
            self.head = nn.Linear(shape.width, 1)
        else:
            self.shares = nn.Parameter(torch.zeros(shape.items))  # how common each item is
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)

    def forward(self, items: Tensor, outcomes: Tensor | None = None, *, dropout: float = 0.0) -> Tensor:
        """`items`, `outcomes`: (N, L) int64. `dropout`: drawn from torch's chance; above zero only in training."""
        states = F.embedding(items, self.embeddings)
        if outcomes is not None:
            done = self.past(states + F.embedding(outcomes, self.outcomes))
            states = states + F.pad(done, (0, 0, 1, 0))[:, :-1]  # each step gets the one before
        states = F.dropout(states, dropout, training=dropout > 0)
        bias = _distances(items.shape[1], self.shape.heads)
        for layer in self.layers:
            states = layer(states, bias, dropout=dropout)
        states = self.norm(states)
        found: Tensor = (
            self.head(states).squeeze(2) if self.shape.outcomes else states @ self.embeddings[1:].T + self.shares
        )
        return found


def _distances(length: int, heads: int) -> Tensor:
    """(heads, L, L) to add to attention scores: of each head its own slope, from steep to all but flat."""
    steps = torch.arange(length)
    behind = (steps[:, None] - steps[None, :]).float()
    slopes = torch.tensor([2.0 ** (-8 * (head + 1) / heads) for head in range(heads)])
    return torch.where(behind < 0, HIDDEN, -behind * slopes[:, None, None])
