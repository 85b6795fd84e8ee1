"""A sound as a model sees it: a picture of one channel, its log-mel spectrogram, a band a row, the lowest first.

Of each band the loudness in decibels (about 0: a sine at full scale), in steps of 0.4 as a byte holds them: far finer
than what two recordings of one thing differ by.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil, gcd
from statistics import median_low
from typing import Any

import numpy as np
import soundfile  # type: ignore[import-untyped]  # ships no types
from numpy.typing import NDArray
from scipy.signal import resample_poly  # type: ignore[import-untyped]
from transformers.audio_utils import mel_filter_bank

from training.engine.data.pictures import moved_places
from training.engine.data.seeing import AT_ONCE, Media, Seen, Undecodable

RATES = (4_000, 16_000)  # hertz: the lowest and the highest, which is enough for speech and most of what is heard
BANDS = 64
WINDOW_S, HOP_S = 0.025, 0.010
QUIETEST, LOUDEST = -100.0, 0.0  # decibels: bytes 0 and 255
LONGEST_S = 10.0  # of longer sounds the beginning is heard
SHARE = 0.95  # of the training sounds fit into the frames
LEAST_STD = 0.01  # of the bytes' range: of sounds that are all silent
STEP = 8  # frames are rounded up to
MASKED = (BANDS // 8, 8)  # at most so many bands, and this part of the frames, are silenced (Park et al. 2019)

Samples = NDArray[np.float32]  # [samples], mono, between -1 and 1


@dataclass(frozen=True, kw_only=True)
class SoundView:
    """`rate`: hertz that sounds are brought to; `frames`: of `HOP_S` each, silence fills what is shorter."""

    rate: int
    frames: int
    mean: tuple[float, ...] = (0.5,)
    std: tuple[float, ...] = (0.25,)
    scale: float = 1 / 255

    @property
    def shape(self) -> tuple[int, int, int]:
        return BANDS, self.frames, 1

    @property
    def sentence(self) -> str:
        return (
            f"Sounds are heard at {self.rate:,} Hz for {self.frames * HOP_S:.1f} s; what is longer is cut off. "
            "Training moves each a little in time and silences some neighbouring bands and moments of it."
        )

    def see(self, content: bytes) -> Seen:
        samples, rate = decoded(content, seconds=self.frames * HOP_S)
        levels = loudness(resampled(samples, rate, self.rate), self.rate)[: self.frames]
        share = np.clip((levels - QUIETEST) / (LOUDEST - QUIETEST), 0, 1)
        seen = np.zeros(self.shape, dtype=np.uint8)
        seen[:, : len(levels), 0] = np.rint(255 * share).T
        return seen

    def vary(self, seen: Seen, chance: np.random.Generator) -> Seen:
        """Moved in time, and some neighbouring bands and frames silenced: SpecAugment (Park et al. 2019)."""
        changed = seen[:, moved_places(self.frames, chance)]
        mean = round(255 * self.mean[0])
        for axis, most in ((0, MASKED[0]), (1, self.frames // MASKED[1])):
            size = int(chance.integers(0, most + 1))
            start = int(chance.integers(0, changed.shape[axis] - size + 1))
            changed[(slice(None),) * axis + (slice(start, start + size),)] = mean
        return changed

    def document(self) -> dict[str, Any]:
        """Everything that a spectrogram needs; transformers has no class of its own for it."""
        return {
            "feature_extractor_type": "LogMelSpectrogram",
            "sampling_rate": self.rate,
            "window": "hann",
            "window_length": _samples(WINDOW_S, self.rate),
            "hop_length": _samples(HOP_S, self.rate),
            "fft_length": _fft(self.rate),
            "mel_bands": BANDS,
            "mel_scale": "htk",
            "min_frequency": 0.0,
            "max_frequency": self.rate / 2,
            "decibels": [QUIETEST, LOUDEST],
            "frames": self.frames,
            "mean": self.mean[0],
            "std": self.std[0],
        }


def view_of(rates: Iterable[int], seconds: Iterable[float]) -> SoundView:
    """What fits the training sounds: no more hertz than most of them have, and as long as nearly all of them."""
    length = min(LONGEST_S, float(np.quantile(list(seconds), SHARE)))
    frames = int(length / HOP_S) + 1
    return SoundView(rate=min(max(median_low(rates), RATES[0]), RATES[1]), frames=-(-frames // STEP) * STEP)


def published_view(document: dict[str, Any]) -> SoundView:
    """The view that wrote the `document`."""
    return SoundView(
        rate=document["sampling_rate"],
        frames=document["frames"],
        mean=(document["mean"],),
        std=(document["std"],),
    )


def fitted(view: SoundView, heard: Media) -> SoundView:
    """The view with mean and deviation of the training sounds."""
    counts = np.sum([np.bincount(seen.ravel(), minlength=256) for seen in heard.each(AT_ONCE)], axis=0)
    shares, values = counts / counts.sum(), np.arange(256) / 255
    mean = float(shares @ values)
    deviation = float(np.sqrt(shares @ (values - mean) ** 2))
    return replace(view, mean=(mean,), std=(max(deviation, LEAST_STD),))


def decoded(content: bytes, *, seconds: float) -> tuple[Samples, int]:
    """The mean of the channels over the first `seconds`, and its rate. Raises `Undecodable`."""
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as sound:
            rate = sound.samplerate
            samples = sound.read(ceil(seconds * rate), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise Undecodable from error
    if not len(samples) or not np.isfinite(samples).all():
        raise Undecodable
    return samples.mean(1), rate


def resampled(samples: Samples, rate: int, wanted: int) -> Samples:
    """By a polyphase low-pass filter, so that nothing above half the new rate folds back."""
    if rate == wanted:
        return samples
    common = gcd(rate, wanted)
    return np.asarray(resample_poly(samples, wanted // common, rate // common), dtype=np.float32)


def loudness(samples: Samples, rate: int) -> NDArray[np.float64]:
    """[frames, bands] decibels; frame n is centred on sample n times the hop, as `transformers.audio_utils` does."""
    window, bands = _filters(rate)
    padded = np.pad(samples.astype(np.float64), len(window) // 2)
    framed = np.lib.stride_tricks.sliding_window_view(padded, len(window))[:: _samples(HOP_S, rate)]
    power = np.abs(np.fft.rfft(framed * window, n=_fft(rate))) ** 2
    return np.asarray(10 * np.log10(np.maximum(power @ bands, 10 ** (QUIETEST / 10))))


@lru_cache(maxsize=4)
def _filters(rate: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The window, such that a sine at full scale has the power 1, and [frequencies, bands] weights."""
    size = _samples(WINDOW_S, rate)
    window = np.hanning(size + 1)[:-1]
    bands = mel_filter_bank(_fft(rate) // 2 + 1, BANDS, 0.0, rate / 2, rate, mel_scale="htk")
    return window * 2 / window.sum(), bands


def _samples(seconds: float, rate: int) -> int:
    return 2 * round(seconds * rate / 2)


def _fft(rate: int) -> int:
    """The power of two above a window, doubled: the lowest bands are narrower than what the window alone resolves."""
    return 2 * int(2 ** np.ceil(np.log2(_samples(WINDOW_S, rate))))
