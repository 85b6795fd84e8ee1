"""A BERT of two layers with random weights and a WordPiece tokenizer, made on the spot: trains in a second.

`base(folder)` writes it, `rows()` makes texts it can learn, `version(folder, rows)` writes them as a data set version,
`spec(...)` asks for a training. For any test that needs a real base model or a real artifact.
"""

import random
from pathlib import Path
from typing import Any

import polars as pl
import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from contracts.fine_tune import BaseModel, FineTuneSpec, Hyperparameters
from contracts.task import TEXT_CLASSIFICATION, TaskSpec

LABELS = ("cards", "loans", "fees")
WORDS = {
    "cards": ("card", "chip", "pin", "contactless", "wallet"),
    "loans": ("loan", "rate", "mortgage", "credit", "repay"),
    "fees": ("fee", "charge", "cost", "extra", "refund"),
}
FILLER = ("my", "the", "what", "is", "about", "please", "today", "why", "a", "new")
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")

# peft 0.21 still reads an attribute that transformers 5.23 has renamed; nothing we could call otherwise
PEFT_LAGS = "ignore:`is_gradient_checkpointing` is deprecated:FutureWarning"

Row = tuple[str, str, str]  # text, label, split


def tokenizer() -> PreTrainedTokenizerFast:
    letters = "abcdefghijklmnopqrstuvwxyz"
    pieces = [*SPECIAL, *letters, *(f"##{letter}" for letter in letters), *FILLER, *sum(WORDS.values(), ())]
    vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    backend = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    backend.normalizer = normalizers.BertNormalizer()
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.decoder = decoders.WordPiece()
    backend.post_processor = processors.BertProcessing(("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"]))
    names = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
    roles = {f"{role}_token": name for role, name in names.items()}
    made: PreTrainedTokenizerFast = PreTrainedTokenizerFast(tokenizer_object=backend, **roles)  # type: ignore[no-untyped-call]
    return made


def base(folder: Path, *, layers: int = 2, positions: int = 64) -> Path:
    """Writes config, safetensors weights and tokenizer; the same bytes every time."""
    made = tokenizer()
    config = BertConfig(
        vocab_size=len(made),
        hidden_size=32,
        num_hidden_layers=layers,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=positions,
        pad_token_id=made.pad_token_id,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        BertModel(config).save_pretrained(folder)
    made.save_pretrained(folder)
    return folder


def rows(*, train: int = 60, validation: int = 15, test: int = 30, seed: int = 0) -> list[Row]:
    """Every text has a few words of its label among filler; labels in turn."""
    chance = random.Random(seed)
    made = []
    for split, count in (("train", train), ("validation", validation), ("test", test)):
        for index in range(count):
            label = LABELS[index % len(LABELS)]
            words = chance.choices(WORDS[label], k=2) + chance.choices(FILLER, k=chance.randint(1, 12))
            chance.shuffle(words)
            made.append((" ".join(words), label, split))
    return made


def version(folder: Path, made: list[Row]) -> Path:
    """Writes `folder`/data.parquet as ingestion does."""
    folder.mkdir(parents=True, exist_ok=True)
    frame = pl.DataFrame(made, schema=["text", "label", "split"], orient="row").with_row_index("row", offset=1)
    frame.with_columns(pl.col("row").cast(pl.Int64)).write_parquet(folder / "data.parquet")
    return folder


def spec(location: Path, *, labels: tuple[str, ...] = LABELS, metric: str = "accuracy", **asked: Any) -> FineTuneSpec:
    """`asked`: fields of `FineTuneSpec` or of `Hyperparameters`."""
    numbers = {name: asked.pop(name) for name in list(asked) if name in Hyperparameters.__dataclass_fields__}
    return FineTuneSpec(
        **{
            "job": "ft_test",
            "task": TaskSpec(kind=TEXT_CLASSIFICATION, labels=labels, metric=metric),
            "base": BaseModel(name="tiny", location=str(location)),
            "hyperparameters": Hyperparameters(**{"n_epochs": 3, **numbers}),
            "threads": 1,
            **asked,
        }
    )
