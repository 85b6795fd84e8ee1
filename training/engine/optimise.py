"""AdamW (Loshchilov & Hutter 2019) over the trained tensors, and its schedule as a pure function of the step."""

from collections.abc import Iterable
from math import cos, pi

import torch
from torch import Tensor, nn

MOMENTS = ("step", "exp_avg", "exp_avg_sq")


def optimizer_for(trained: dict[str, nn.Parameter], *, weight_decay: float) -> torch.optim.AdamW:
    """Decay on matrices only; never on embeddings (rows that do not occur must stay), norms, biases."""
    decayed = [one for name, one in trained.items() if one.dim() > 1 and "embeddings" not in name]
    others = [one for name, one in trained.items() if not (one.dim() > 1 and "embeddings" not in name)]
    groups = [{"params": decayed, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW([group for group in groups if group["params"]], fused=True)


def rate_at(step: int, *, steps: int, peak: float, warmup: float) -> float:
    """One cycle: up in a straight line for `warmup` of the steps, down to zero along a cosine (arXiv:1708.07120)."""
    rising = max(1.0, warmup * steps)
    if step < rising:
        return peak * (step + 1) / (rising + 1)
    return peak * 0.5 * (1 + cos(pi * (step - rising) / max(1.0, steps - rising)))


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate


def moments(optimizer: torch.optim.Optimizer, trained: dict[str, nn.Parameter]) -> dict[str, Tensor]:
    """The optimizer's state as flat named tensors; empty before the first step."""
    return {
        f"{moment}:{name}": optimizer.state[parameter][moment]
        for name, parameter in _stepped(optimizer, trained)
        for moment in MOMENTS
    }


def restore_moments(
    optimizer: torch.optim.Optimizer, trained: dict[str, nn.Parameter], saved: dict[str, Tensor]
) -> None:
    for name, parameter in trained.items():
        if f"step:{name}" in saved:
            optimizer.state[parameter] = {moment: saved[f"{moment}:{name}"] for moment in MOMENTS}


def _stepped(optimizer: torch.optim.Optimizer, trained: dict[str, nn.Parameter]) -> Iterable[tuple[str, nn.Parameter]]:
    return ((name, parameter) for name, parameter in trained.items() if parameter in optimizer.state)
