"""What training shows of a picture: boxes and masks lie where the pixels do, whatever the window."""

import numpy as np
import pytest

from training.engine.data.boxes import Boxes
from training.engine.data.masks import VOID
from training.engine.data.windows import LARGER, Window, drawn

SIDES = (60, 80)  # height, width


def scene(corners: tuple[float, float, float, float]) -> tuple[np.ndarray, Boxes]:
    """A bright thing, its corners in shares."""
    picture = np.zeros((*SIDES, 3), np.uint8)
    left, top, right, low = (round(share * side) for share, side in zip(corners, (*SIDES[::-1],) * 2, strict=True))
    picture[top:low, left:right] = 200
    exact = np.array([[left / SIDES[1], top / SIDES[0], right / SIDES[1], low / SIDES[0]]], np.float32)
    return picture, Boxes(classes=np.array([0]), corners=exact)


@pytest.mark.parametrize("seed", range(8))
def test_a_box_lies_around_its_pixels_through_any_window(seed: int) -> None:
    picture, boxes = scene((0.3, 0.35, 0.6, 0.7))
    window = drawn(np.random.default_rng(seed), mirrors=True)
    shown, moved = window.on(picture, beyond=0), window.around(boxes)
    rows, columns = np.nonzero(shown[..., 0])
    seen = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    assert moved.corners[0] * np.array([*SIDES[::-1]] * 2) == pytest.approx(np.array(seen), abs=1.5)


def test_windows_are_larger_and_smaller_and_mirror_where_they_may() -> None:
    several = [drawn(np.random.default_rng(seed), mirrors=True) for seed in range(200)]
    assert {one.mirrored for one in several} == {True, False}
    assert not any(drawn(np.random.default_rng(seed), mirrors=False).mirrored for seed in range(50))
    widths = [one.width for one in several]
    assert 1 / LARGER / 1.11 < min(widths) < 0.8 < 1.2 < max(widths) < LARGER * 1.11


def test_what_is_beyond_the_edges_is_filled_and_void() -> None:
    whole = Window(left=-0.25, top=0.0, width=1.25, height=1.0, mirrored=False)
    mask = whole.on(np.ones(SIDES, np.uint8), beyond=VOID)
    assert (mask[:, : SIDES[1] // 5] == VOID).all()
    assert (mask[:, SIDES[1] // 5 :] == 1).all()


def test_a_box_that_is_hardly_seen_is_none_and_another_is_cut_at_the_edge() -> None:
    half = Window(left=0.5, top=0.0, width=0.5, height=1.0, mirrored=False)
    boxes = Boxes(classes=np.array([0, 1]), corners=np.array([[0.2, 0, 0.55, 1], [0.3, 0.2, 0.7, 0.4]], np.float32))
    seen = half.around(boxes)
    assert seen.classes.tolist() == [1]
    assert seen.corners[0] == pytest.approx([0, 0.2, 0.4, 0.4])
