"""Numbers are learnt as distances from their mean in standard deviations, whatever unit the customer counts in."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True)
class Unit:
    """`mean`, `spread`: of the training rows."""

    mean: float
    spread: float

    def inward(self, values: Tensor) -> Tensor:
        return (values - self.mean) / self.spread

    def outward(self, values: Tensor) -> Tensor:
        return values * self.spread + self.mean

    def unfold(self, model: nn.Module) -> None:
        """Takes back what `fold` did: the model answers in what is learnt."""
        last = _last(model)
        with torch.no_grad():
            last.bias.sub_(self.mean).div_(self.spread)
            last.weight.div_(self.spread)

    def fold(self, model: nn.Module) -> None:
        """Into the head's last layer: the published model answers in the customer's unit by itself."""
        last = _last(model)
        with torch.no_grad():
            last.weight.mul_(self.spread)
            last.bias.mul_(self.spread).add_(self.mean)


def _last(model: nn.Module) -> nn.Linear:
    return [part for part in model.modules() if isinstance(part, nn.Linear) and part.out_features == 1][-1]


def unit_of(truth: Tensor) -> Unit:
    """`truth`: (N, ...) of the training rows, not all alike."""
    return Unit(mean=float(truth.mean()), spread=max(float(truth.std()), 1e-12))
