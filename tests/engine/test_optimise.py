"""The learning rate as a function of the step, and which weights decay."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from training.engine.optimise import optimizer_for, rate_at


def rates(steps: int, warmup: float) -> list[float]:
    return [rate_at(step, steps=steps, peak=1.0, warmup=warmup) for step in range(steps)]


@given(steps=st.integers(1, 3_000), warmup=st.floats(0.0, 0.5))
@settings(deadline=None)
def test_the_rate_rises_once_and_falls_once_and_is_never_nothing(steps: int, warmup: float) -> None:
    found = rates(steps, warmup)
    top = found.index(max(found))
    assert all(one < other for one, other in pairwise(found[: top + 1]))
    assert all(one > other for one, other in pairwise(found[top:]))
    assert 0 < min(found) <= max(found) <= 1


def test_a_tenth_of_the_steps_leads_up_to_the_peak_and_the_end_is_near_nothing() -> None:
    found = rates(1_000, 0.1)
    assert found.index(max(found)) == 100
    assert found[100] == pytest.approx(1.0)
    assert found[50] == pytest.approx(0.5, abs=0.01)
    assert found[550] == pytest.approx(0.5, abs=0.01)
    assert found[-1] < 1e-4


def test_only_matrices_decay_never_embeddings_norms_or_biases() -> None:
    names = ["embeddings.word_embeddings.weight", "layer.dense.weight", "layer.dense.bias", "layer.LayerNorm.weight"]
    trained = {
        name: nn.Parameter(torch.ones((2, 2) if "weight" in name and "Norm" not in name else 2)) for name in names
    }
    optimizer = optimizer_for(trained, weight_decay=0.5)
    for parameter in trained.values():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.param_groups[0]["lr"] = optimizer.param_groups[1]["lr"] = 0.1
    optimizer.step()
    assert [name for name, one in trained.items() if not torch.equal(one, torch.ones_like(one))] == [names[1]]
    assert trained[names[1]].detach().flatten().tolist() == pytest.approx([1 - 0.5 * 0.1] * 4)
