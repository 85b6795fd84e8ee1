"""Any encoder that transformers classifies with, through its own forward, one text a row. Slower than `packed`."""

from dataclasses import dataclass

from torch import Tensor
from transformers import PreTrainedModel

from training.engine.data.packing import Batch, pad
from training.engine.data.tokens import Tokens


@dataclass(frozen=True, kw_only=True)
class Padded:
    model: PreTrainedModel
    filler: int  # the tokenizer's padding id

    def batch(self, tokens: Tokens, rows: list[int]) -> Batch:
        return pad(tokens, rows)

    def logits(self, tokens: Tokens, batch: Batch, lower: Tensor | None = None) -> Tensor:
        """(N, classes). `lower` is `Packed`'s and always None here."""
        present = batch.owner >= 0
        ids = tokens.ids.index_select(0, batch.source).view(present.shape).masked_fill(~present, self.filler)
        result: Tensor = self.model(input_ids=ids, attention_mask=present.long()).logits
        return result
