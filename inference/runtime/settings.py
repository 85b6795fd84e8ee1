"""What the runtime process may use and how long it may take. Knows no environment: the entry point fills it in."""

from dataclasses import dataclass
from pathlib import Path

PRECISIONS = ("fp32", "bf16")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Sizes in bytes, times in seconds. Raises `ValueError` where a value makes no sense."""

    cache: Path  # verified artifacts; one folder per process

    # The device.
    device: str = "cpu"
    precision: str = "fp32"  # "bf16": autocast; quicker with avx512_bf16, scores then move in the second decimal
    engines: int = 2  # threads that run models
    engine_threads: int = 1  # of each engine, inside one matrix product

    # Batches.
    batch_tokens: int = 2_048  # one model's turn before another model gets its own
    micro_tokens: int = 256  # padded cells of one call of a model; a CPU gains nothing from more, a GPU wants 16,384
    queue_inputs: int = 1_024  # waiting inputs of one model
    queue_inputs_total: int = 8_192  # of all models

    # Models.
    memory_bytes: int = 2 << 30
    disk_bytes: int = 20 << 30
    loaders: int = 4  # artifacts fetched at a time
    loading_s: float = 20.0  # a request waits this long for its model, then hears 503
    loading_requests: int = 64  # that wait for one model
    broken_s: float = 30.0  # pause before a broken artifact is tried again

    # Requests.
    body_bytes: int = 1 << 20
    body_s: float = 10.0  # for the body to arrive
    inputs: int = 256
    answer_s: float = 30.0  # from the body's arrival to the answer
    directory_s: float = 2.0  # how long a key or placement is remembered; revoking must bite within 5 s
    drain_s: float = 20.0

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, not {self.precision!r}")
        for name, value in vars(self).items():
            if isinstance(value, int | float) and value <= 0:
                raise ValueError(f"{name} must be above zero, not {value}")
