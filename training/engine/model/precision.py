"""Which number format the matrix products run in: bfloat16 where the processor multiplies it natively, else float32.

Weights, optimizer and the published model stay float32 either way; without native support bfloat16 is emulated and
several times slower than float32.
"""

from contextlib import AbstractContextManager

import torch

NATIVE = ("avx512_bf16", "amx_bf16")


def native_bfloat16() -> bool:
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in NATIVE)


def autocast(bfloat16: bool) -> AbstractContextManager[object]:
    """The context every forward pass runs in."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16)
