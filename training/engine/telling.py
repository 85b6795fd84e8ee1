"""The sentences a customer reads in a job's events: what was chosen and why, what was noticed."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from contracts.child import Progress
from contracts.columns import VALUE, Columns
from contracts.compression import Compression
from contracts.fine_tune import FineTuneSpec
from contracts.problems import echo
from training.engine.checkpoint import Standing
from training.engine.compress.contract import Compressed
from training.engine.data.histories import OTHER, READ, Histories
from training.engine.data.passages import QUESTION, Windows
from training.engine.data.pictures import PictureView
from training.engine.data.seeing import View
from training.engine.data.tokens import Tokens
from training.engine.data.windows import LARGER
from training.engine.judging.compared import shown, spelt
from training.engine.model.base import Base
from training.engine.settings import Habits, Settings, method_of
from training.engine.voice import Voice

METHODS = {
    "full": "every layer of {base} is trained",
    "upper_layers": "the upper {upper} of {base}'s {layers} layers are trained, the lower ones stay as they are",
    "head": "the head alone is trained, on what {base} says of each text as it is",
    "lora": "low-rank adapters (rank {rank}) are trained beside {base}'s {layers} layers and merged at the end",
    "dora": "low-rank adapters (rank {rank}) and the lengths of what they turn are trained beside {base}'s {layers} "
    "layers and merged at the end",
    "ia3": "factors for keys, values and inner activations of {base}'s {layers} layers are trained and merged at the "
    "end",
}

LISTED = 10  # columns named in a sentence
RARE = 0.2  # of a column's training rows with values that hardly another has: from here on it is told


def phase(voice: Voice, name: str, step: int, steps: int) -> None:
    voice.progress(Progress(phase=name, step=step, steps=steps))


def choices(voice: Voice, spec: FineTuneSpec, base: Base, habits: Habits, chosen: Settings) -> None:
    what = METHODS[chosen.method].format(
        base=spec.base.name, upper=base.layers - chosen.first_layer, layers=base.layers, rank=chosen.lora_rank
    )
    reason = method_of(spec, base, habits)[1]
    voice.event(
        f"Method {chosen.method}: {what} ({reason}). Up to {chosen.epochs} epochs of {chosen.batch_size} rows a step, "
        f"peak learning rate {chosen.learning_rate:.2g}.",
        method=chosen.method,
        epochs=chosen.epochs,
        batch_size=chosen.batch_size,
        learning_rate=chosen.learning_rate,
        bfloat16=chosen.bfloat16,
        threads=chosen.threads,
    )


def weighted(voice: Voice, labels: tuple[str, ...], weights: Tensor | None) -> None:
    if weights is None:
        return
    (low, least), (high, most) = (pick(zip(weights.tolist(), labels, strict=True)) for pick in (min, max))
    voice.event(
        f"Classes are weighted: in the loss a row counts from {low:.2g} ({echo(least)}) to {high:.2g} ({echo(most)}).",
        lightest=low,
        heaviest=high,
    )


def head(voice: Voice, *, goes_on: bool) -> None:
    if goes_on:
        voice.event("The base was trained for the same labels: it goes on from its own head.", head="kept")


def truncated(voice: Voice, tokens: Mapping[Any, Tokens], chosen: Settings) -> None:
    several = [split for split in tokens.values() if isinstance(split, Windows)]
    if several:
        windowed(voice, several, chosen)
        return
    cut = sum(split.truncated for split in tokens.values())
    if cut:
        total = sum(len(split) for split in tokens.values())
        message = f"{cut:,} of {total:,} texts are longer than {chosen.max_length} tokens; what is beyond was cut off."
        voice.event(message, level="warn", truncated=cut)


def windowed(voice: Voice, splits: Sequence[Windows], chosen: Settings) -> None:
    """What became of contexts that are longer than what is read at once, and of long questions."""
    counts = [torch.bincount(split.rows) for split in splits]
    rows, longer = sum(map(len, counts)), sum(int((one > 1).sum()) for one in counts)
    if longer:
        message = (
            f"{longer:,} of {rows:,} contexts are longer than the {chosen.max_length} tokens that are read at once: "
            f"they are read in {sum(map(len, splits)) - rows + longer:,} windows, each with {splits[0].overlap} "
            "tokens of the one before."
        )
        voice.event(message, longer=longer)
    if cut := sum(split.truncated for split in splits):
        message = (
            f"{cut:,} of {rows:,} questions are longer than {chosen.max_length // QUESTION} tokens, a fourth of what "
            "is read at once; what is beyond was cut off."
        )
        voice.event(message, level="warn", truncated=cut)


def lived(voice: Voice, items: int, splits: Mapping[str, Histories]) -> None:
    """What was made of rows of what happened, in order."""
    steps = sum(len(split.codes) for split in splits.values())
    strange = sum(int((split.codes == OTHER).sum()) for split in splits.values())
    longer = sum(end - start > READ for split in splits.values() for start, end in pairwise(split.offsets))
    message = f"{items:,} items stand often enough in the training rows to be known"
    message += f"; {strange:,} of {steps:,} steps are of others." if strange else "."
    if longer:
        message += f" {longer:,} rows are longer than the {READ} steps that are read at once and are read in pieces."
    voice.event(message, items=items, steps=steps, unknown=strange, longer=longer)


def columns(voice: Voice, found: Columns) -> None:
    """What was made of each column of a table."""
    numbers = [one.column for one in found.numbers if one.part == VALUE]
    moments = list(dict.fromkeys(one.column for one in found.numbers if one.part != VALUE))
    categories = [one.column for one in found.categories]
    counted = ((numbers, "numbers"), (categories, "categories"), (moments, "dates"))
    message = f"Columns: {', '.join(f'{len(names):,} of {noun}' for names, noun in counted if names)}"
    if found.dropped:
        message += f"; left out, as they cannot tell rows apart: {_listed(found.dropped)}"
    voice.event(
        f"{message}.", numbers=len(numbers), categories=len(categories), dates=len(moments), dropped=len(found.dropped)
    )
    rare = [one.column for one in found.categories if one.rare >= RARE]
    if rare:
        message = (
            f"In {_listed(rare)} many cells hold a value that hardly another training row has, such as a free text or "
            "a number of a person: these count as one value, 'another'."
        )
        voice.event(message, level="warn", columns=len(rare))


def _listed(names: Sequence[str]) -> str:
    rest = f" and {len(names) - LISTED:,} more" if len(names) > LISTED else ""
    return f"{', '.join(map(echo, names[:LISTED]))}{rest}"


def sampled(voice: Voice, judged: int, rows: int) -> None:
    message = f"Answers are written to {judged:,} of the {rows:,} test rows, drawn at random, and judged on these."
    voice.event(message, rows_written=judged)


def shortened(voice: Voice, cut: int, texts: int, chosen: Settings) -> None:
    """Of prompts and answers that stand one behind the other."""
    if cut:
        message = (
            f"{cut:,} of {texts:,} texts do not fit into the {chosen.max_length} tokens that a prompt and its answer "
            "share; what is beyond was cut off."
        )
        voice.event(message, level="warn", truncated=cut)


def pieces(voice: Voice, count: int, texts: int, tokens: int) -> None:
    """Of training texts without labels, of which nothing is cut off."""
    cut = f", longer ones in several pieces ({count:,} in all)" if count > texts else ""
    voice.event(f"{texts:,} texts are learnt from, {tokens:,} tokens{cut}.", texts=texts, tokens=tokens, pieces=count)


def fills_anew(voice: Voice, base: Base) -> None:
    voice.event(f"{base.spec.name} brings nothing that foretells hidden words: that part starts anew.", head="new")


def extended(voice: Voice, words: int, before: int, after: int) -> None:
    """`before`, `after`: tokens of the training texts."""
    message = (
        f"{words:,} frequent words that were cut into pieces are tokens of their own now: the training texts have "
        f"{after:,} tokens instead of {before:,}."
    )
    voice.event(message, words=words, tokens=after, tokens_before=before)


def seen(voice: Voice, view: View) -> None:
    """What pictures or sounds are brought to, and how training varies them."""
    height, width, channels = view.shape
    voice.event(view.sentence, height=height, width=width, channels=channels)


def scenes(voice: Voice, view: PictureView) -> None:
    """What pictures are brought to, and how much of them training shows."""
    height, width, channels = view.shape
    mirrored = (
        "mirrors half of them, as left and right mean nothing there"
        if view.mirrored
        else "mirrors none: left and right may tell classes apart"
    )
    message = (
        f"Pictures are brought to {width} by {height} pixels. Training shows windows on them, up to {LARGER:g} times "
        f"as large or as small, and {mirrored}."
    )
    voice.event(message, height=height, width=width, channels=channels, mirrored=view.mirrored)


def resumed(voice: Voice, step: int | None, broken: list[str]) -> None:
    for name in broken:
        voice.event(f"The checkpoint {name} is damaged and was passed over.", level="warn", checkpoint=name)
    if step is None:
        voice.event("No checkpoint could be read: the training starts again.", level="warn")
    else:
        voice.event(f"The training goes on from step {step:,}.", step=step)


def recovery(voice: Voice, asked: Compression, chosen: Settings) -> None:
    voice.event(
        f"What {asked.method} leaves of the model learns again, from the rows and from what the original says to them: "
        f"up to {chosen.epochs} epochs of {chosen.batch_size} rows a step, peak learning rate "
        f"{chosen.learning_rate:.2g}.",
        epochs=chosen.epochs,
        batch_size=chosen.batch_size,
        learning_rate=chosen.learning_rate,
    )


def compressed(voice: Voice, found: Compressed) -> None:
    level = "info" if found.kept else "warn"
    voice.event(found.sentence, level=level, kept=found.kept, lost=found.lost, speedup=round(found.speedup, 3))


def tried(voice: Voice, chosen: Settings, standing: Standing) -> None:
    ran = len(standing.history)
    if standing.pruned:
        voice.event(f"Given up after {ran} of {chosen.epochs} epochs: earlier trials were better by then.", epochs=ran)


def end(voice: Voice, spec: FineTuneSpec, chosen: Settings, standing: Standing) -> None:
    ran, metric = len(standing.history), spec.task.metric
    early = f"stopped early after {ran}" if ran < chosen.epochs else f"ran all {ran}"
    best = standing.history[standing.best_epoch - 1][f"valid_{metric}"]
    voice.event(
        f"Training {early} epochs in {standing.seconds:.0f} s; kept epoch {standing.best_epoch}, "
        f"whose {spelt(metric)} on validation is {shown(metric, best)}.",
        epochs=ran,
        best_epoch=standing.best_epoch,
        seconds=round(standing.seconds, 1),
    )
