"""Compresses an encoder of texts with its head. Read `compress` top to bottom."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from transformers import PreTrainedModel

from contracts.compression import EXPORTS, Compression
from training.engine import telling
from training.engine.compress import exported
from training.engine.compress.contract import Compressed, Side
from training.engine.compress.exported import Exported, Inputs
from training.engine.compress.lighter import Original, Train, lighter
from training.engine.compress.measured import cost
from training.engine.data.order import by_length, shuffled
from training.engine.judging.compared import Detail
from training.engine.model.packed import Packed
from training.engine.model.padded import Padded
from training.engine.model.prepare import network_of
from training.engine.tasks.texts import Corpus
from training.engine.voice import Voice

FILE = "onnx/model.onnx"
WEIGHTS = "model.safetensors"
SHOWN, AT_ONCE = 256, 16  # training texts that show how large numbers become

Network = Packed | Padded


def compress(
    asked: Compression, original: Original, place: Path, train: Train, voice: Voice
) -> tuple[Compressed, Detail]:
    """Fills `place` with the smaller model, whether it holds the contract or not. What became of it, and its answers.

    A model that was cut is a folder as `publish` writes it; one as an ONNX graph is `FILE` in it."""
    corpus, standing, form = original.corpus, None, asked.method if asked.method in EXPORTS else asked.then
    # 1. fewer weights, which learn again
    telling.phase(voice, "compressing", 0, 3)
    published = corpus.recipe.HEAD.from_pretrained(original.folder, use_safetensors=True).eval()
    model, weights, network = published, original.folder / WEIGHTS, _network(corpus, published)
    before = _measured(original.detail, weights, network, corpus)
    if asked.method not in EXPORTS:
        reading, standing = lighter(asked, original, published, train, voice)
        reading.publish(place)
        corpus = reading
        model = corpus.recipe.HEAD.from_pretrained(place, use_safetensors=True).eval()
        weights, network = place / WEIGHTS, _network(corpus, model)
    # 2. as an ONNX graph
    telling.phase(voice, "compressing", 1, 3)
    if form is not None:
        weights = place / FILE
        network = _exported(form, model, corpus, weights)
    # 3. judged on the same rows as the original, measured beside it
    telling.phase(voice, "compressing", 2, 3)
    detail = corpus.judged(network, original.plain, voice, bfloat16=form is None and corpus.settings.bfloat16)
    after = _measured(detail, weights, network, corpus)
    found = Compressed(asked=asked, before=before, after=after, recovery=standing)
    telling.compressed(voice, found)
    telling.phase(voice, "compressing", 3, 3)
    return found, detail


def _exported(form: str, model: PreTrainedModel, corpus: Corpus, file: Path) -> Padded:
    """The model as a graph in `file`. `form`: of `EXPORTS`."""
    file.parent.mkdir(parents=True)
    filler = int(corpus.tokenizer.pad_token_id)
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "model.onnx"
        exported.export_texts(model, corpus.tokenizer, whole)
        if form == "onnx":
            shutil.copy(whole, file)
        elif form == "int8":
            exported.quantise(whole, file)
        else:
            exported.quantise_statically(whole, file, _shown(Padded(model=model, filler=filler), corpus))
    return Padded(model=Exported(file, threads=corpus.settings.threads), filler=filler)


def _shown(network: Padded, corpus: Corpus) -> Iterator[Inputs]:
    """Some training rows, in the training's own order."""
    tokens = corpus.splits["train"].tokens
    rows = shuffled(len(tokens), batch_size=SHOWN, seed=corpus.settings.seed, epoch=0)[0]
    lengths = [tokens.lengths[row] for row in rows]
    for batch in by_length(lengths, batch_size=AT_ONCE):
        yield network.inputs(tokens, network.batch(tokens, [rows[at] for at in batch]))


def _network(corpus: Corpus, model: PreTrainedModel) -> Network:
    return network_of(corpus.base, model, corpus.tokenizer)


def _measured(detail: Detail, weights: Path, network: Network, corpus: Corpus) -> Side:
    return Side(
        compared=detail.compared, bytes=weights.stat().st_size, cost=cost(network, corpus.splits["test"].tokens)
    )
