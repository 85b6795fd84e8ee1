"""A transformer over the cells of a row: FT-Transformer (Gorishniy et al. 2021, arXiv:2106.11959), small.

Every cell becomes a vector. Numbers go through a piecewise-linear code whose bins are quantiles of the training rows
(Gorishniy, Rubachev & Babenko 2022, arXiv:2203.05556): no scale or outlier can upset it, and the bounds travel in the
model, so that it is asked with numbers as the customer has them.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody reads
from torch import Tensor, nn

from contracts.columns import MISSING, OTHER

BINS = 32  # of a number, at most
ROUNDING = 1e-9  # of the usual distance between values: what lies nearer is the same
WIDTH, LAYERS, HEADS = 64, 2, 4
WIDER = 3 / 2  # inside a layer's second half


@dataclass(frozen=True, kw_only=True)
class Shape:
    """config.json. `numbers`, `outputs`: how many; `bins`: of each number; `categories`: of each its codes."""

    numbers: int
    bins: int
    categories: tuple[int, ...]
    outputs: int
    width: int = WIDTH
    layers: int = LAYERS
    heads: int = HEADS
    model_type: str = "ft-transformer"


class Cells(nn.Module):
    """A vector a cell, and one in front that will hold the answer.

    `low`, `span`: (numbers, bins) float64, where a bin begins and how wide it is; a number with fewer bins has some
    that begin nowhere.
    """

    low: Tensor
    span: Tensor
    first: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        sizes = torch.tensor([0, *shape.categories])
        self.register_buffer("low", torch.full((shape.numbers, shape.bins), torch.inf, dtype=torch.float64))
        self.register_buffer("span", torch.ones(shape.numbers, shape.bins, dtype=torch.float64))
        self.register_buffer("first", sizes.cumsum(0)[:-1])  # the row of each category's first code
        self.slopes = _uniform(shape.numbers, shape.bins, shape.width)
        self.missing = nn.Parameter(torch.zeros(shape.numbers, shape.width))
        self.values = _uniform(int(sizes.sum()), shape.width)
        self.names = _uniform(shape.numbers + len(shape.categories), shape.width)
        self.answer = _uniform(shape.width)
        with torch.no_grad():  # what training may never see is at first like a cell that was dropped
            self.values[[int(row) + code for row in self.first for code in (MISSING, OTHER)]] = 0

    def forward(self, numbers: Tensor | None, codes: Tensor | None, *, dropout: float) -> Tensor:
        """(N, 1 + cells, width)."""
        parts = []
        if numbers is not None:
            empty = torch.isnan(numbers)
            filled = torch.where(empty, 0.0, numbers)
            code = ((filled[:, :, None] - self.low) / self.span).clamp(0, 1).float()
            parts.append(torch.where(empty[:, :, None], self.missing, torch.einsum("nct,ctd->ncd", code, self.slopes)))
        if codes is not None:
            parts.append(F.embedding(codes + self.first, self.values))
        values = torch.cat(parts, dim=1)
        if dropout:  # of whole cells: no answer may hang on one alone
            values = values * F.dropout(torch.ones(values.shape[:2]), dropout)[:, :, None]
        cells = values + self.names
        return torch.cat([self.answer.expand(cells.shape[0], 1, -1), cells], dim=1)


class Layer(nn.Module):
    """Attention between the cells, then a gated layer (ReGLU, Shazeer 2020), each after a norm."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width, inside = shape.width, int(WIDER * shape.width)
        self.heads = shape.heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key, self.value, self.mixed = (nn.Linear(width, width) for _ in range(4))
        self.widened, self.narrowed = nn.Linear(width, 2 * inside), nn.Linear(inside, width)

    def forward(self, cells: Tensor, *, only_answer: bool, dropout: float) -> Tensor:
        """(N, S, width) to the same, or to (N, 1, width): of the last layer nobody asks for more."""
        normed = self.before(cells)
        asked, kept = (normed[:, :1], cells[:, :1]) if only_answer else (normed, cells)
        query, key, value = (
            part(states).unflatten(2, (self.heads, -1)).transpose(1, 2)  # (N, heads, S, width / heads)
            for part, states in ((self.query, asked), (self.key, normed), (self.value, normed))
        )
        seen = F.scaled_dot_product_attention(query, key, value)
        kept = kept + self.mixed(seen.transpose(1, 2).flatten(2))
        wide, gate = self.widened(self.between(kept)).chunk(2, dim=-1)
        found: Tensor = kept + self.narrowed(F.dropout(wide * gate.relu(), dropout, training=dropout > 0))
        return found


class Tabular(nn.Module):
    """Rows to (N, outputs)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embeddings = Cells(shape)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)
        self.head = nn.Linear(shape.width, shape.outputs)

    def forward(self, numbers: Tensor | None = None, codes: Tensor | None = None, *, dropout: float = 0.0) -> Tensor:
        """`numbers`: (N, numbers) float64, NaN where empty; `codes`: (N, categories) int64; what a table has none of
        is left out. `dropout`: of cells and layers, drawn from torch's chance; above zero only in training."""
        states = self.embeddings(numbers, codes, dropout=dropout)
        for at, layer in enumerate(self.layers, start=1):
            states = layer(states, only_answer=at == len(self.layers), dropout=dropout)
        found: Tensor = self.head(self.norm(states[:, 0]).relu())
        return found


def made(numbers: Tensor, categories: tuple[int, ...], *, outputs: int) -> Tabular:
    """Random weights; the bins are quantiles of `numbers`, (training rows, numbers)."""
    edges = [_edges(column) for column in numbers.T]
    bins = max((len(one) - 1 for one in edges), default=0)
    model = Tabular(Shape(numbers=len(edges), bins=bins, categories=categories, outputs=outputs))
    for at, one in enumerate(edges):
        model.embeddings.low[at, : len(one) - 1] = one[:-1]
        model.embeddings.span[at, : len(one) - 1] = one.diff()
    return model


def _edges(column: Tensor) -> Tensor:
    """The bins' bounds, ascending; of a number with one value only, which is told from none, just one bin. Values that
    differ by rounding only, as sines of other angles do, are one bound: no bin may be as thin as chance."""
    known = column[~column.isnan()]
    quantiles = known.quantile(torch.linspace(0, 1, BINS + 1, dtype=torch.float64))
    usual = quantiles[3 * BINS // 4] - quantiles[BINS // 4]
    least = ROUNDING * (usual if usual > 0 else quantiles[-1] - quantiles[0])
    edges = [quantiles[0]]
    for one in quantiles[1:]:
        if one - edges[-1] > least:
            edges.append(one)
    return torch.stack(edges if len(edges) > 1 else [edges[0], edges[0] + 1])


def _uniform(*shape: int) -> nn.Parameter:
    bound = shape[-1] ** -0.5
    return nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
