"""One sound: whether it is one, and what can be measured of it without a model. Read are WAV, FLAC and OGG."""

import struct
from pathlib import Path
from typing import TypedDict

import numpy as np
import polars as pl
import soundfile  # type: ignore[import-untyped]  # ships no types

from contracts.ingestion import Limits
from training.ingest.media.bad import BadMedia

FORMATS = ("WAV", "WAVEX", "FLAC", "OGG")
MOST_CHANNELS = 8
BLOCK = 1 << 16  # frames read at a time
FULL = 0.999  # of the largest amplitude: clipped


class Facts(TypedDict):
    rate: int
    channels: int
    seconds: float
    level: float
    clipped: float


SCHEMA: dict[str, pl.DataType] = {
    "rate": pl.Int64(), "channels": pl.Int64(), "seconds": pl.Float64(), "level": pl.Float64(), "clipped": pl.Float64(),
}  # fmt: skip


def facts(path: Path, limits: Limits) -> Facts:
    """Rate in hertz, length in seconds, `level`: the root mean square against full scale in decibels, `clipped`: the
    share of samples at full scale.

    Raises `BadMedia`: `unsupported_audio`, `corrupt_audio`, `no_samples`, `too_many_channels`, `sound_too_long`.
    """
    try:
        with soundfile.SoundFile(path) as sound:
            if sound.format not in FORMATS:
                raise BadMedia("unsupported_audio")
            if sound.channels > MOST_CHANNELS:
                raise BadMedia("too_many_channels")
            if sound.frames > limits.sound_seconds * sound.samplerate:
                raise BadMedia("sound_too_long")
            frames, squares, clipped = 0, 0.0, 0
            for block in sound.blocks(BLOCK, dtype="float32", always_2d=True):
                frames += len(block)
                squares += float(np.square(block, dtype=np.float64).sum())
                clipped += int((np.abs(block) >= FULL).sum())
            rate, channels, promised = sound.samplerate, sound.channels, sound.frames
    except soundfile.LibsndfileError as error:
        raise BadMedia("unsupported_audio") from error
    if not frames:
        raise BadMedia("no_samples")
    if frames != promised or not np.isfinite(squares) or _cut_off(path):
        raise BadMedia("corrupt_audio")
    samples = frames * channels
    level = 10 * np.log10(max(squares / samples, 1e-12))
    return Facts(rate=rate, channels=channels, seconds=frames / rate, level=float(level), clipped=clipped / samples)


def _cut_off(path: Path) -> bool:
    """Whether a RIFF file is shorter than its header says: libsndfile reads what there is without a word."""
    with path.open("rb") as stream:
        head = stream.read(8)
    return head[:4] == b"RIFF" and struct.unpack("<I", head[4:])[0] + 8 > path.stat().st_size + 1
