"""Words hidden in texts, to be foretold from those around them (BERT, Devlin et al. 2019, arXiv:1810.04805).

A word is hidden with all of its tokens (whole word masking, as BERT's authors do since 2019): the rest of a word tells
the missing piece too easily, and what is hidden does not depend on how a tokenizer cuts words up.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from training.engine.data.pieces import Pieces
from training.engine.data.tokens import NO_WORD, Tokens

SHARE = 0.15  # of the words
MASKED, SWAPPED = 0.8, 0.1  # of hidden words: under the mask token, under any other; the rest stands there as it is
JUDGED = 0  # the seed of what is hidden where a model is judged: always the same


@dataclass(frozen=True, kw_only=True)
class Covers:
    """What hidden tokens are replaced by. `mask`: one id; `others`: (O,) ids of all tokens that are no special ones."""

    mask: int
    others: Tensor


def covers(tokenizer: PreTrainedTokenizerBase) -> Covers:
    ids = torch.arange(len(tokenizer))
    return Covers(
        mask=int(tokenizer.mask_token_id), others=ids[~torch.isin(ids, torch.tensor(tokenizer.all_special_ids))]
    )


def known(pieces: Pieces, tokenizer: PreTrainedTokenizerBase) -> Tensor:
    """(W,) words that the tokenizer can spell; to foretell the others says nothing."""
    found = torch.ones(len(pieces.owners), dtype=torch.bool)
    unknown = torch.isin(pieces.tokens.ids, torch.tensor(tokenizer.all_special_ids)) & (pieces.words != NO_WORD)
    found[pieces.words[unknown]] = False
    return found


def varied(pieces: Pieces, candidates: Tensor, covers: Covers, *, seed: int, epoch: int) -> Tokens:
    """As an epoch is to show them: a pure function of (seed, epoch). `candidates`: (W,), see `known`.

    Tokens to be foretold are those that `Tokens.words` gives a word."""
    chance = np.random.default_rng((seed, epoch))
    hidden = candidates & torch.from_numpy(chance.random(len(candidates)) < SHARE)
    fate = torch.from_numpy(chance.random(len(candidates)))
    asked, ids = _of(pieces, hidden), pieces.tokens.ids.clone()
    fates = fate[pieces.words.clamp(min=0)]
    ids[asked & (fates < MASKED)] = covers.mask
    swapped = asked & (fates >= MASKED) & (fates < MASKED + SWAPPED)
    drawn = torch.from_numpy(chance.integers(0, len(covers.others), int(swapped.sum())))
    ids[swapped] = covers.others[drawn]
    return _asking(pieces, ids, asked)


def hidden_in_judging(pieces: Pieces, candidates: Tensor) -> Tensor:
    """(W,) `SHARE` of each text's words, one at least where there is one."""
    owners = pieces.owners
    counts = torch.bincount(owners[candidates], minlength=int(owners.max()) + 1 if len(owners) else 0)
    rank = torch.from_numpy(np.random.default_rng(JUDGED).random(len(owners)))
    order = torch.from_numpy(np.lexsort((rank.numpy(), ~candidates.numpy(), owners.numpy())))
    first = torch.cumsum(torch.bincount(owners), 0) - torch.bincount(owners)
    place = torch.empty_like(order)
    place[order] = torch.arange(len(order))
    most = torch.ceil(SHARE * counts.double()).long()
    return candidates & (place - first[owners] < most[owners])


def covered(pieces: Pieces, hidden: Tensor, covers: Covers) -> Tokens:
    """As a model is judged: every hidden word is under the mask token."""
    asked = _of(pieces, hidden)
    return _asking(pieces, pieces.tokens.ids.masked_fill(asked, covers.mask), asked)


def _of(pieces: Pieces, words: Tensor) -> Tensor:
    """(T,) which tokens belong to one of the words."""
    return (pieces.words != NO_WORD) & words[pieces.words.clamp(min=0)]


def _asking(pieces: Pieces, ids: Tensor, asked: Tensor) -> Tokens:
    return replace(pieces.tokens, ids=ids, words=pieces.words.masked_fill(~asked, NO_WORD))
