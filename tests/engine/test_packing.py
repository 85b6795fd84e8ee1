"""Texts laid into rows of slots: nothing lost, nothing twice, and no text sees another."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from training.engine.data.packing import MULTIPLE, WIDTH, Batch, pack, pad
from training.engine.data.tokens import Tokens, joined
from training.engine.model.packed import block_diagonal

Lay = Callable[[Tokens, list[int]], Batch]


@st.composite
def splits(draw: st.DrawFn) -> tuple[Tokens, list[int]]:
    """A split of texts, every token another number, and some of its texts in any order."""
    lengths = draw(st.lists(st.integers(1, 100), min_size=1, max_size=30))
    ends = torch.tensor(lengths).cumsum(0).tolist()
    tokens = joined([torch.arange(end - length, end) for length, end in zip(lengths, ends, strict=True)])
    rows = draw(st.permutations(range(len(lengths))))
    return tokens, rows[: draw(st.integers(1, len(lengths)))]


@pytest.mark.parametrize("lay", [pack, pad])
@given(split=splits())
@settings(deadline=None)
def test_every_token_of_every_text_has_one_slot_in_order(lay: Lay, split: tuple[Tokens, list[int]]) -> None:
    tokens, rows = split
    batch = lay(tokens, rows)
    source, owner = batch.source.view(batch.owner.shape), batch.owner
    for index, row in enumerate(rows):
        slots = owner == index
        expected = list(range(tokens.offsets[row], tokens.offsets[row + 1]))
        assert source[slots].tolist() == expected
        assert int(batch.starts[index]) == int(slots.view(-1).nonzero()[0])
        assert int(slots.any(1).sum()) == 1, "a text over two rows"
    assert int((owner >= 0).sum()) == sum(tokens.lengths[row] for row in rows)
    assert batch.texts.tolist() == rows


@given(split=splits())
@settings(deadline=None)
def test_rows_are_wide_enough_for_the_longest_and_no_wider_than_a_multiple(split: tuple[Tokens, list[int]]) -> None:
    tokens, rows = split
    longest = max(tokens.lengths[row] for row in rows)
    packed, padded = pack(tokens, rows).owner.shape[1], pad(tokens, rows).owner.shape[1]
    assert longest <= padded < longest + MULTIPLE
    assert max(longest, WIDTH) <= packed < max(longest, WIDTH) + MULTIPLE
    assert packed % MULTIPLE == padded % MULTIPLE == 0


@given(split=splits())
@settings(deadline=None)
def test_two_rows_that_would_fit_into_one_are_never_kept_apart(split: tuple[Tokens, list[int]]) -> None:
    owner = pack(*split).owner
    filled = sorted((owner >= 0).sum(1).tolist())
    assert len(filled) == 1 or filled[0] + filled[1] > owner.shape[1]


@given(split=splits())
@settings(deadline=None)
def test_a_slot_attends_to_the_slots_of_its_own_text_only(split: tuple[Tokens, list[int]]) -> None:
    owner = pack(*split).owner
    mask = block_diagonal(owner)
    for row, seen in zip(owner.tolist(), (mask[:, 0] == 0).tolist(), strict=True):
        assert seen == [[mine == other for other in row] for mine in row]
    assert mask.max() == 0
    assert mask.isfinite().all(), "a row of infinities only would be NaN after softmax"


def test_short_texts_need_far_fewer_slots_packed_than_padded() -> None:
    tokens = joined([torch.arange(length) for length in (64, *[8] * 63)])
    rows = list(range(64))
    assert pack(tokens, rows).source.numel() == 64 * 9
    assert pad(tokens, rows).source.numel() == 64 * 64


def test_long_texts_are_laid_first_so_that_short_ones_fill_their_rows() -> None:
    tokens = joined([torch.arange(length) for length in (*[24] * 8, *[40] * 8)])
    assert pack(tokens, list(range(16))).owner.shape == (8, 64)
