"""A picture as a model sees it: upright, RGB or grey, brought to one size. Nothing is cut off at its edges.

Bases differ in how they cut pictures to a square; here every side is scaled to the base's, so that what lies at an edge
counts, too, and the published preprocessor_config.json says the same to transformers.
"""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from training.engine.data.seeing import Seen, Undecodable

SHIFT = 8  # a picture is moved by up to an eighth of its side
COVERED = 2  # a covered square has up to a half of the shorter side, a twelfth of the picture in the mean
GREY = 128
ORIENTATION, LYING = 0x0112, (5, 6, 7, 8)  # EXIF's tag, and what of it exchanges width and height
GREYS = ("I", "F")  # modes that begin so hold more than 8 bits

Image.MAX_IMAGE_PIXELS = None  # what is larger than the plan allows was left out when the data set was read


@dataclass(frozen=True, kw_only=True)
class PictureView:
    """`size`: height and width in pixels; `resample`: Pillow's number; `mean`, `std`: a number a channel, after bytes
    were multiplied by `scale`. `mirrored`: whether training shows a picture's mirror image as often as itself."""

    size: tuple[int, int]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    scale: float = 1 / 255
    resample: int = Image.Resampling.BILINEAR.value
    mirrored: bool = False

    @property
    def shape(self) -> tuple[int, int, int]:
        return *self.size, len(self.mean)

    @property
    def sentence(self) -> str:
        height, width = self.size
        said = f"Pictures are brought to {width} by {height} pixels. Training moves each a little, covers a spot"
        if not self.mirrored:
            return f"{said} and mirrors none: left and right may tell classes apart."
        return f"{said} and mirrors it half of the time, as a linear classifier answers mirror images as well."

    def see(self, content: bytes) -> Seen:
        try:
            with Image.open(io.BytesIO(content)) as image:
                upright = ImageOps.exif_transpose(_eight_bits(image))
                coloured = upright.convert("RGB" if len(self.mean) == 3 else "L")
                sized = coloured.resize(self.size[::-1], Image.Resampling(self.resample))
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            raise Undecodable from error
        return np.array(sized).reshape(self.shape)

    def vary(self, seen: Seen, chance: np.random.Generator) -> Seen:
        """Moved a little, its edge repeated where it leaves a gap; mirrored half of the time; a square of it covered
        by grey (DeVries and Taylor 2017, arXiv:1708.04552), so that a class is not known by one spot alone."""
        moved = [moved_places(side, chance) for side in self.size]
        if self.mirrored and chance.random() < 0.5:
            moved[1] = moved[1][::-1]
        changed = seen[np.ix_(*moved)]
        side = int(chance.integers(0, min(self.size) // COVERED + 1))
        top, left = (int(chance.integers(0, most - side + 1)) for most in self.size)
        changed[top : top + side, left : left + side] = GREY
        return changed

    def document(self) -> dict[str, Any]:
        """As `AutoImageProcessor` reads it."""
        return {
            "image_processor_type": "ViTImageProcessor",
            "do_resize": True,
            "size": {"height": self.size[0], "width": self.size[1]},
            "resample": self.resample,
            "do_rescale": True,
            "rescale_factor": self.scale,
            "do_normalize": True,
            "image_mean": list(self.mean),
            "image_std": list(self.std),
        }


def published_view(document: dict[str, Any]) -> PictureView:
    """The view that wrote the `document`."""
    return PictureView(
        size=(document["size"]["height"], document["size"]["width"]),
        mean=tuple(document["image_mean"]),
        std=tuple(document["image_std"]),
        scale=document["rescale_factor"],
        resample=document["resample"],
    )


def moved_places(side: int, chance: np.random.Generator) -> Any:
    """[side] places that are seen instead of 0, 1, 2 ..."""
    most = side // SHIFT
    return np.clip(np.arange(side) + int(chance.integers(-most, most + 1)), 0, side - 1)


def upright_size(content: bytes) -> tuple[int, int]:
    """Width and height in pixels, of a picture that can be decoded."""
    with Image.open(io.BytesIO(content)) as image:
        lying = image.getexif().get(ORIENTATION, 1) in LYING
        return image.size[::-1] if lying else image.size


def thumbnail(content: bytes, *, side: int) -> tuple[bytes, tuple[int, int]]:
    """A JPEG of the upright picture whose longer side has so many pixels at most; its width and height."""
    with Image.open(io.BytesIO(content)) as image:
        small = ImageOps.exif_transpose(_eight_bits(image)).convert("RGB")
    small.thumbnail((side, side))
    stream = io.BytesIO()
    small.save(stream, "JPEG", quality=80)
    return stream.getvalue(), small.size


def _eight_bits(image: Image.Image) -> Image.Image:
    """16 bits and more are scaled to what is there, as the data doctor says; others stay."""
    if not image.mode.startswith(GREYS):
        return image
    values = np.asarray(image, dtype=np.float64)
    span = values.max() - values.min()
    return Image.fromarray(((values - values.min()) / (span or 1) * 255).astype(np.uint8))
