"""One seed for every source of chance, and every source's state as tensors and plain values, for checkpoints."""

import random
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Chance:
    """`tensors` go into safetensors, `numbers` into meta.json."""

    tensors: dict[str, Tensor]
    numbers: dict[str, int | float | None]


def sow(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # costs a pass over every new tensor, changes nothing


def capture() -> Chance:
    version, words, gauss = random.getstate()
    state = np.random.get_state(legacy=False)
    return Chance(
        tensors={
            "torch": torch.get_rng_state(),
            "python": torch.tensor(words, dtype=torch.int64),
            "numpy": torch.from_numpy(state["state"]["key"].astype(np.int64)),
        },
        numbers={
            "python_version": version,
            "python_gauss": gauss,
            "numpy_pos": int(state["state"]["pos"]),
            "numpy_has_gauss": int(state["has_gauss"]),
            "numpy_gauss": float(state["gauss"]),
        },
    )


def restore(chance: Chance) -> None:
    tensors, numbers = chance.tensors, chance.numbers
    torch.set_rng_state(tensors["torch"])
    random.setstate((numbers["python_version"], tuple(tensors["python"].tolist()), numbers["python_gauss"]))
    np.random.set_state(
        {
            "bit_generator": "MT19937",
            "state": {"key": tensors["numpy"].numpy().astype(np.uint32), "pos": numbers["numpy_pos"]},
            "has_gauss": numbers["numpy_has_gauss"],
            "gauss": numbers["numpy_gauss"],
        }
    )
