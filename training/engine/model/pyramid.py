"""What small models that start at random see of a picture: a feature pyramid (Lin et al. 2017, arXiv:1612.03144) over
residual blocks, whose group norms depend on no other row of a batch."""

from dataclasses import dataclass
from itertools import pairwise

import torch.nn.functional as F  # noqa: N812 - the name everybody reads
from torch import Tensor, nn
from transformers import PretrainedConfig

from contracts.fine_tune import BaseModel
from training.engine.model.base import Base

FINEST = 4  # pixels a side of a cell
GROUPS = 8  # of a norm


@dataclass(frozen=True, kw_only=True)
class Shape:
    """`widths`, `depths`: of the levels, each of half the resolution of the one before; `joined`: width of the states
    that come out."""

    classes: int
    widths: tuple[int, ...] = (48, 64, 96, 128)
    depths: tuple[int, ...] = (1, 1, 2, 2)
    joined: int = 64


class Pyramid(nn.Module):
    """Pictures to (N, joined, height, width) states of the finest cells."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, shape.widths[0], 7, FINEST, 3)
        widths = pairwise((shape.widths[0], *shape.widths))
        self.levels = nn.ModuleList(
            _level(*both, depth=depth, halves=at > 0)
            for at, (both, depth) in enumerate(zip(widths, shape.depths, strict=True))
        )
        self.lateral = nn.ModuleList(nn.Conv2d(width, shape.joined, 1) for width in shape.widths)
        self.smooth = nn.ModuleList(convolved(shape.joined) for _ in shape.widths)

    def forward(self, pixel_values: Tensor) -> Tensor:
        states, levels = self.stem(pixel_values), []
        for level in self.levels:
            states = level(states)
            levels.append(states)
        joined = self._joined(-1, levels[-1])
        for at in range(len(levels) - 2, -1, -1):
            wider = F.interpolate(joined, scale_factor=2.0, mode="nearest")
            joined = self._joined(at, levels[at], wider)
        return joined

    def _joined(self, at: int, level: Tensor, wider: Tensor | float = 0.0) -> Tensor:
        states = self.lateral[at](level) + wider
        found: Tensor = states + self.smooth[at](states)
        return found


class Block(nn.Module):
    """Norm before each convolution (He et al. 2016, arXiv:1603.05027)."""

    def __init__(self, inward: int, outward: int, *, halves: bool) -> None:
        super().__init__()
        self.halves = halves
        self.before, self.between = nn.GroupNorm(GROUPS, inward), nn.GroupNorm(GROUPS, outward)
        self.first = nn.Conv2d(inward, outward, 3, 2 if halves else 1, 1, bias=False)
        self.second = nn.Conv2d(outward, outward, 3, 1, 1, bias=False)
        self.past = nn.Conv2d(inward, outward, 1, bias=False) if inward != outward else nn.Identity()

    def forward(self, states: Tensor) -> Tensor:
        inner = self.second(self.between(self.first(self.before(states).relu())).relu())
        found: Tensor = inner + self.past(F.avg_pool2d(states, 2) if self.halves else states)
        return found


def head(width: int, outputs: int) -> nn.Sequential:
    """States of cells to answers of cells."""
    return nn.Sequential(convolved(width), nn.GroupNorm(GROUPS, width), nn.ReLU(), nn.Conv2d(width, outputs, 1))


def convolved(width: int) -> nn.Sequential:
    return nn.Sequential(nn.GroupNorm(GROUPS, width), nn.ReLU(), nn.Conv2d(width, width, 3, 1, 1))


def described(spec: BaseModel) -> Base:
    shape = Shape(classes=1)
    return Base(spec=spec, config=PretrainedConfig(), positions=0, layers=sum(shape.depths), width=shape.widths[-1])


def _level(inward: int, outward: int, *, depth: int, halves: bool) -> nn.Sequential:
    later = (Block(outward, outward, halves=False) for _ in range(depth - 1))
    return nn.Sequential(Block(inward, outward, halves=halves), *later)
