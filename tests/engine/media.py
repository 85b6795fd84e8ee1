"""Small pictures and sounds of classes, as data.parquet holds them, and bases for pictures made on the spot."""

import io
import json
import random
import wave
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from transformers import AutoModelForImageClassification, PretrainedConfig, ResNetConfig, ViTConfig

from contracts.fine_tune import FROM_SCRATCH, BaseModel

SMALL = {base.name: base for base in FROM_SCRATCH}
RATE = 8_000
PITCHES = (300.0, 900.0, 2_000.0)  # hertz, a class each
VIT = ViTConfig(
    image_size=16, patch_size=4, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64
)  # fmt: skip
RESNET = ResNetConfig(embedding_size=16, hidden_sizes=[16, 32], depths=[1, 1], layer_type="basic")
SCENE = (36, 48)  # height, width
Box = tuple[int, tuple[int, int, int, int]]  # kind and corners
CORNERS = ("xmin", "ymin", "xmax", "ymax")
PROCESSOR = {
    "image_processor_type": "ViTImageProcessor", "size": {"height": 16, "width": 16}, "image_mean": [0.4, 0.5, 0.6],
    "image_std": [0.2, 0.25, 0.3], "resample": 3, "do_resize": True, "do_normalize": True,
}  # fmt: skip


def picture(bright: list[int], chance: random.Random, *, size: tuple[int, int] = (20, 24)) -> bytes:
    """Noise, in which the channels named are bright."""
    pixels = np.frombuffer(chance.randbytes(size[0] * size[1] * 3), dtype=np.uint8).reshape(*size, 3) // 3
    for channel in bright:
        pixels[..., channel] += 120
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def scene(kinds: list[int], chance: random.Random, *, size: tuple[int, int] = SCENE) -> tuple[bytes, list[Box]]:
    """Dark noise with bright things in it, each of the channel that is its kind; and the kind and corners of each."""
    pixels = np.frombuffer(chance.randbytes(size[0] * size[1] * 3), dtype=np.uint8).reshape(*size, 3) // 4
    boxes = list[Box]()
    for kind in kinds:
        height, width = chance.randint(9, 16), chance.randint(9, 16)
        top, left = chance.randint(0, size[0] - height), chance.randint(0, size[1] - width)
        pixels[top : top + height, left : left + width] //= 2
        pixels[top : top + height, left : left + width, kind] += 170
        boxes.append((kind, (left, top, left + width, top + height)))
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue(), boxes


def mask(boxes: list[Box], *, size: tuple[int, int] = SCENE) -> bytes:
    """Of a scene: 10 times the number of each kind, from 1."""
    greys = np.zeros(size, dtype=np.uint8)
    for kind, (left, top, right, bottom) in boxes:
        greys[top:bottom, left:right] = 10 * (kind + 1)
    stream = io.BytesIO()
    Image.fromarray(greys).save(stream, "PNG")
    return stream.getvalue()


def sound(pitch: float, chance: random.Random, *, seconds: float = 0.2, rate: int = RATE, channels: int = 1) -> bytes:
    """A sine among noise."""
    moments = np.arange(int(seconds * rate)) / rate
    noise = np.frombuffer(chance.randbytes(len(moments)), dtype=np.int8) / 1_000
    samples = 0.5 * np.sin(2 * np.pi * pitch * moments) + noise
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat((samples * 32_000).astype("<i2"), channels).tobytes())
    return stream.getvalue()


def of_image(content: bytes) -> dict[str, Any]:
    with Image.open(io.BytesIO(content)) as image:
        measured = {"width": image.width, "height": image.height}
    return {"path": "some.png", "sha256": sha256(content).hexdigest(), **measured, "bytes": content}


def of_audio(content: bytes, *, seconds: float = 0.2) -> dict[str, Any]:
    measured = {"rate": RATE, "seconds": seconds}
    return {"path": "some.wav", "sha256": sha256(content).hexdigest(), **measured, "bytes": content}


def base(folder: Path, config: PretrainedConfig = VIT, **said: Any) -> BaseModel:
    """A folder as a hub has it: config, safetensors, how pictures are to be prepared; a head for two classes."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = AutoModelForImageClassification.from_config(config)  # type: ignore[no-untyped-call]
        made.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps({**PROCESSOR, **said}))
    return BaseModel(name="eyes", location=str(folder), kinds=("image-classification",))
