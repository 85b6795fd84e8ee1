"""What a model sees of a picture and of a sound: upright, in RGB, at its rate, as other programs compute it."""

import random
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageOps
from transformers import ViTImageProcessorPil
from transformers.audio_utils import mel_filter_bank, spectrogram, window_function

from tests.engine import media
from training.engine.data.pictures import PictureView
from training.engine.data.seeing import Undecodable
from training.engine.data.sounds import RATES, SoundView, decoded, loudness, resampled, view_of
from training.engine.tasks.images import pixels

VIEW = PictureView(size=(12, 16), mean=(0.4, 0.5, 0.6), std=(0.2, 0.25, 0.3), resample=3, mirrored=True)
HEARD = SoundView(rate=8_000, frames=24)


def saved(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    stream = BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def test_pixels_are_those_of_the_published_processor() -> None:
    content = media.picture([1], random.Random(0))
    said = {name: value for name, value in VIEW.document().items() if name != "image_processor_type"}
    theirs = ViTImageProcessorPil(**said)(images=Image.open(BytesIO(content)), return_tensors="np")["pixel_values"]
    np.testing.assert_allclose(pixels(VIEW.see(content)[None], VIEW).numpy(), theirs, atol=1e-5)


def test_a_picture_stored_lying_is_turned_upright() -> None:
    image = Image.open(BytesIO(media.picture([0], random.Random(0))))
    tag = Image.Exif()
    tag[0x0112] = 6
    lying = saved(image, exif=tag)
    upright = saved(ImageOps.exif_transpose(Image.open(BytesIO(lying))))
    assert (VIEW.see(lying) == VIEW.see(upright)).all()
    assert (VIEW.see(lying) != VIEW.see(saved(image))).any()


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "1", "LA", "I;16", "F"])
def test_every_mode_is_seen_in_colours_and_in_greys(mode: str) -> None:
    ramp = np.linspace(0, 255, 256).reshape(16, 16)
    image = Image.fromarray((ramp * 200).astype(np.uint16)) if mode == "I;16" else Image.fromarray(ramp.astype("u1"))
    image = image if mode == "I;16" else image.convert(mode)
    form = "TIFF" if mode in ("CMYK", "F") else "PNG"
    seen = VIEW.see(saved(image, form))
    assert seen.shape == (12, 16, 3)
    assert int(seen[0].mean()) < 60 < 190 < int(seen[-1].mean()), "dark above, bright below"
    grey = PictureView(size=(8, 8), mean=(0.5,), std=(0.25,))
    assert grey.see(saved(image, form)).shape == (8, 8, 1)


def test_a_picture_moves_and_is_mirrored_only_where_it_may() -> None:
    seen = VIEW.see(media.picture([0], random.Random(0)))
    upright = PictureView(size=(12, 16), mean=VIEW.mean, std=VIEW.std)
    both = {mirror(VIEW.vary(seen, np.random.default_rng(at)), seen) for at in range(20)}
    assert both == {True, False}
    assert not any(mirror(upright.vary(seen, np.random.default_rng(at)), seen) for at in range(20))


def mirror(varied: np.ndarray, seen: np.ndarray) -> bool:
    """Whether its middle is nearer to the mirror image of what it was made of, however it was moved."""

    def apart(like: np.ndarray) -> int:
        moves = [(down, along) for down in (-1, 0, 1) for along in (-2, -1, 0, 1, 2)]
        inner = (slice(2, -2), slice(3, -3))
        return min(
            int(np.abs(varied[inner].astype(int) - np.roll(like, move, axis=(0, 1))[inner].astype(int)).sum())
            for move in moves
        )

    return apart(seen[:, ::-1]) < apart(seen)


@pytest.mark.parametrize("content", [b"", b"no picture", media.picture([0], random.Random(0))[:60]])
def test_what_is_no_picture_cannot_be_seen_and_what_is_no_sound_not_heard(content: bytes) -> None:
    for view in (VIEW, HEARD):
        with pytest.raises(Undecodable):
            view.see(content)


def test_loudness_is_what_transformers_computes_from_the_published_parameters() -> None:
    samples, rate = decoded(media.sound(700.0, random.Random(0)), seconds=1.0)
    said = HEARD.document()
    size, fft = said["window_length"], said["fft_length"]
    window = window_function(size, said["window"])
    bands = mel_filter_bank(
        fft // 2 + 1, said["mel_bands"], said["min_frequency"], said["max_frequency"], rate, mel_scale=said["mel_scale"]
    )
    theirs = spectrogram(
        samples.astype(np.float64), window * 2 / window.sum(), size, said["hop_length"], fft, power=2.0,
        pad_mode="constant", mel_filters=bands, log_mel="dB", mel_floor=1e-10, dtype=np.dtype(np.float64),
    )  # fmt: skip
    np.testing.assert_allclose(loudness(samples, rate), theirs.T, atol=1e-6)


def test_a_sine_at_full_scale_is_loudest_in_its_band_at_about_zero_decibels() -> None:
    samples = np.sin(2 * np.pi * 1_000 * np.arange(8_000) / 8_000).astype(np.float32)
    levels = loudness(samples, 8_000)[20:60].mean(0)
    centres = np.linspace(0, 2595 * np.log10(1 + 4_000 / 700), 66)[1:-1]
    assert abs(700 * (10 ** (centres[levels.argmax()] / 2595) - 1) - 1_000) < 60
    assert levels.max() == pytest.approx(0, abs=4)


@pytest.mark.parametrize("rate", [44_100, 16_000, 11_025, 8_000])
def test_a_sound_at_another_rate_keeps_its_pitch_and_length(rate: int) -> None:
    samples, _ = decoded(media.sound(900.0, random.Random(0), rate=rate, seconds=0.5), seconds=1.0)
    changed = resampled(samples, rate, 8_000)
    assert len(changed) == pytest.approx(4_000, abs=1)
    assert np.abs(np.fft.rfft(changed)).argmax() * 8_000 / len(changed) == pytest.approx(900, abs=5)


def test_what_the_new_rate_cannot_hold_is_taken_away_and_does_not_fold_back() -> None:
    high = np.sin(2 * np.pi * 7_000 * np.arange(16_000) / 16_000).astype(np.float32)
    assert np.abs(resampled(high, 16_000, 8_000)[100:-100]).max() < 0.05


def test_channels_are_averaged_and_what_is_too_long_is_cut() -> None:
    one, other = (media.sound(900.0, random.Random(0), channels=count, seconds=1.0) for count in (1, 2))
    assert (HEARD.see(one) == HEARD.see(other)).all()
    assert HEARD.see(one).shape == (64, 24, 1)
    short = HEARD.see(media.sound(900.0, random.Random(0), seconds=0.1))
    assert short[:, :10].any()
    assert not short[:, 12:].any(), "silence fills what is shorter"


def test_a_view_fits_the_sounds_it_is_made_for() -> None:
    assert view_of([8_000, 8_000, 44_100], [0.5] * 3).rate == 8_000
    assert [view_of([rate], [1.0]).rate for rate in (1_000, 48_000)] == list(RATES)
    assert view_of([8_000] * 100, [0.5] * 99 + [60.0]).frames == 56
    assert view_of([8_000], [60.0]).frames == 1_008


def test_training_silences_some_of_a_sound_and_moves_it() -> None:
    seen = HEARD.see(media.sound(900.0, random.Random(0)))
    several = [HEARD.vary(seen, np.random.default_rng(at)) for at in range(5)]
    assert len({one.tobytes() for one in several}) == 5
    assert all(one.shape == seen.shape for one in several)
