"""Masks as a model learns them: of every pixel its class, as a grey in a picture as large as the one that it is of."""

import io
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from contracts.problems import Fault, Problem
from training.engine.data.pictures import upright_size
from training.engine.data.reading import Rows
from training.engine.data.seeing import contents_of

Mask = NDArray[np.uint8]  # [height, width]
T = TypeVar("T")

VOID = 255  # counts for nothing, in learning and in judging: the borders of Pascal VOC
BINARY = [0, 255]  # where masks have these greys only, both are classes
MOST = 150  # classes, as many as ADE20K has: more greys are traces of JPEG's compression
MODES = ("1", "L", "P", "I;16", "I")  # Pillow's, of one number a pixel; of a palette its place there
WORDS = {
    "corrupt_mask": "cannot be decoded",
    "bad_mask": "is in colours or has greys above 255",
    "mask_size": "is not as large as its picture",
}


def classes_of(rows: Rows) -> tuple[str, ...]:
    """The greys of all masks, in order. Raises `Problem`: `too_many_classes`, and those of `each`."""
    found = sorted(set[int]().union(*each(rows, lambda mask: np.unique(mask).tolist())))
    greys = found if found == BINARY else [grey for grey in found if grey != VOID]
    if len(greys) > MOST:
        message = (
            f"The masks have {len(greys)} greys; at most {MOST} classes are told apart. Save masks as PNG, as JPEG "
            "changes greys."
        )
        raise Problem("too_many_classes", message, param="mask")
    return tuple(map(str, greys))


def read(rows: Rows, classes: Sequence[str], size: tuple[int, int] | None = None) -> list[Mask]:
    """Of each pixel the place of its class, or `VOID`; scaled to height and width, if they are given.

    Raises `Problem`: `unknown_label`, and those of `each`.
    """
    places = np.full(256, VOID, dtype=np.uint8)
    places[list(map(int, classes))] = np.arange(len(classes))
    known = {*map(int, classes), VOID}

    def placed(mask: Mask) -> tuple[Mask, set[int]]:
        image = Image.fromarray(places[mask])
        scaled = image if size is None else image.resize(size[::-1], Image.Resampling.NEAREST)
        return np.array(scaled), set(np.unique(mask).tolist()) - known

    found = each(rows, placed)
    for number, (_, strange) in zip(rows.numbers, found, strict=True):
        if strange:
            message = f"The mask of row {number} has the grey {min(strange)}, which no mask of the training split has."
            raise Problem("unknown_label", f"{message} Correct it, or add rows.", param="mask")
    return [mask for mask, _ in found]


def whole(rows: Rows, classes: Sequence[str]) -> Callable[[int], Mask]:
    """Of a row that was `read` its mask at its own size: many such do not fit into memory."""
    return lambda row: read(Rows(frame=rows.frame[row : row + 1]), classes)[0]


def each(rows: Rows, use: Callable[[Mask], T]) -> list[T]:
    """What `use` makes of each mask. Raises one `Problem` for all that are wrong, with the codes of `WORDS`."""
    found, wrong = list[T](), dict[str, list[int]]()
    for number, content, picture in zip(
        rows.numbers, contents_of(rows, "mask"), contents_of(rows, "image"), strict=True
    ):
        mask = _decoded(content, upright_size(picture))
        if isinstance(mask, str):
            wrong.setdefault(mask, []).append(number)
        else:
            found.append(use(mask))
    if wrong:
        raise Problem.of([_fault(code, numbers) for code, numbers in wrong.items()])
    return found


def _decoded(content: bytes, size: tuple[int, int]) -> Mask | str:
    """The greys, or what is wrong; `size`: width and height of the picture."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            values: NDArray[Any] = np.asarray(image)
            mode = image.mode
    except (OSError, SyntaxError, ValueError, EOFError):
        return "corrupt_mask"
    if mode in ("RGB", "RGBA") and (values[..., :1] == values[..., :3]).all():
        values, mode = values[..., 0], "L"
    if mode not in MODES or values.max() > VOID:
        return "bad_mask"
    return values.astype(np.uint8) if values.shape == size[::-1] else "mask_size"


def _fault(code: str, numbers: list[int]) -> Fault:
    message = f"{len(numbers)} row(s) have a mask that {WORDS[code]}, the first is row {numbers[0]}"
    return Fault(code=code, message=f"{message}: replace or remove them.", param="mask")
