"""The two ways to write: a language model goes on with the prompt; an encoder reads it and a decoder writes.

Both tell what the right texts cost and write texts of their own. Batches are padded.
"""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody reads
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from training.engine.data.pairs import Pairs, ids


@dataclass(frozen=True, kw_only=True)
class Writing:
    """`filler`: the id that shorter texts are filled up with."""

    model: Any
    filler: int

    def costs(self, pairs: Pairs, rows: list[int]) -> Tensor:
        """(N,) nats of each row's right text, summed over its tokens; what is asked costs nothing."""
        logits, right, owners = self._foretold(pairs, rows)
        costs = F.cross_entropy(logits, right, reduction="none")
        return torch.zeros(len(rows)).index_add(0, owners, costs)

    def costs_and_hits(self, pairs: Pairs, rows: list[int]) -> Tensor:
        """(2, N): `costs`, and how many of the right tokens were the likeliest."""
        logits, right, owners = self._foretold(pairs, rows)
        found = torch.stack([F.cross_entropy(logits, right, reduction="none"), (logits.argmax(1) == right).float()])
        return torch.zeros(2, len(rows)).index_add(1, owners, found)

    def _foretold(self, pairs: Pairs, rows: list[int]) -> tuple[Tensor, Tensor, Tensor]:
        """(S, vocabulary) logits at every token of the right texts, (S,) these, and (S,) which of the rows each is
        of."""
        asked, right = [ids(pairs.asked, row) for row in rows], [ids(pairs.written, row) for row in rows]
        if self.model.config.is_encoder_decoder:
            start = torch.tensor([self.model.config.decoder_start_token_id])
            logits = self.model(
                **self._batch(asked, side="right"),
                decoder_input_ids=self._padded([torch.cat([start, one[:-1]]) for one in right], side="right"),
                use_cache=False,
            ).logits
            first = [0] * len(rows)
        else:
            whole = [torch.cat(pair) for pair in zip(asked, right, strict=True)]
            logits = self.model(**self._batch(whole, side="right"), use_cache=False).logits
            first = [len(one) - 1 for one in asked]  # the last token of the prompt foresees the first one written
        spots = torch.cat(
            [
                at * logits.shape[1] + place + torch.arange(len(one))
                for at, (place, one) in enumerate(zip(first, right, strict=True))
            ]
        )
        owners = torch.repeat_interleave(torch.arange(len(rows)), torch.tensor([len(one) for one in right]))
        return logits.flatten(0, 1).index_select(0, spots).float(), torch.cat(right), owners

    def write(self, pairs: Pairs, rows: list[int]) -> list[list[int]]:
        """Token ids of an answer to each row, as the model's own `generation_config` says."""
        asked = [ids(pairs.asked, row) for row in rows]
        reads = self.model.config.is_encoder_decoder
        batch = self._batch(asked, side="right" if reads else "left")
        with torch.inference_mode():
            found: Tensor = self.model.generate(**batch)
        return found[:, 1 if reads else batch["input_ids"].shape[1] :].tolist()

    def _batch(self, texts: list[Tensor], *, side: str) -> dict[str, Tensor]:
        mask = [torch.ones(len(one), dtype=torch.int64) for one in texts]
        return {
            "input_ids": self._padded(texts, side=side),
            "attention_mask": pad_sequence(mask, batch_first=True, padding_side=side),
        }

    def _padded(self, texts: list[Tensor], *, side: str) -> Tensor:
        return pad_sequence(texts, batch_first=True, padding_value=self.filler, padding_side=side)
