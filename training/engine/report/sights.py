"""Test pictures with what lies in them drawn on. Every customer's word is escaped."""

import base64
import io
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Corners = tuple[float, float, float, float]  # left, top, right, bottom in shares
Size = tuple[int, int]  # width, height in pixels

COLOURS = (
    "#e8590c", "#2f9e44", "#1c7ed6", "#f2c400", "#ae3ec9", "#0ca678", "#d6336c", "#4263eb", "#94d82d", "#795548",
)  # fmt: skip
CLEAR = 256  # greys; those without a colour let the picture through
OPAQUE = 150  # of 255: the picture is still seen below a colour


def gallery(figures: Iterable[str]) -> str:
    return f'<div class="sights">{"".join(figures)}</div>'


def figure(title: str, content: bytes, size: Size, drawn: str) -> str:
    """`content`: JPEG; `drawn`: SVG over it."""
    width, height = size
    return (
        f'<figure><svg viewBox="0 0 {width} {height}">{_image(content, "jpeg", size)}{drawn}</svg>'
        f"<figcaption>{escape(title)}</figcaption></figure>"
    )


def box(kind: str, corners: Corners, said: str, size: Size) -> str:
    """`kind`: as the page's style knows it; `said`: what is read when it is pointed at."""
    left, top, right, low = (share * side for share, side in zip(corners, (*size, *size), strict=True))
    return (
        f'<rect class="{kind}" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{low - top:.1f}">'
        f"<title>{escape(said)}</title></rect>"
    )


def mask(places: NDArray[np.uint8], colours: Sequence[str | None], size: Size) -> str:
    """`places`: [height, width]; `colours`: of each place, None to leave it clear."""
    image = Image.fromarray(places, mode="P")
    filled = [*colours, *[None] * (CLEAR - len(colours))]
    image.putpalette([int((one or "#000000")[at : at + 2], 16) for one in filled for at in (1, 3, 5)])
    stream = io.BytesIO()
    image.save(stream, "PNG", transparency=bytes(OPAQUE if one else 0 for one in filled), optimize=True)
    return _image(stream.getvalue(), "png", size)


def key(colour: str | None) -> str:
    """A colour beside its name."""
    return f'<i class="colour" style="background:{colour or "transparent"}"></i>'


def _image(content: bytes, form: str, size: Size) -> str:
    inline = f"data:image/{form};base64,{base64.b64encode(content).decode()}"
    return f'<image width="{size[0]}" height="{size[1]}" href="{inline}"/>'
