"""Pictures of shapes with boxes and masks, where no public set can be had: a figure of them says that a model learns,
and nothing about real pictures.

`python -m tests.benchmarks.shapes DIR` writes `DIR/shapes/` as `tests.benchmarks.sets` reads it. A shape is of any
colour and size, before a mess of colours: only its outline tells what it is. No test: it asserts nothing.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SPLITS = {"train": 300, "validation": 60, "test": 100}
SIDE = 160  # pixels
KINDS = ("disc", "square", "triangle")
MOST = 5  # in a picture
CALM = (80, 176)  # bytes of what is behind: louder, its blots are as good shapes as any


def made(chance: np.random.Generator) -> tuple[Image.Image, Image.Image, list[list[Any]]]:
    """Picture, mask (0 where nothing is, then 1, 2, 3 as of `KINDS`), and boxes. A shape that would hide
    much of another is left out."""
    mess = Image.fromarray(chance.integers(*CALM, (10, 10, 3), dtype=np.uint8)).resize((SIDE, SIDE), 3)
    picture, mask = mess, Image.new("L", mess.size)
    boxes = list[list[Any]]()
    for _ in range(chance.integers(1, MOST + 1)):
        kind, radius = int(chance.integers(0, len(KINDS))), float(chance.uniform(9, 26))
        x, y = (float(chance.uniform(radius, SIDE - radius)) for _ in range(2))
        corners = (x - radius, y - radius, x + radius, y + radius)
        if any(_near(corners, other[1:]) for other in boxes):
            continue
        colour = tuple(chance.integers(0, 256, 3).tolist())
        for image, fill in ((picture, colour), (mask, kind + 1)):
            _draw(ImageDraw.Draw(image), kind, corners, fill)
        boxes.append([KINDS[kind], *corners])
    return picture.filter(ImageFilter.GaussianBlur(1)), mask, boxes


def _near(one: tuple[float, ...], other: list[float]) -> bool:
    """Whether a good part of one lies before the other."""
    sides = [min(one[at + 2], other[at + 2]) - max(one[at], other[at]) for at in (0, 1)]
    return min(sides) > 0.3 * min(one[2] - one[0], other[2] - other[0])


def _draw(pen: ImageDraw.ImageDraw, kind: int, corners: tuple[float, ...], fill: Any) -> None:
    left, top, right, low = corners
    if KINDS[kind] == "disc":
        pen.ellipse(corners, fill=fill)
    elif KINDS[kind] == "square":
        pen.rectangle(corners, fill=fill)
    else:
        pen.polygon([((left + right) / 2, top), (right, low), (left, low)], fill=fill)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    asked = parser.parse_args()
    if asked.folder is None:
        print("shapes: no folder was named; nothing to write.")
        return
    place, chance = asked.folder / "shapes", np.random.default_rng(0)
    (place / "media").mkdir(parents=True, exist_ok=True)
    with (place / "manifest.jsonl").open("w") as manifest:
        for split, count in SPLITS.items():
            for at in range(count):
                picture, mask, boxes = made(chance)
                names = {"file": f"{split}-{at}.png", "mask": f"{split}-{at}-mask.png"}
                for image, name in zip((picture, mask), names.values(), strict=True):
                    image.save(place / "media" / name)
                manifest.write(f"{json.dumps({**names, 'boxes': boxes, 'split': split})}\n")


if __name__ == "__main__":
    main()
