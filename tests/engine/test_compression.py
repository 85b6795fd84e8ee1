"""A model made smaller: it answers by ONNX Runtime alone as was reported, and is kept where it holds its contract."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
import pytest
from transformers import AutoTokenizer

from contracts import manifest
from contracts.child import Event
from contracts.compression import COMPRESSED, Compression, faults_of_compression
from contracts.task import QUESTION_ANSWERING, TEXT_CLASSIFICATION, TEXT_MATCHING, TOKEN_CLASSIFICATION
from tests.engine import kinds
from tests.engine.engine import Outcome, refused, run
from tests.engine.kinds import Form

SINGLE: Form = (TEXT_CLASSIFICATION, "single-label")
PAIRS: Form = (TEXT_MATCHING, "labelled-pairs")
TAGGED: Form = (TOKEN_CLASSIFICATION, "tagged")
LOOSE = Compression(method="int8", max_loss=100.0, min_speedup=0.0)


def outcome(form: Form, base: Path, place: Path, asked: Compression, **more: Any) -> Outcome:
    data = kinds.version(place / "data", kinds.rows(form))
    return run(kinds.spec(form, base, method="full", compression=asked, n_epochs=8, **more), data, place)


def session_logits(folder: Path, *texts: list[str], words: bool = False) -> Any:
    """As a customer would compute them, with a tokenizer and ONNX Runtime and nothing else."""
    session = onnxruntime.InferenceSession(folder / "onnx/model.onnx", providers=["CPUExecutionProvider"])
    encoded = AutoTokenizer.from_pretrained(folder)(
        *texts, padding=True, return_tensors="np", is_split_into_words=words
    )
    return session.run(["logits"], {one.name: encoded[one.name] for one in session.get_inputs()})[0]


def test_the_compressed_file_answers_as_was_reported(base: Path, tmp_path: Path) -> None:
    found = outcome(SINGLE, base, tmp_path, LOOSE)
    test = [row for row in kinds.rows(SINGLE) if row["split"] == "test"]
    labels = sorted({row["label"] for row in test})
    answers = session_logits(found.output, [row["text"] for row in test]).argmax(1)
    accuracy = np.mean([labels[answer] == row["label"] for answer, row in zip(answers, test, strict=True)])
    told = found.metrics["compression"]
    assert told["after"]["compared"]["model"] == pytest.approx(accuracy)
    assert told["after"]["bytes"] == (found.output / "onnx/model.onnx").stat().st_size
    assert found.done.summary["compression_kept"] is True
    assert "onnx/model.onnx" in {file.path for file in manifest.verify(found.output).files}
    assert "<h2>Compressed</h2>" in (found.output / "report.html").read_text()


@pytest.mark.parametrize(
    "form",
    [(TEXT_MATCHING, "labelled-pairs"), (TOKEN_CLASSIFICATION, "tagged"), (QUESTION_ANSWERING, "extractive")],
    ids=lambda f: f[1],
)
def test_pairs_and_words_are_compressed_too(base: Path, tmp_path: Path, form: Form) -> None:
    found = outcome(form, base, tmp_path, Compression(method="onnx", max_loss=0.0, min_speedup=0.0))
    told = found.metrics["compression"]
    assert told["kept"] is True
    assert told["after"]["compared"]["model"] == pytest.approx(told["before"]["compared"]["model"])
    test = [row for row in kinds.rows(form) if row["split"] == "test"]
    first, second = ("question", "context") if form[0] == QUESTION_ANSWERING else ("text_a", "text_b")
    if first in test[0]:
        logits = session_logits(found.output, [row[first] for row in test], [row[second] for row in test])
    else:
        logits = session_logits(found.output, [row["tokens"] for row in test], words=True)
    assert logits.shape[0] == len(test)


def test_what_breaks_its_contract_is_not_kept_and_the_report_says_why(base: Path, tmp_path: Path) -> None:
    found = outcome(SINGLE, base, tmp_path, Compression(method="onnx", max_loss=100.0, min_speedup=1e6))
    assert not (found.output / "onnx").exists()
    assert found.done.summary["compression_kept"] is False
    warned = [one.message for one in found.said(Event) if one.level == "warn"]
    assert [one for one in warned if "breaks the contract" in one and "at least 1e+06 times as fast" in one]
    assert warned[-1] in (found.output / "report.html").read_text()


def test_what_is_not_compressed_is_refused_with_every_number_that_makes_no_sense(base: Path, tmp_path: Path) -> None:
    form: Form = (TEXT_MATCHING, "triples")
    data = kinds.version(tmp_path / "data", kinds.rows(form))
    asked = Compression(method="zip", max_loss=-1.0, min_speedup=float("nan"))
    problem = refused(kinds.spec(form, base, compression=asked), data, tmp_path)
    assert [one.param for one in problem.faults] == [
        "compression", "compression.method", "compression.max_loss", "compression.min_speedup"
    ]  # fmt: skip
    assert all(faults_of_compression(LOOSE, *one) == [] for one in COMPRESSED)
