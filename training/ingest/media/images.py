"""One picture: whether it is one, and what can be measured of it without a model.

Read are JPEG, PNG and WebP of one frame. They are kept as they came; whoever trains on them turns them upright by their
EXIF tag and makes them RGB: CMYK and palettes are converted, 16-bit greys scaled down to 8.
"""

import io
from pathlib import Path
from typing import TypedDict

import numpy as np
import polars as pl
from PIL import Image, UnidentifiedImageError

from contracts.ingestion import Limits
from training.ingest.media.bad import BadMedia

FORMATS = ("JPEG", "PNG", "WEBP")
LONGEST_SIDE = 50  # times the shorter: beyond, nothing is left of it in a square
HASH = (9, 8)  # pixels whose neighbours are compared: 64 bits
ORIENTATION = 0x0112  # EXIF: 1 is upright

Image.MAX_IMAGE_PIXELS = None  # the plan's own limit is checked before a pixel is decoded


class Facts(TypedDict):
    width: int
    height: int
    mode: str
    format: str
    upright: bool
    look: int


SCHEMA: dict[str, pl.DataType] = {
    "width": pl.Int64(), "height": pl.Int64(), "mode": pl.String(), "format": pl.String(), "upright": pl.Boolean(),
    "look": pl.Int64(),
}  # fmt: skip


def facts(path: Path, limits: Limits) -> Facts:
    """Size in pixels as stored, mode and format as Pillow calls them, and `look`: the difference hash (Krawetz 2013) as
    a signed 64-bit number, near for pictures that look alike.

    Raises `BadMedia`: `unsupported_image`, `too_many_pixels`, `extreme_aspect`, `too_many_frames`, `corrupt_image`.
    """
    try:
        with Image.open(io.BytesIO(path.read_bytes())) as image:
            width, height, mode, form = image.width, image.height, image.mode, image.format or ""
            if form not in FORMATS:
                raise BadMedia("unsupported_image")
            if width * height > limits.pixels:
                raise BadMedia("too_many_pixels")
            if max(width, height) > LONGEST_SIDE * min(width, height):
                raise BadMedia("extreme_aspect")
            if getattr(image, "n_frames", 1) > 1:
                raise BadMedia("too_many_frames")
            image.load()
            upright = image.getexif().get(ORIENTATION, 1) == 1
            small = np.asarray(_grey(image).resize(HASH, Image.Resampling.BILINEAR), dtype=np.int16)
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        code = "unsupported_image" if isinstance(error, UnidentifiedImageError) else "corrupt_image"
        raise BadMedia(code) from error
    bits = np.packbits(small[:, 1:] > small[:, :-1])
    look = int(np.frombuffer(bits.tobytes(), dtype=np.int64)[0])
    return Facts(width=width, height=height, mode=mode, format=form, upright=upright, look=look)


def _grey(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":  # 16 bits and more: scaled to what is there, not cut off
        values = np.asarray(image, dtype=np.float64)
        span = values.max() - values.min()
        return Image.fromarray(((values - values.min()) / (span or 1) * 255).astype(np.uint8))
    return image.convert("L")
