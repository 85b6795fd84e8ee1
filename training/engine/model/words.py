"""Trains only the embedding rows that occur. Exact: a row without gradients stays as it is under AdamW without decay.

A base's vocabulary holds half of its parameters; a data set uses a tenth of it. Fewer rows mean less to zero, clip
and step.
"""

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from training.engine.data.tokens import Tokens
from training.engine.model.packed import encoder_of


@dataclass(frozen=True, kw_only=True)
class Words:
    """`whole`: the base's embedding; `used`: (U,) the ids that occur, ascending."""

    whole: nn.Embedding
    used: Tensor

    def renamed(self, tokens: Tokens) -> Tokens:
        """The same texts, ids counted among `used`."""
        return replace(tokens, ids=torch.searchsorted(self.used, tokens.ids))

    def restore(self, model: Any) -> None:
        """The whole embedding back in its place, with the trained rows in it."""
        with torch.no_grad():
            self.whole.weight[self.used] = encoder_of(model).embeddings.word_embeddings.weight
        encoder_of(model).embeddings.word_embeddings = self.whole


def occurring(model: Any, splits: list[Tokens]) -> Words:
    """Replaces the model's embedding by the rows that occur in any split, until `restore`."""
    whole = encoder_of(model).embeddings.word_embeddings
    used = torch.unique(torch.cat([split.ids for split in splits]))
    rows = nn.Embedding(len(used), whole.embedding_dim)
    rows.weight = nn.Parameter(whole.weight.detach()[used])
    encoder_of(model).embeddings.word_embeddings = rows
    return Words(whole=whole, used=used)
