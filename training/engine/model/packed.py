"""BERT over packed rows: reads the modules of a stock `BertModel`, bare or below a head, and changes none of them.

The model stays what transformers loads and saves; only the way through it differs, and a test holds the two ways equal.
Three savings: packed rows (no padding), the last layer computed for those tokens only that the head reads, and lower
layers that are not trained computed once and kept.
Dropout is left out: with few epochs it costs time and no accuracy was gained by it.
"""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody reads
from torch import Tensor

from training.engine.data.packing import Batch, pack, word_slots
from training.engine.data.tokens import Tokens

MASKED = -1e9  # added to a score: exp() of it is 0 in float32 and bfloat16, and a row of only these stays finite


@dataclass(frozen=True, kw_only=True)
class Packed:
    """`first`: the lowest trained layer; the layers below it may come from `lower.kept`."""

    model: Any  # the stock model, or peft's wrapper around it: same attributes, which mypy cannot see
    heads: int
    first: int = 0

    def batch(self, tokens: Tokens, rows: list[int]) -> Batch:
        return pack(tokens, rows)

    def asked(self, tokens: Tokens, batch: Batch) -> Tensor:
        """Which answers `logits` gives, in its order: (N,) texts, or (S,) words by their first token's index in T."""
        return batch.texts if tokens.words is None else batch.source.index_select(0, word_slots(tokens, batch))

    def means(self, tokens: Tokens, batch: Batch, lower: Tensor | None = None) -> Tensor:
        """(N, width): the mean of the last layer's states over each text's tokens."""
        hidden, mask = self._upper(tokens, batch, lower)
        owner, hidden = batch.owner.view(-1), self._layer(self._bert.encoder.layer[-1], hidden, mask)
        real = owner >= 0
        sums = torch.zeros(len(batch.texts), hidden.shape[1]).index_add(0, owner[real], hidden[real].float())
        return sums / torch.bincount(owner[real], minlength=len(batch.texts))[:, None]

    def logits(self, tokens: Tokens, batch: Batch, lower: Tensor | None = None) -> Tensor:
        """(N, classes), or (S, classes) of words; of a model that foretells hidden words, (S, vocabulary)."""
        return answered(self.model, self.features(tokens, batch, lower), words=tokens.words is not None)

    def studied(self, tokens: Tokens, batch: Batch) -> tuple[Tensor, Tensor]:
        """`logits`; and (layers, N or S, width), the states that lead to them, after each layer."""
        mask = block_diagonal(batch.owner)
        hidden, seen = self.below(tokens, batch, mask), list[Tensor]()
        places = batch.starts if tokens.words is None else word_slots(tokens, batch)
        for layer in self._bert.encoder.layer[self.first :]:
            hidden = self._layer(layer, hidden, mask)
            seen.append(hidden.index_select(0, places))
        return answered(self.model, seen[-1], words=tokens.words is not None), torch.stack(seen)

    def features(self, tokens: Tokens, batch: Batch, lower: Tensor | None = None) -> Tensor:
        """(N, width): the last layer's state of each text's first token; or (S, width), of each word's.

        `lower`: (T, width), see `lower.kept`."""
        hidden, mask = self._upper(tokens, batch, lower)
        last = self._bert.encoder.layer[-1]
        if tokens.words is None:
            return self._last(last, hidden, mask, batch)
        return self._layer(last, hidden, mask).index_select(0, word_slots(tokens, batch))

    def below(self, tokens: Tokens, batch: Batch, mask: Tensor) -> Tensor:
        """(P * R, width): the states that enter layer `first`."""
        parts = self._bert.embeddings
        words = parts.word_embeddings(tokens.ids.index_select(0, batch.source))
        places = parts.position_embeddings(tokens.positions.index_select(0, batch.source))
        which = parts.token_type_embeddings.weight
        types = which[0] if tokens.types is None else which.index_select(0, tokens.types.index_select(0, batch.source))
        hidden: Tensor = parts.LayerNorm(words + places + types)
        for layer in self._bert.encoder.layer[: self.first]:
            hidden = self._layer(layer, hidden, mask)
        return hidden

    def _upper(self, tokens: Tokens, batch: Batch, lower: Tensor | None) -> tuple[Tensor, Tensor]:
        """(P * R, width): the states that enter the last layer; and the mask."""
        mask = block_diagonal(batch.owner)
        hidden = self.below(tokens, batch, mask) if lower is None else lower.index_select(0, batch.source).float()
        for layer in self._bert.encoder.layer[self.first : -1]:
            hidden = self._layer(layer, hidden, mask)
        return hidden, mask

    @property
    def _bert(self) -> Any:
        return encoder_of(self.model)

    def _layer(self, layer: Any, hidden: Tensor, mask: Tensor) -> Tensor:
        """(P * R, width) -> (P * R, width)."""
        attended = self._attend(layer.attention.self, hidden, hidden, mask)
        return _feed_forward(layer, attended, hidden)

    def _last(self, layer: Any, hidden: Tensor, mask: Tensor, batch: Batch) -> Tensor:
        """(P * R, width) -> (N, width): keys and values of every slot, queries of first tokens only."""
        slots, back = _grouped(batch)
        asking = hidden.index_select(0, slots)  # (P * C, width)
        rows, width = batch.owner.shape
        seen = mask.reshape(rows * width, width).index_select(0, slots).view(rows, 1, -1, width)
        attended = self._attend(layer.attention.self, asking, hidden, seen)
        return _feed_forward(layer, attended.index_select(0, back), asking.index_select(0, back))

    def _attend(self, attention: Any, asking: Tensor, hidden: Tensor, mask: Tensor) -> Tensor:
        """`asking`: (P * C, width), `hidden`: (P * R, width), `mask`: (P, 1, C, R) -> (P * C, width)."""
        rows = mask.shape[0]
        query, key, value = (
            project(states).view(rows, -1, self.heads, states.shape[1] // self.heads).transpose(1, 2)
            for project, states in ((attention.query, asking), (attention.key, hidden), (attention.value, hidden))
        )
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask.to(query.dtype))
        return mixed.transpose(1, 2).reshape(asking.shape)


def _head_of(model: Any) -> Any:
    """Of classes; of hidden words; or of the first and the last token of an answer."""
    return next(getattr(model, name) for name in ("classifier", "cls", "qa_outputs") if hasattr(model, name))


def encoder_of(model: Any) -> Any:
    """The stock `BertModel` itself."""
    return getattr(model, "bert", model)


def answered(model: Any, states: Tensor, *, words: bool) -> Tensor:
    """What the head makes of the states that it reads, of texts or of words."""
    result: Tensor = _head_of(model)(states if words else torch.tanh(encoder_of(model).pooler.dense(states)))
    return result


def _feed_forward(layer: Any, attended: Tensor, hidden: Tensor) -> Tensor:
    joined = layer.attention.output
    hidden = joined.LayerNorm(joined.dense(attended) + hidden)
    wide = layer.intermediate.intermediate_act_fn(layer.intermediate.dense(hidden))
    result: Tensor = layer.output.LayerNorm(layer.output.dense(wide) + hidden)
    return result


def block_diagonal(owner: Tensor) -> Tensor:
    """(P, R) -> (P, 1, R, R) to add to attention scores: 0 within a text, `MASKED` across."""
    apart = owner[:, :, None] != owner[:, None, :]
    return torch.zeros(apart.shape).masked_fill_(apart, MASKED).unsqueeze(1)


def _grouped(batch: Batch) -> tuple[Tensor, Tensor]:
    """Each row's first-token slots, as many a row as the fullest has: (P * C,) slots, filled up with the row's slot 0;
    and (N,) where each text went among them."""
    rows, width = batch.owner.shape
    row = batch.starts // width
    order = torch.argsort(batch.starts)
    counts = torch.bincount(row, minlength=rows)
    rank = torch.empty_like(row)
    rank[order] = torch.arange(len(row)) - (counts.cumsum(0) - counts).index_select(0, row[order])
    back = row * int(counts.max()) + rank
    slots = (torch.arange(rows) * width).repeat_interleave(int(counts.max()))
    slots[back] = batch.starts
    return slots, back
