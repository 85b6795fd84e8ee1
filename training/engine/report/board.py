"""The validations of a training as TensorBoard's event file: its library's own writer and layout."""

from pathlib import Path

from training.engine.checkpoint import Standing

FOLDER = "tensorboard"
FILE = "events.out.tfevents.0"  # the writer's own name holds this machine's


def write(folder: Path, standing: Standing) -> None:
    """`folder`/tensorboard: a scalar a figure, at the step it was taken; training and validation in groups."""
    from torch.utils.tensorboard import SummaryWriter  # seconds that a refused job need not wait

    place = folder / FOLDER
    with SummaryWriter(str(place)) as writer:
        for one in standing.history:
            for name, value in one.items():
                group, _, figure = name.partition("_")
                if figure:
                    tag = f"{'validation' if group == 'valid' else 'training'}/{figure}"
                    writer.add_scalar(tag, value, int(one["step"]))
    (written,) = place.iterdir()
    written.rename(place / FILE)
