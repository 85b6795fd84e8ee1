"""What pictures and sounds are held against, and whether their mirror images may be shown."""

from itertools import product

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from training.engine.judging import looks
from training.engine.judging.mirroring import FEWEST, harmless


def stripes(rows: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Along or down, of any shade: edges alone tell which."""
    chance = np.random.default_rng(seed)
    truth = np.arange(rows) % 2
    waves = (np.sin(np.arange(16) * 1.5 + chance.uniform(0, 6, (rows, 1))) > 0) * 90.0
    flat = np.where(truth[:, None, None] == 0, waves[:, :, None], waves[:, None, :])
    flat = flat + chance.uniform(0, 60, (rows, 1, 1))
    return np.repeat((flat + chance.uniform(0, 40, flat.shape))[..., None], 3, 3).astype(np.uint8), truth


def letters(rows: int, words: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    chance = np.random.default_rng(0)
    truth = np.arange(rows) % len(words)
    drawn = []
    for index in truth:
        image = Image.new("L", (24, 24))
        place, font = tuple(chance.integers(10, 15, 2).tolist()), ImageFont.load_default(size=16)
        ImageDraw.Draw(image).text(place, words[index], fill=255, font=font, anchor="mm")
        drawn.append(np.asarray(image) // 2 + chance.integers(0, 60, (24, 24)))
    return np.stack(drawn)[..., None].astype(np.uint8), truth


def test_edges_tell_what_runs_along_from_what_runs_down() -> None:
    (shown, truth), (asked, right) = stripes(80, 0), stripes(40, 1)
    plain = looks.classes("plain", looks.of_pictures(shown), truth, looks.of_pictures(asked))
    assert (plain.best == right).mean() > 0.95
    assert len(set(plain.constant.tolist())) == 1


def test_several_labels_are_answered_apart() -> None:
    chance = np.random.default_rng(0)
    truth = np.array(list(product((False, True), repeat=3)) * 8)
    seen = (chance.uniform(0, 90, (64, 8, 8, 3)) + 120 * truth[:, None, None, :]).astype(np.uint8)
    features = looks.of_pictures(seen)
    plain = looks.several("plain", features[:40], truth[:40], features[40:])
    assert (plain.best == truth[40:]).mean() > 0.95
    assert plain.constant.shape == (24, 3)


def test_of_sounds_only_what_sounds_is_measured() -> None:
    seen = np.zeros((1, 4, 10, 1), dtype=np.uint8)
    seen[0, 2, :5, 0] = [100, 200, 100, 200, 100]
    mean, deviation = np.split(looks.of_sounds(seen)[0], 2)
    assert mean.tolist() == [0, 0, 140, 0]
    assert deviation[2] > 40


def answers(shown: looks.Features, truth: NDArray[np.int64], asked: looks.Features) -> NDArray[np.int64]:
    found: NDArray[np.int64] = looks.classes("plain", shown, truth, asked).best
    return found


def test_what_left_and_right_tell_apart_is_not_mirrored() -> None:
    assert not harmless(*letters(120, "bd"), answers)
    assert not harmless(*letters(120, "bdpq"), answers)
    assert harmless(*letters(120, "AHOX"), answers)
    assert harmless(*stripes(120, 0), answers)


def test_too_few_rows_show_nothing() -> None:
    assert not harmless(*stripes(FEWEST - 1, 0), answers)


def test_one_class_is_answered_by_itself() -> None:
    seen, _ = stripes(10, 0)
    features = looks.of_pictures(seen)
    assert looks.classes("plain", features, np.ones(10, dtype=np.int64), features).best.tolist() == [1] * 10
