"""Smaller models cut out of a trained one, in shapes that its configuration can say: plain transformers loads them."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

MULTIPLE = 8  # neurons kept: kernels like such widths


def layers_of(model: PreTrainedModel) -> nn.ModuleList:
    """Of `contracts.compression.RESHAPED` encoders."""
    found: nn.ModuleList = getattr(model, model.base_model_prefix).encoder.layer
    return found


def with_layers(model: PreTrainedModel, kept: Iterable[int]) -> PreTrainedModel:
    """A copy that has these layers only."""
    made = deepcopy(model)
    encoder: Any = getattr(made, made.base_model_prefix).encoder
    encoder.layer = nn.ModuleList(encoder.layer[index] for index in kept)
    made.config.num_hidden_layers = len(encoder.layer)
    return made


def spread(kept: int, layers: int) -> list[int]:
    """Which layers stay: evenly, the last among them (Sun et al. 2019, arXiv:1908.09355, PKD-skip)."""
    return [round((index + 1) * layers / kept) - 1 for index in range(kept)]


def without_neurons(model: PreTrainedModel, worth: list[Tensor], *, share: float) -> PreTrainedModel:
    """A copy whose feed-forward parts have lost this share of their neurons, the same number in each layer, as the
    configuration has one width for all. Heads stay: a configuration cannot say that a layer has fewer of them while
    each keeps its width. `worth`: (neurons,) of each layer."""
    made = deepcopy(model)
    neurons = len(worth[0])
    kept = max(MULTIPLE, round(neurons * (1 - share) / MULTIPLE) * MULTIPLE)
    for layer, of_layer in zip(layers_of(made), worth, strict=True):
        chosen = of_layer.topk(min(kept, neurons)).indices.sort().values
        wide, back = _feed_forward(layer)
        wide.weight, wide.bias = nn.Parameter(wide.weight[chosen]), nn.Parameter(wide.bias[chosen])
        back.weight = nn.Parameter(back.weight[:, chosen])
        wide.out_features = back.in_features = len(chosen)
    made.config.intermediate_size = min(kept, neurons)
    return made


def worth_of_neurons(model: PreTrainedModel, batches: Iterable[Callable[[], Tensor]]) -> list[Tensor]:
    """(neurons,) of each layer's feed-forward part: by how much the loss would change without the neuron, to first
    order (Molchanov et al. 2017, arXiv:1611.06440): |activation times its gradient|, which summed over the tokens of a
    batch is the same of the weights that lead away from it. `batches`: losses to go back through."""
    backs = [_feed_forward(layer)[1] for layer in layers_of(model)]
    worth = [torch.zeros(back.in_features) for back in backs]
    for loss_of in batches:
        model.zero_grad()
        loss_of().backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        for total, back in zip(worth, backs, strict=True):
            assert back.weight.grad is not None  # noqa: S101 - the loss depends on every layer
            total += (back.weight.detach() * back.weight.grad).sum(0).abs()
    model.zero_grad()
    return worth


def with_zeros(model: PreTrainedModel, *, share: float) -> PreTrainedModel:
    """A copy where of every matrix of the encoder the weights nearest to zero are zero (Han et al. 2015,
    arXiv:1506.02626), and stay so in training: they get no gradient, and decay leaves zero as it is."""
    made = deepcopy(model)
    for matrix in matrices(made):
        size = matrix.detach().abs()
        mask = (size > size.flatten().kthvalue(max(1, round(share * size.numel()))).values).float()
        with torch.no_grad():
            matrix.mul_(mask)
        matrix.register_hook(mask.mul)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return made


def matrices(model: PreTrainedModel) -> list[Tensor]:
    """Weights of the encoder's linear layers."""
    encoder: nn.Module = getattr(model, model.base_model_prefix)
    return [part.weight for part in encoder.modules() if isinstance(part, nn.Linear)]


def _feed_forward(layer: Any) -> tuple[nn.Linear, nn.Linear]:
    """Into the neurons and out of them."""
    return layer.intermediate.dense, layer.output.dense
