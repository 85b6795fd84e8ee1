"""Texts laid end to end, for models that go on with a text: every token is foretold from those before it."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from training.engine.data.pairs import Pairs, ids
from training.engine.data.tokens import AT_ONCE, Tokens, joined


@dataclass(frozen=True, kw_only=True)
class Stream:
    """`tokens`: those of texts, each with the token that ends it, longer ones in several pieces; `texts`: [pieces]
    which text each is of; `opening`: the token that stands before what begins."""

    tokens: Tokens
    texts: list[int]
    opening: int

    def __len__(self) -> int:
        return len(self.tokens)


def read(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], *, opening: int, length: int) -> Stream:
    """`length`: tokens of the longest piece, its opening not counted."""
    end, found, of = int(tokenizer.eos_token_id), list[Tensor](), list[int]()
    for start in range(0, len(texts), AT_ONCE):
        part = tokenizer(list(texts[start : start + AT_ONCE]), add_special_tokens=False).input_ids
        for text, encoded in enumerate(part, start):
            pieces = torch.split(torch.tensor([*encoded, end], dtype=torch.int64), length)
            found += pieces
            of += [text] * len(pieces)
    return Stream(tokens=joined(found), texts=of, opening=opening)


def blocks(stream: Stream, rows: list[int], *, length: int) -> Pairs:
    """The pieces one behind the other, cut to blocks of `length` tokens, whatever text they are of (GPT, Radford and
    others 2018): no place is left empty but at the end of the last."""
    whole = torch.cat([ids(stream.tokens, row) for row in rows])
    return _opened(joined(list(torch.split(whole, length))), stream.opening)


def apart(stream: Stream) -> Pairs:
    """Each piece by itself."""
    return _opened(stream.tokens, stream.opening)


def _opened(tokens: Tokens, opening: int) -> Pairs:
    return Pairs(asked=joined([torch.tensor([opening])] * len(tokens)), written=tokens)
