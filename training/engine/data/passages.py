"""Questions with contexts, in windows where a context is longer than what is read at once. Knows no model.

Every window has the whole question, and shares some of its context with the next, so that what one cuts in two the
other holds whole (Devlin et al. 2019, arXiv:1810.04805, as its code does for SQuAD).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from training.engine.data.tokens import NO_WORD, Tokens, flat, joined

QUESTION, SHARED = 4, 6  # parts of a window: a fourth for the question at most, a sixth that two windows share
CONTEXT = 1  # which text of the pair it is

ROWS_AT_ONCE = 1_000  # in a call of the tokenizer, whose own encodings take many times what is kept of them

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Windows(Tokens):
    """`rows`: (N,) of which row each window is. `begins`, `ends`: (T,) the characters of the context that a token
    covers. `words` marks what may be pointed at: the context's tokens, and a window's first token, which says that the
    answer is not in it. `truncated`: of questions that had to be cut; `overlap`: tokens of the context that two windows
    share."""

    overlap: int
    rows: Tensor
    begins: Tensor
    ends: Tensor

    def answers(self, rows: list[int]) -> int:
        """A window asks for one."""
        return len(rows)

    def pointed(self, window: int) -> Tensor:
        """(L,) where in T the window has what may be pointed at, its first token first."""
        assert self.words is not None  # noqa: S101 - `windows` made them
        start, end = self.offsets[window], self.offsets[window + 1]
        return start + torch.nonzero(self.words[start:end] != NO_WORD).view(-1)


@dataclass(frozen=True, kw_only=True)
class _Part:
    """A window: (L,) its tokens' ids, which text of the pair they are of, whether of the context; (L, 2) characters."""

    ids: Tensor
    types: Tensor
    within: Tensor
    spans: Tensor


def windows(
    tokenizer: PreTrainedTokenizerBase, questions: Sequence[str], contexts: Sequence[str], *, max_length: int
) -> Windows:
    overlap = max_length // SHARED
    asked, cut = _shortened(tokenizer, questions, most=max_length // QUESTION)
    parts, rows = list[_Part](), list[int]()
    for start in range(0, len(asked), ROWS_AT_ONCE):
        some = slice(start, start + ROWS_AT_ONCE)
        encoded = tokenizer(
            asked[some],
            list(contexts[some]),
            truncation="only_second",
            max_length=max_length,
            stride=overlap,
            return_overflowing_tokens=True,
        )
        parts += [_part(one) for one in encoded.encodings or ()]
        rows += [start + row for row in encoded["overflow_to_sample_mapping"]]
    plain = joined([one.ids for one in parts])
    within = flat([one.within for one in parts])
    asks = within.index_fill(0, torch.tensor(plain.offsets[:-1]), 1).bool()
    return Windows(
        ids=plain.ids,
        positions=plain.positions,
        offsets=plain.offsets,
        truncated=cut,
        types=flat([one.types for one in parts]) if "token_type_ids" in tokenizer.model_input_names else None,
        words=torch.where(asks, 0, NO_WORD),
        overlap=overlap,
        rows=torch.tensor(rows),
        begins=flat([one.spans[:, 0] for one in parts]) * within,
        ends=flat([one.spans[:, 1] for one in parts]) * within,
    )


def pointing(found: Windows, spans: Sequence[Sequence[tuple[int, int]]]) -> Tensor:
    """(T, 3) int64: a token's window, and whether an answer begins and ends with it. `spans`: of each row the
    characters of the context, from one to before the other, that answer it. A window without a whole answer points at
    its first token."""
    truth = torch.zeros(len(found.ids), 3, dtype=torch.int64)
    for window, row in enumerate(found.rows.tolist()):
        places = found.pointed(window)
        truth[found.offsets[window] : found.offsets[window + 1], 0] = window
        begins, ends = found.begins[places[1:]].numpy(), found.ends[places[1:]].numpy()
        for first, last in _tokens(begins, ends, spans[row]) or [(-1, -1)]:
            truth[places[1 + first], 1] = 1
            truth[places[1 + last], 2] = 1
    return truth


def longest(found: Windows, truth: Tensor) -> int:
    """Tokens of the longest answer, of answers that stand once in their window."""
    most = 1
    for window in range(len(found)):
        places = found.pointed(window)
        begun, ended = (torch.nonzero(truth[places, side]).view(-1) for side in (1, 2))
        if len(begun) == len(ended) == 1:
            most = max(most, int(ended - begun) + 1)
    return most


def best_spans(found: Windows, logits: Tensor, *, most: int, blank: bool) -> list[tuple[int, int]]:
    """Of each row the characters that answer it, of all its windows the best; (0, 0) for no answer. `logits`: (T, 2) of
    beginning and ending at a token; `most`: tokens of an answer; `blank`: whether there may be none, which then the
    first tokens say, as the least of a row's windows has it."""
    rows = int(found.rows.max()) + 1
    best, nothing = [(-np.inf, (0, 0))] * rows, [np.inf] * rows
    for window, row in enumerate(found.rows.tolist()):
        places = found.pointed(window)
        said = logits[places].numpy()
        nothing[row] = min(nothing[row], float(said[0].sum()))
        if len(places) > 1:
            value, first, last = _best(said[1:], most=most)
            span = int(found.begins[places[1 + first]]), int(found.ends[places[1 + last]])
            best[row] = max(best[row], (value, span), key=lambda one: one[0])
    return [(0, 0) if blank and none > value else span for (value, span), none in zip(best, nothing, strict=True)]


def _best(said: Floats, *, most: int) -> tuple[float, int, int]:
    """The span with the highest sum of beginning and ending. `said`: [L, 2]."""
    reach = min(most, len(said))
    ends = np.pad(said[:, 1], (0, reach - 1), constant_values=-np.inf)
    behind = np.lib.stride_tricks.sliding_window_view(ends, reach)  # [L, reach] of each token what may end it
    length = behind.argmax(1)
    sums = said[:, 0] + behind.max(1)
    first = int(sums.argmax())
    return float(sums[first]), first, first + int(length[first])


def _tokens(
    begins: NDArray[np.int64], ends: NDArray[np.int64], spans: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Of spans that stand whole in the window the first and the last token."""
    found = []
    for first, last in spans:
        over = np.flatnonzero((ends > first) & (begins < last)).tolist()
        # signs that are no token's may stand at an answer's ends, but not at the window's
        if over and (over[0] > 0 or begins[0] <= first) and (over[-1] < len(ends) - 1 or ends[-1] >= last):
            found.append((over[0], over[-1]))
    return found


def _shortened(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], *, most: int) -> tuple[list[str], int]:
    """Texts of at most so many tokens, and how many had to be cut."""
    encoded = tokenizer(list(texts), add_special_tokens=False, return_offsets_mapping=True).offset_mapping
    cut = [len(spans) > most for spans in encoded]
    kept = [
        text[: spans[most - 1][1]] if beyond else text for text, spans, beyond in zip(texts, encoded, cut, strict=True)
    ]
    return kept, sum(cut)


def _part(encoding: Any) -> _Part:
    """Of the `tokenizers` library's own."""
    numbers = torch.int64
    return _Part(
        ids=torch.tensor(encoding.ids, dtype=numbers),
        types=torch.tensor(encoding.type_ids, dtype=numbers),
        within=torch.tensor([which == CONTEXT for which in encoding.sequence_ids], dtype=numbers),
        spans=torch.tensor(encoding.offsets, dtype=numbers),
    )
