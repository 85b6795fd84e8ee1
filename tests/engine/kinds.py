"""Rows of every kind that the engine trains, made on the spot from the words of `tiny`, and specs that ask for them."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from contracts.fine_tune import FineTuneSpec
from contracts.task import (
    AUDIO_CLASSIFICATION,
    CAUSAL_LANGUAGE,
    IMAGE_CLASSIFICATION,
    IMAGE_SEGMENTATION,
    MASKED_LANGUAGE,
    OBJECT_DETECTION,
    QUESTION_ANSWERING,
    SEQUENCE_PREDICTION,
    SUMMARIZATION,
    TABULAR_CLASSIFICATION,
    TABULAR_REGRESSION,
    TEXT_CLASSIFICATION,
    TEXT_GENERATION,
    TEXT_MATCHING,
    TEXT_REGRESSION,
    TOKEN_CLASSIFICATION,
    TRANSLATION,
    TaskSpec,
    form_of,
)
from tests.engine import media, tiny

Row = dict[str, Any]
Form = tuple[str, str]

ASKED = {"cards": "why", "loans": "what", "fees": "about"}  # what a question begins with, by what it asks for
FILLER = [word for word in tiny.FILLER if word not in ASKED.values()]
PAGES = ("home", "prices", "terms", "contact", "jobs")
START = datetime(2024, 1, 1)  # noqa: DTZ001 - as a version stores moments
SPLITS = {"train": 120, "validation": 24, "test": 36}


def _text(chance: random.Random, labels: list[str]) -> str:
    words = [word for label in labels for word in chance.choices(tiny.WORDS[label], k=2)]
    words += chance.choices(tiny.FILLER, k=chance.randint(1, 8))
    chance.shuffle(words)
    return " ".join(words)


def _single(chance: random.Random, index: int) -> Row:
    label = tiny.LABELS[index % 3]
    return {"text": _text(chance, [label]), "label": label}


def _several(chance: random.Random, index: int) -> Row:
    labels = [label for place, label in enumerate(tiny.LABELS) if index >> place & 1]
    return {"text": _text(chance, labels), "labels": sorted(labels)}


def _scored(chance: random.Random, index: int) -> Row:
    """Thousands, so that a model that answers in its own unit is far off."""
    label = index % 3
    return {"text": _text(chance, [tiny.LABELS[label]]), "score": 5_000.0 + 1_000.0 * label}


def _tagged(chance: random.Random, index: int) -> Row:
    """Entities of one or two words, far within what the base reads."""
    tokens, tags = list[str](), list[str]()
    for _ in range(chance.randint(1, 3)):
        label, size = chance.choice(tiny.LABELS), chance.randint(1, 2)
        filler = chance.choices(tiny.FILLER, k=chance.randint(1, 3))
        tokens += [*filler, *chance.choices(tiny.WORDS[label], k=size)]
        tags += [*("O" for _ in filler), f"B-{label}", *(f"I-{label}" for _ in range(size - 1))]
    return {"tokens": tokens, "tags": tags}


def _labelled_pair(chance: random.Random, index: int) -> Row:
    """Only the second text says the label: a model that read the first alone would know nothing."""
    first, second = chance.choice(tiny.LABELS), tiny.LABELS[index % 3]
    return {"text_a": _text(chance, [first]), "text_b": _text(chance, [second]), "label": second}


def _scored_pair(chance: random.Random, index: int) -> Row:
    first = chance.choice(tiny.LABELS)
    second = first if index % 2 else chance.choice([label for label in tiny.LABELS if label != first])
    return {"text_a": _text(chance, [first]), "text_b": _text(chance, [second]), "score": 5.0 if index % 2 else 1.0}


def _triple(chance: random.Random, index: int) -> Row:
    right, wrong = chance.sample(tiny.LABELS, k=2)
    return {"query": _text(chance, [right]), "positive": _text(chance, [right]), "negative": _text(chance, [wrong])}


def _columns(chance: random.Random, label: str) -> Row:
    """Number and category tell the label together only; of cards some have no number, which tells it, too. A date that
    tells nothing, a number of a person, and a column that always says the same."""
    amount = {"cards": chance.uniform(0, 120), "loans": chance.gauss(90, 10), "fees": chance.gauss(20, 10)}[label]
    return {
        "amount": None if label == "cards" and chance.random() < 0.3 else amount,
        "channel": "web" if label == "cards" else chance.choice(["shop", "phone"]),
        "since": START + timedelta(minutes=chance.randrange(1_000_000)),
        "person": f"P{chance.randrange(10**9)}",
        "country": "CH",
    }


def _labelled_columns(chance: random.Random, index: int) -> Row:
    label = tiny.LABELS[index % 3]
    return {"features": _columns(chance, label), "label": label}


def _counted_columns(chance: random.Random, index: int) -> Row:
    label = index % 3
    return {"features": _columns(chance, tiny.LABELS[label]), "target": 5_000.0 + 1_000.0 * label}


def _sentences(chance: random.Random, index: int) -> Row:
    """Word by word into a language that writes each the other way round."""
    words = chance.choices(tiny.WORDS["cards"], k=chance.randint(4, 7))
    return {"source": " ".join(words), "target": " ".join(word[::-1] for word in words)}


def _document(chance: random.Random, index: int) -> Row:
    label = tiny.LABELS[index % 3]
    return {"text": _text(chance, [label]), "summary": f"a letter on {label}"}


def _instructed(chance: random.Random, index: int) -> Row:
    label = tiny.LABELS[index % 3]
    return {"prompt": _text(chance, [label]), "completion": f"we answer on {label}"}


def _unlabelled(chance: random.Random, index: int) -> Row:
    """A word says which one comes next."""
    words = chance.choices(tiny.FILLER, k=chance.randint(2, 6))
    return {"text": " ".join(f"{word} {FOLLOWS[word]}" for word in words)}


def _asked(chance: random.Random, index: int) -> Row:
    """Of two phrases in the context the question's first word says which is asked for; each sixth asks for neither."""
    said, other, absent = chance.sample(tiny.LABELS, k=3)
    phrases = {label: " ".join(chance.choices(tiny.WORDS[label], k=chance.randint(1, 2))) for label in (said, other)}
    parts = [" ".join([*chance.choices(FILLER, k=chance.randint(1, 4)), phrase]) for phrase in phrases.values()]
    chance.shuffle(parts)
    label = absent if index % 6 == 0 else said
    return {"question": f"{ASKED[label]} is it", "context": " ".join(parts), "answer": phrases.get(label, "")}


def _picture(chance: random.Random, index: int) -> Row:
    return {"image": media.of_image(media.picture([index % 3], chance)), "label": tiny.LABELS[index % 3]}


def _several_in_a_picture(chance: random.Random, index: int) -> Row:
    bright = [place for place in range(3) if index >> place & 1]
    labels = sorted(tiny.LABELS[place] for place in bright)
    return {"image": media.of_image(media.picture(bright, chance)), "labels": labels}


def _boxed(chance: random.Random, index: int) -> Row:
    """Up to three things, and in every fourth picture none."""
    content, boxes = media.scene([chance.randrange(3) for _ in range(index % 4)], chance)
    return {
        "image": media.of_image(content),
        "boxes": [
            {"label": tiny.LABELS[kind], **dict(zip(media.CORNERS, map(float, corners), strict=True))}
            for kind, corners in boxes
        ],
    }


def _masked(chance: random.Random, index: int) -> Row:
    """Each thing in the grey of its kind."""
    content, boxes = media.scene([chance.randrange(3) for _ in range(index % 4)], chance)
    return {"image": media.of_image(content), "mask": media.of_image(media.mask(boxes))}


def _sound(chance: random.Random, index: int) -> Row:
    return {"audio": media.of_audio(media.sound(media.PITCHES[index % 3], chance)), "label": tiny.LABELS[index % 3]}


FOLLOWS = dict(zip(tiny.FILLER, (word for words in tiny.WORDS.values() for word in words), strict=False))


def _answered(chance: random.Random, index: int) -> Row:
    """Two skills by turns; who could once can the next time, too, but of that skill only."""
    able = {skill: chance.random() < 0.5 for skill in ("adding", "dividing")}
    items = chance.choices(list(able), k=chance.randint(1, 12))
    return {"items": items, "outcomes": [float(able[item] == (chance.random() < 0.9)) for item in items]}


def _visited(chance: random.Random, index: int) -> Row:
    """Round and round, forwards or backwards: two pages tell the third."""
    place, step = chance.randrange(len(PAGES)), chance.choice((1, -1))
    return {"items": [PAGES[(place + step * at) % len(PAGES)] for at in range(chance.randint(2, 10))]}


MAKERS: dict[Form, Callable[[random.Random, int], Row]] = {
    (TEXT_CLASSIFICATION, "single-label"): _single,
    (TEXT_CLASSIFICATION, "multi-label"): _several,
    (TEXT_REGRESSION, "scored"): _scored,
    (TOKEN_CLASSIFICATION, "tagged"): _tagged,
    (TEXT_MATCHING, "labelled-pairs"): _labelled_pair,
    (TEXT_MATCHING, "scored-pairs"): _scored_pair,
    (TEXT_MATCHING, "triples"): _triple,
    (QUESTION_ANSWERING, "extractive"): _asked,
    (TABULAR_CLASSIFICATION, "rows"): _labelled_columns,
    (TABULAR_REGRESSION, "rows"): _counted_columns,
    (TRANSLATION, "sentences"): _sentences,
    (SUMMARIZATION, "documents"): _document,
    (TEXT_GENERATION, "instructed"): _instructed,
    (IMAGE_CLASSIFICATION, "single-label"): _picture,
    (IMAGE_CLASSIFICATION, "multi-label"): _several_in_a_picture,
    (OBJECT_DETECTION, "boxed"): _boxed,
    (IMAGE_SEGMENTATION, "masked"): _masked,
    (AUDIO_CLASSIFICATION, "single-label"): _sound,
    (MASKED_LANGUAGE, "texts"): _unlabelled,
    (CAUSAL_LANGUAGE, "texts"): _unlabelled,
    (SEQUENCE_PREDICTION, "answered"): _answered,
    (SEQUENCE_PREDICTION, "next-item"): _visited,
}
WRITTEN = ((TRANSLATION, "sentences"), (SUMMARIZATION, "documents"), (TEXT_GENERATION, "instructed"))
LABELLED = ("label", "labels", "tags", "boxes")


def rows(form: Form, *, seed: int = 0) -> list[Row]:
    chance = random.Random(seed)
    maker = MAKERS[form]
    return [{**maker(chance, index), "split": split} for split, count in SPLITS.items() for index in range(count)]


def version(folder: Path, made: list[Row]) -> Path:
    """Writes `folder`/data.parquet as ingestion does."""
    folder.mkdir(parents=True, exist_ok=True)
    frame = pl.DataFrame(made, infer_schema_length=None).with_row_index("row", offset=1)
    frame.with_columns(pl.col("row").cast(pl.Int64)).write_parquet(folder / "data.parquet")
    return folder


def spec(form: Form, base: Path, *, metric: str | None = None, **asked: Any) -> FineTuneSpec:
    """`asked`: `labels`, and what `tiny.spec` takes."""
    described = form_of(*form)
    labels: tuple[str, ...] = asked.pop("labels", tuple(sorted(tiny.LABELS)))
    labelled = described.target is not None and described.target.name in LABELLED
    task = TaskSpec(
        kind=form[0], form=form[1], labels=labels if labelled else (), metric=metric or described.metrics[0]
    )
    return tiny.spec(base, task=task, **{"n_epochs": 24, "learning_rate": 3e-3, **asked})
