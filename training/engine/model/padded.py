"""Any encoder that transformers has a head for, through its own forward, one text a row. Slower than `packed`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from training.engine.data.packing import Batch, pad, word_slots
from training.engine.data.tokens import Tokens


@dataclass(frozen=True, kw_only=True)
class Padded:
    model: Callable[..., Any]  # a transformers model, or `compress.exported.Exported`
    filler: int  # the tokenizer's padding id

    def batch(self, tokens: Tokens, rows: list[int]) -> Batch:
        return pad(tokens, rows)

    def asked(self, tokens: Tokens, batch: Batch) -> Tensor:
        """Which answers `logits` gives, in its order: (N,) texts, or (S,) words by their first token's index in T."""
        return batch.texts if tokens.words is None else batch.source.index_select(0, word_slots(tokens, batch))

    def means(self, tokens: Tokens, batch: Batch, lower: Tensor | None = None) -> Tensor:
        """(N, width): the mean of the last layer's states over each text's tokens."""
        present = (batch.owner >= 0).float()[:, :, None]
        states: Tensor = self._run(tokens, batch).last_hidden_state
        return (states.float() * present).sum(1) / present.sum(1)

    def logits(self, tokens: Tokens, batch: Batch, lower: Tensor | None = None) -> Tensor:
        """(N, classes), or (S, classes) of words. `lower` is `Packed`'s and always None here."""
        result = logits_of(self._run(tokens, batch))
        return result if tokens.words is None else result.flatten(0, 1).index_select(0, word_slots(tokens, batch))

    def studied(self, tokens: Tokens, batch: Batch) -> tuple[Tensor, Tensor]:
        """`logits`; and (layers, N or S, width), the states of each text's first token or each word's, after each
        layer."""
        found = self._run(tokens, batch, output_hidden_states=True)
        places = batch.starts if tokens.words is None else word_slots(tokens, batch)
        states = torch.stack([one.flatten(0, 1).index_select(0, places) for one in found.hidden_states[1:]])
        logits = logits_of(found)
        return (logits if tokens.words is None else logits.flatten(0, 1).index_select(0, places)), states

    def inputs(self, tokens: Tokens, batch: Batch) -> dict[str, Tensor]:
        """What the model is called with, (N, length) int64 each."""
        present = batch.owner >= 0
        ids = tokens.ids.index_select(0, batch.source).view(present.shape).masked_fill(~present, self.filler)
        pair = {}
        if tokens.types is not None:
            types = tokens.types.index_select(0, batch.source).view(present.shape)
            pair["token_type_ids"] = types.masked_fill(~present, 0)
        return {"input_ids": ids, "attention_mask": present.long(), **pair}

    def _run(self, tokens: Tokens, batch: Batch, **more: bool) -> Any:
        """The model's own output."""
        return self.model(**self.inputs(tokens, batch), **more)


def logits_of(answer: Any) -> Tensor:
    """(N, classes), (N, L, classes), or (N, L, 2) where it says which tokens begin and end an answer."""
    if hasattr(answer, "start_logits"):
        return torch.stack([answer.start_logits, answer.end_logits], dim=-1)
    logits: Tensor = answer.logits
    return logits
