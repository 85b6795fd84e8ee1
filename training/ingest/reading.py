"""How a base model would read the texts: in how many tokens, and how many texts it would cut."""

import json
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from tokenizers import Tokenizer

from contracts.ingestion import Histogram
from training.ingest.remarks import Remark, counted
from training.ingest.report import measuring

SAMPLE = 5_000  # texts read, in the order they come: about a second
NOTABLE = 0.01  # of them cut, for it to be a warning


@dataclass(frozen=True, kw_only=True)
class Reader:
    """`most`: tokens that the base model reads of one text, its own marks included."""

    name: str
    tokenizer: Tokenizer
    most: int

    def pieces(self, text: str) -> list[str]:
        """The text's tokens as the vocabulary spells them, the model's own marks included."""
        found: list[str] = self.tokenizer.encode(text).tokens
        return found


def reader(folder: Path, name: str) -> Reader:
    """`folder` holds tokenizer.json, tokenizer_config.json and config.json, as Hugging Face writes them."""
    about = json.loads((folder / "tokenizer_config.json").read_bytes())
    positions = int(json.loads((folder / "config.json").read_bytes())["max_position_embeddings"])
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return Reader(name=name, tokenizer=tokenizer, most=min(positions, int(about.get("model_max_length") or positions)))


def examine(frame: pl.DataFrame, texts: pl.Series, by: Reader) -> tuple[list[Remark], Histogram]:
    """`frame`: row and split; `texts` of the same rows. Reads the first `SAMPLE`; the remark is `truncated_text`."""
    chosen, read = frame.head(SAMPLE), texts.head(SAMPLE).to_list()
    lengths = pl.Series("tokens", [len(one.ids) for one in by.tokenizer.encode_batch_fast(read)], dtype=pl.Int64)
    drawn = measuring.histogram(
        chosen.with_columns(lengths), pl.col("tokens"), f"Tokens, as {by.name} reads", "tokens", measuring.COUNTS
    )
    cut = chosen["row"].filter(lengths > by.most).sort()
    if not len(cut):
        return [], drawn
    share = len(cut) / len(lengths)
    of = f" of {len(lengths):,} looked at" if len(lengths) < len(texts) else ""
    message = (
        f"{counted(len(cut), 'text is', 'texts are')} longer than the {by.most} tokens that {by.name} reads{of} "
        f"({share:.1%}); it would learn from their beginnings alone. Shorten or split them."
    )
    severity = "warning" if share >= NOTABLE else "info"
    return [Remark(code="truncated_text", severity=severity, message=message, rows=cut)], drawn
