"""What a model costs to run: milliseconds of one text, texts a second in batches."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from training.engine.data.order import by_length
from training.engine.data.tokens import Tokens
from training.engine.model.packed import Packed
from training.engine.model.padded import Padded

WARMUP, ALONE, TOGETHER, BATCH = 5, 100, 512, 32  # texts; of a test split that has fewer, those again
TURNS = 3  # of which the fastest counts: others may use the same cores


@dataclass(frozen=True, kw_only=True)
class Cost:
    """`p50_ms`, `p99_ms`: of one text alone; `per_s`: texts a second in batches of `BATCH`."""

    p50_ms: float
    p99_ms: float
    per_s: float


def cost(network: Packed | Padded, tokens: Tokens) -> Cost:
    """On the texts of the test split."""
    rows = list(range(len(tokens)))
    alone = [[rows[index % len(rows)]] for index in range(WARMUP + ALONE)]
    taken = [_timed(network, tokens, [one]) for one in alone][WARMUP:]
    some = rows[:TOGETHER]
    lengths = tokens.lengths
    batches = [[some[at] for at in batch] for batch in by_length([lengths[row] for row in some], batch_size=BATCH)]
    best = min(_timed(network, tokens, batches) for _ in range(TURNS))
    return Cost(
        p50_ms=1000 * float(np.quantile(taken, 0.5)), p99_ms=1000 * float(np.quantile(taken, 0.99)),
        per_s=len(some) / best,
    )  # fmt: skip


def _timed(network: Packed | Padded, tokens: Tokens, batches: list[list[int]]) -> float:
    run: Callable[..., object] = network.logits
    with torch.inference_mode():
        began = time.perf_counter()
        for rows in batches:
            run(tokens, network.batch(tokens, rows))
        return time.perf_counter() - began
