"""What TensorBoard shows of a training, read by its own library."""

import platform

from tensorboard.backend.event_processing.event_accumulator import (  # type: ignore[import-untyped]
    EventAccumulator,
)

from tests.engine.engine import Outcome


def test_tensorboard_reads_every_validation_at_its_step(trained: Outcome) -> None:
    read = EventAccumulator(str(trained.output / "tensorboard"))
    read.Reload()
    history = trained.metrics["history"]
    for tag, name in (("validation/accuracy", "valid_accuracy"), ("training/loss", "train_loss")):
        assert [one.step for one in read.Scalars(tag)] == [one["step"] for one in history]
        for told, one in zip(read.Scalars(tag), history, strict=True):
            assert abs(told.value - one[name]) < 1e-6


def test_no_name_of_our_machine_reaches_a_customer(trained: Outcome) -> None:
    (file,) = (trained.output / "tensorboard").iterdir()
    host = platform.node() or "localhost"
    assert host not in file.name
    assert host.encode() not in file.read_bytes()
