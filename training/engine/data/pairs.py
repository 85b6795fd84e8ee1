"""Texts that are asked and texts that are to be written, as token ids. Knows no model."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from training.engine.data.tokens import Tokens, joined, tokenise

SHARE = 0.99  # of the training answers that are no longer than what may be written
PLACE = "{text}"  # where a layout has the asked text


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Text i of `written` answers text i of `asked` and ends with the end-of-text token."""

    asked: Tokens
    written: Tokens

    def __len__(self) -> int:
        return len(self.asked)

    @property
    def lengths(self) -> list[int]:
        """Tokens of both."""
        return [one + other for one, other in zip(self.asked.lengths, self.written.lengths, strict=True)]


def read(
    tokenizer: PreTrainedTokenizerBase,
    texts: dict[str, tuple[list[str], list[str]]],
    *,
    reads: bool,
    max_length: int,
) -> tuple[dict[str, Pairs], int]:
    """The splits, of texts and their answers, and how many tokens an answer may have. `reads`: whether an encoder reads
    what is asked; else it stands before the answer and shares `max_length` with it, which has at most half of that."""
    if reads:
        written = {name: _rewritten(tokenizer, one, max_length=max_length) for name, (_, one) in texts.items()}
        asked = {name: tokenise(tokenizer, one, max_length=max_length) for name, (one, _) in texts.items()}
        most = _longest(written["train"].lengths)
    else:
        written = {name: _continued(tokenizer, one, max_length=max_length // 2) for name, (_, one) in texts.items()}
        most = _longest(written["train"].lengths)
        rooms = {name: [max_length - max(most, length) for length in one.lengths] for name, one in written.items()}
        asked = {name: _prompts(tokenizer, one, rooms=rooms[name]) for name, (one, _) in texts.items()}
    return {name: Pairs(asked=asked[name], written=written[name]) for name in texts}, most


def ids(tokens: Tokens, row: int) -> Tensor:
    """(its length,)"""
    return tokens.ids[tokens.offsets[row] : tokens.offsets[row + 1]]


def template_of(layout: str, *, opening: str) -> str:
    """A chat template (Jinja) that lays out a user's message as `layout` does. `opening`: the token texts begin with,
    or nothing."""
    before, after = (opening + layout).split(PLACE)
    return (
        "{% for message in messages %}{% if message['role'] == 'user' %}"
        f"{{{{ {before!r} + message['content'] + {after!r} }}}}"
        "{% else %}{{ message['content'] + eos_token }}{% endif %}{% endfor %}"
    )


def _rewritten(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], *, max_length: int) -> Tokens:
    """What an encoder-decoder is to write: with the special tokens that its tokenizer puts around targets."""
    encoded = tokenizer(text_target=list(texts)).input_ids
    return _ended([list(one) for one in encoded], int(tokenizer.eos_token_id), most=max_length)


def _continued(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], *, max_length: int) -> Tokens:
    """What follows a prompt."""
    encoded = tokenizer(list(texts), add_special_tokens=False).input_ids
    return _ended([list(one) for one in encoded], int(tokenizer.eos_token_id), most=max_length)


def _prompts(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], *, rooms: Sequence[int]) -> Tokens:
    """As the tokenizer's chat template lays out a user's message, up to where the answer begins. Of a text that is
    longer than its room, in tokens, the end is cut, never what the template puts behind it."""
    encoded = tokenizer([_laid_out(tokenizer, text) for text in texts], add_special_tokens=False).input_ids
    found, cut = list[Tensor](), 0
    for text, given, room in zip(texts, encoded, rooms, strict=True):
        fitting = given if len(given) <= room else _shortened(tokenizer, text, given, room=room)
        cut += len(fitting) < len(given)
        found.append(torch.tensor(fitting, dtype=torch.int64))
    return joined(found, truncated=cut)


def _laid_out(tokenizer: PreTrainedTokenizerBase, text: str) -> str:
    said = [{"role": "user", "content": text}]
    return str(tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=True))


def _shortened(tokenizer: PreTrainedTokenizerBase, text: str, given: list[int], *, room: int) -> list[int]:
    """Where even the bare template is longer than the room, its end."""
    starts = [
        start for start, _ in tokenizer(text, add_special_tokens=False, return_offsets_mapping=True).offset_mapping
    ]
    kept = len(starts)
    while kept and len(given) > room:
        kept = max(0, kept - (len(given) - room))
        text = text[: starts[kept]]
        given = tokenizer(_laid_out(tokenizer, text), add_special_tokens=False).input_ids
    return given[-room:]


def _longest(lengths: list[int]) -> int:
    """Of all training answers but the longest few."""
    return sorted(lengths)[ceil(SHARE * len(lengths)) - 1]


def _ended(encoded: list[list[int]], end: int, *, most: int) -> Tokens:
    """Of longer texts what is beyond is cut, and the end-of-text token with it: they did not end there."""
    whole = [one if one and one[-1] == end else [*one, end] for one in encoded]
    cut = sum(len(one) > most for one in whole)
    return joined([torch.tensor(one[:most], dtype=torch.int64) for one in whole], truncated=cut)
