"""Compresses what `tasks.texts` published: an encoder of texts with its head."""

import shutil
import tempfile
from pathlib import Path

from contracts.fine_tune import Compression
from training.engine import telling
from training.engine.compress import exported
from training.engine.compress.contract import Compressed, Side
from training.engine.compress.exported import Exported
from training.engine.compress.measured import cost
from training.engine.judging.baseline import Baselines
from training.engine.judging.compared import Detail
from training.engine.model.padded import Padded
from training.engine.model.prepare import network_of
from training.engine.tasks.texts import Reading, placed, predict
from training.engine.voice import Voice

FILE = "onnx/model.onnx"


def compress(
    asked: Compression, work: Reading, folder: Path, plain: Baselines, detail: Detail, voice: Voice
) -> Compressed:
    """Adds `FILE` to the artifact's folder where it holds the contract. `detail`: of the original."""
    published = work.recipe.HEAD.from_pretrained(folder, use_safetensors=True).eval()
    # 1. the graph, and its weights as integers
    telling.phase(voice, "compressing", 0, 3)
    file = folder / FILE
    file.parent.mkdir()
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "model.onnx"
        exported.export_texts(published, work.tokenizer, whole)
        if asked.method == "int8":
            exported.quantise(whole, file)
        else:
            shutil.copy(whole, file)
    telling.phase(voice, "compressing", 1, 3)
    # 2. judged on the same rows as the original
    model = Exported(file, threads=work.settings.threads)
    network = Padded(model=model, filler=int(work.tokenizer.pad_token_id))
    answered = {}
    for name in ("validation", "test"):
        split = work.splits[name]
        answered[name] = split, placed(*predict(network, split.tokens, None, bfloat16=False), split)
    after = work.recipe.examine(work.spec.task, answered, plain)
    telling.phase(voice, "compressing", 2, 3)
    # 3. measured beside it, and kept or not
    tokens, original = work.splits["test"].tokens, network_of(work.base, published, work.tokenizer)
    size = (folder / "model.safetensors").stat().st_size
    found = Compressed(
        asked=asked,
        before=Side(compared=detail.compared, bytes=size, cost=cost(original, tokens)),
        after=Side(compared=after.compared, bytes=file.stat().st_size, cost=cost(network, tokens)),
    )
    if not found.kept:
        shutil.rmtree(file.parent)
    telling.compressed(voice, found)
    telling.phase(voice, "compressing", 3, 3)
    return found
