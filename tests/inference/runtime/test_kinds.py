"""Every kind that is served, behind every protocol that has room for it: what the published files say is answered,
alone, in company, and to the unmodified clients."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import polars as pl
import pytest
import torch
from huggingface_hub import InferenceClient
from openai import OpenAI, UnprocessableEntityError
from transformers import (
    AutoModel,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
)

from contracts.codec import from_json
from contracts.columns import Columns
from contracts.compression import Compression
from contracts.fine_tune import FROM_SCRATCH
from contracts.task import (
    SERVED,
    TABULAR_CLASSIFICATION,
    TABULAR_REGRESSION,
    TEXT_CLASSIFICATION,
    TEXT_MATCHING,
    TEXT_REGRESSION,
    TOKEN_CLASSIFICATION,
    TaskSpec,
)
from inference.runtime.loading import KINDS
from inference.runtime.settings import Settings
from tests.engine import kinds, tiny
from tests.engine.engine import run
from tests.inference.runtime.house import ALICE, House, serving
from training.engine.compress.exported import Exported
from training.engine.compress.texts import FILE
from training.engine.data import columns
from training.engine.model import portable
from training.engine.model.portable import Portable
from training.engine.tasks.tables import given

pytestmark = pytest.mark.filterwarnings(tiny.PEFT_LAGS)

Form = tuple[str, str]
SEVERAL, SCORED = (TEXT_CLASSIFICATION, "multi-label"), (TEXT_REGRESSION, "scored")
TAGGED, PAIRS = (TOKEN_CLASSIFICATION, "tagged"), (TEXT_MATCHING, "labelled-pairs")
ALIKE, TRIPLES = (TEXT_MATCHING, "scored-pairs"), (TEXT_MATCHING, "triples")
LABELLED_ROWS, COUNTED_ROWS = (TABULAR_CLASSIFICATION, "rows"), (TABULAR_REGRESSION, "rows")
TABLES = (LABELLED_ROWS, COUNTED_ROWS)
FORMS = (SEVERAL, SCORED, TAGGED, PAIRS, ALIKE, TRIPLES, *TABLES)
FIGURES: dict[Form, Callable[[dict[str, Any]], list[float]]] = {
    SEVERAL: lambda one: [label["score"] for label in one["labels"]],
    SCORED: lambda one: [one["value"]],
    TRIPLES: lambda one: one["embedding"],
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[Form, Path]:
    """A model of each, trained just long enough to tell rows apart."""
    base, found = tiny.base(tmp_path_factory.mktemp("base")), {}
    for form in FORMS:
        place = tmp_path_factory.mktemp(form[1])
        data = kinds.version(place / "data", kinds.rows(form))
        spec = kinds.spec(form, base, method="full", n_epochs=4)
        if form in TABLES:
            spec = replace(spec, base=next(one for one in FROM_SCRATCH if one.fits(form[0])))
        found[form] = run(spec, data, place).output
    return found


@pytest.fixture(scope="module")
def client(models: dict[Form, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    house = House()
    for (kind, form), folder in models.items():
        house.release(folder, endpoint=named((kind, form)), model=f"mdl_{named((kind, form))}", kind=kind, form=form)
    with serving(house, Settings(cache=tmp_path_factory.mktemp("cache"))) as client:
        yield client


def named(form: Form) -> str:
    """Of its endpoint."""
    return form[0] if form in TABLES else form[1]


def rows(form: Form, role: str) -> list[Any]:
    return [row[role] for row in kinds.rows(form) if row["split"] == "test"][:12]


def predictions(client: httpx.Client, form: Form, inputs: Any, **parameters: Any) -> list[dict[str, Any]]:
    body = {"inputs": inputs, **({"parameters": parameters} if parameters else {})}
    answer = client.post(f"/v1/endpoints/{named(form)}/predict", json=body)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["predictions"]
    return found


def stock(folder: Path, head: Any) -> Callable[..., Any]:
    """One input at a time through plain transformers."""
    model, tokenizer = head.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)

    def answer(*texts: Any, **more: Any) -> Any:
        with torch.no_grad():
            return model(**tokenizer(*texts, return_tensors="pt", **more))

    return answer


def vectors(folder: Path, texts: list[str]) -> np.ndarray[Any, Any]:
    answer = stock(folder, AutoModel)
    found = np.stack([answer(text).last_hidden_state[0].mean(0).numpy() for text in texts])
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))


def hugging(client: httpx.Client, form: Form) -> InferenceClient:
    return InferenceClient(model=f"{client.base_url}/hf/{named(form)}", token=ALICE)


def test_what_is_released_can_be_loaded_and_is_tried_here() -> None:
    assert set(SERVED) == set(KINDS) == {*FORMS, (TEXT_CLASSIFICATION, "single-label")}


def test_several_labels_are_chosen_each_by_itself(client: httpx.Client, models: dict[Form, Path]) -> None:
    texts, answer = rows(SEVERAL, "text"), stock(models[SEVERAL], AutoModelForSequenceClassification)
    labels = sorted(tiny.LABELS)
    for text, told in zip(texts, predictions(client, SEVERAL, texts), strict=True):
        chances = answer(text).logits[0].sigmoid().tolist()
        scores = {one["label"]: one["score"] for one in told["labels"]}
        assert [scores[label] for label in labels] == pytest.approx(chances, abs=1e-4)
        assert told["chosen"] == [label for label, chance in zip(labels, chances, strict=True) if chance >= 0.5]
    found = hugging(client, SEVERAL).text_classification(texts[0])
    assert {one.label for one in found} == set(labels)


def test_a_number_is_answered_in_its_unit(client: httpx.Client, models: dict[Form, Path]) -> None:
    texts, answer = rows(SCORED, "text"), stock(models[SCORED], AutoModelForSequenceClassification)
    told = [one["value"] for one in predictions(client, SCORED, texts)]
    assert told == pytest.approx([float(answer(text).logits[0, 0]) for text in texts], rel=1e-4)
    assert min(told) > 1_000
    assert [one["value"] for text in texts for one in predictions(client, SCORED, text)] == pytest.approx(
        told, rel=1e-4
    )
    (found,) = hugging(client, SCORED).text_classification(texts[0])
    assert found.label == "score"
    assert found.score == pytest.approx(told[0], rel=1e-4)


def test_both_texts_of_a_pair_are_read(client: httpx.Client, models: dict[Form, Path]) -> None:
    pairs = [{"text_a": a, "text_b": b} for a, b in zip(rows(PAIRS, "text_a"), rows(PAIRS, "text_b"), strict=True)]
    answer = stock(models[PAIRS], AutoModelForSequenceClassification)
    for pair, told in zip(pairs, predictions(client, PAIRS, pairs), strict=True):
        chances = answer(pair["text_a"], pair["text_b"]).logits[0].softmax(0)
        assert [one["score"] for one in told["labels"]] == pytest.approx(
            sorted(chances.tolist(), reverse=True), abs=1e-4
        )
    theirs = client.post(
        "/hf/labelled-pairs", json={"inputs": {"text": pairs[0]["text_a"], "text_pair": pairs[0]["text_b"]}}
    )
    (ours,) = predictions(client, PAIRS, pairs[0])
    assert [one["label"] for one in theirs.json()[0]] == [one["label"] for one in ours["labels"]]


def test_entities_are_told_with_their_place_in_the_text(client: httpx.Client, models: dict[Form, Path]) -> None:
    texts = [" ".join(words) for words in rows(TAGGED, "tokens")]
    answer = stock(models[TAGGED], AutoModelForTokenClassification)
    outputs = ("O", *(f"{mark}-{label}" for label in sorted(tiny.LABELS) for mark in "BI"))
    for words, told in zip(rows(TAGGED, "tokens"), predictions(client, TAGGED, rows(TAGGED, "tokens")), strict=True):
        best = answer(words, is_split_into_words=True).logits[0].argmax(1).tolist()[1:-1]  # of tiny a word is a token
        covered = {place: one["label"] for one in told["entities"] for place in range(one["start"], one["end"])}
        assert covered == {place: outputs[tag][2:] for place, tag in enumerate(best) if tag}
    found = 0
    for text, told in zip(texts, predictions(client, TAGGED, texts), strict=True):
        for one in told["entities"]:
            found += 1
            assert text[one["start"] : one["end"]] == one["text"]
            assert 0 < one["score"] <= 1
    assert found
    theirs = hugging(client, TAGGED)
    (ours,) = predictions(client, TAGGED, texts[0])
    grouped = theirs.token_classification(texts[0], aggregation_strategy="simple")
    assert [(one.entity_group, one.start, one.end) for one in grouped] == [
        (one["label"], one["start"], one["end"]) for one in ours["entities"]
    ]
    single = theirs.token_classification(texts[0], aggregation_strategy="none")
    assert all(str(one.entity)[:2] in ("B-", "I-") for one in single)
    assert len(single) >= len(grouped)


def test_a_pair_is_as_alike_as_its_vectors(client: httpx.Client, models: dict[Form, Path]) -> None:
    first, second = rows(ALIKE, "text_a"), rows(ALIKE, "text_b")
    line = from_json((models[ALIKE] / "task.json").read_bytes(), TaskSpec).options
    one, other = vectors(models[ALIKE], first), vectors(models[ALIKE], second)
    expected = (one * other).sum(1) * float(line["slope"]) + float(line["offset"])
    pairs = [{"text_a": a, "text_b": b} for a, b in zip(first, second, strict=True)]
    assert [told["value"] for told in predictions(client, ALIKE, pairs)] == pytest.approx(expected.tolist(), abs=1e-3)
    mixed = predictions(client, ALIKE, [first[0], pairs[1]])
    assert mixed[0]["embedding"] == pytest.approx(one[0].tolist(), abs=1e-4)
    assert mixed[1]["value"] == pytest.approx(expected[1], abs=1e-3)


def test_vectors_reach_the_clients_of_three_protocols(client: httpx.Client, models: dict[Form, Path]) -> None:
    texts = rows(TRIPLES, "query")
    expected = vectors(models[TRIPLES], texts)
    native = [one["embedding"] for one in predictions(client, TRIPLES, texts)]
    np.testing.assert_allclose(native, expected, atol=1e-4)
    theirs = hugging(client, TRIPLES)
    np.testing.assert_allclose(theirs.feature_extraction(texts[0], normalize=True), expected[:1], atol=1e-4)
    raw = np.asarray(theirs.feature_extraction(texts[0], normalize=False))
    assert np.linalg.norm(raw) != pytest.approx(1, abs=1e-2)
    alike = theirs.sentence_similarity(texts[0], other_sentences=texts[1:])
    assert alike == pytest.approx((expected[1:] @ expected[0]).tolist(), abs=1e-4)
    with OpenAI(base_url=f"{client.base_url}/v1", api_key=ALICE) as openai:
        for form in ("float", "base64", None):
            asked: dict[str, Any] = {} if form is None else {"encoding_format": form}
            found = openai.embeddings.create(model="triples", input=texts, **asked)
            if form != "base64":
                np.testing.assert_allclose([one.embedding for one in found.data], expected, atol=1e-4)
            assert found.usage.prompt_tokens == sum(
                len(text.split()) + 2 for text in texts
            )  # of tiny a word is a token
        with pytest.raises(UnprocessableEntityError, match="answers no vectors"):
            openai.embeddings.create(model="scored", input="card")


def test_a_graph_that_held_its_contract_answers_instead(tmp_path: Path) -> None:
    data, base = kinds.version(tmp_path / "data", kinds.rows(SCORED)), tiny.base(tmp_path / "base")
    asked = Compression(method="int8", max_loss=1e6, min_speedup=0)
    spec = replace(kinds.spec(SCORED, base, method="full", n_epochs=4), compression=asked)
    folder, texts, house = run(spec, data, tmp_path).output, rows(SCORED, "text"), House()
    house.release(folder, endpoint="scored", kind=SCORED[0], form=SCORED[1])
    with serving(house, Settings(cache=tmp_path / "cache")) as client:
        told = [predictions(client, SCORED, text)[0]["value"] for text in texts]
        together = [one["value"] for one in predictions(client, SCORED, texts)]
    tokenizer, graph = AutoTokenizer.from_pretrained(folder), Exported(folder / FILE, threads=1)
    expected = [float(graph(**tokenizer(text, return_tensors="pt")).logits[0, 0]) for text in texts]
    assert told == pytest.approx(expected, rel=1e-4)
    assert together == pytest.approx(expected, abs=100), "the scale of 8-bit numbers is one for all of a batch"
    stocks = stock(folder, AutoModelForSequenceClassification)
    assert told != pytest.approx([float(stocks(text).logits[0, 0]) for text in texts], rel=1e-6)


@pytest.mark.parametrize("form", TABLES, ids=lambda form: form[0])
def test_a_row_is_read_as_training_read_it(client: httpx.Client, models: dict[Form, Path], form: Form) -> None:
    """Dates, empty cells and unknown categories among them; JSON's cells make what the version's columns made."""
    told = rows(form, "features")
    told[1] = {**told[1], "channel": "fax", "amount": None}
    folder = models[form]
    cells = columns.read(from_json((folder / "columns.json").read_bytes(), Columns), pl.Series(told))
    expected = Portable(folder / portable.FILE, threads=1).answers(given(cells))
    asked = [{**row, "since": row["since"].isoformat()} for row in told]
    answered = predictions(client, form, asked)
    if form == COUNTED_ROWS:
        assert [one["value"] for one in answered] == pytest.approx(expected[:, 0].tolist(), rel=1e-4)
    else:
        for one, chances in zip(answered, expected.softmax(1).tolist(), strict=True):
            scores = [one["score"] for one in sorted(one["labels"], key=lambda one: str(one["label"]))]
            assert scores == pytest.approx(chances, abs=1e-4)
    table = {name: [row[name] for row in asked] for name in asked[0]}
    if form == COUNTED_ROWS:  # the client has the call and no provider for it
        posted = client.post("/hf/tabular-regression", json={"table": table}).json()
        assert posted == pytest.approx([one["value"] for one in answered])
    else:
        assert hugging(client, form).tabular_classification(table) == [one["label"] for one in answered]


def test_a_row_that_is_none_is_told_by_its_columns(client: httpx.Client) -> None:
    row = {"amount": 3, "channel": "web", "since": "2024-01-01", "person": "P1"}

    def refused(*asked: Any) -> list[tuple[str, str]]:
        answer = client.post("/v1/endpoints/tabular-regression/predict", json={"inputs": list(asked)})
        assert answer.status_code == 422, answer.text
        return [(fault["param"], fault["code"]) for fault in answer.json()["error"]["errors"]]

    assert refused({**row, "amount": "much", "since": "soon"}) == [
        ("inputs[0].amount", "wrong_type"),
        ("inputs[0].since", "wrong_type"),
    ]
    lacking = {name: cell for name, cell in row.items() if name != "channel"}
    assert refused(row, lacking, {**lacking, "amount": "much"}) == [
        ("inputs[1]", "missing_column"),
        ("inputs[2]", "missing_column"),
    ]
    assert refused({**row, "amount": [1]}) == [("inputs[0].amount", "wrong_type")]
    assert refused("a text") == [("inputs[0]", "wrong_type")]
    tables: list[Any] = [{"amount": [1, 2], "channel": ["web"]}, {"amount": []}, {}, [1]]
    for table in tables:
        answer = client.post("/hf/tabular-regression", json={"table": table})
        assert (answer.status_code, "table must hold" in answer.json()["error"]) == (422, True)


@pytest.mark.parametrize(
    ("form", "inputs", "param"),
    [
        (PAIRS, "alone", "inputs"),
        (PAIRS, {"text_a": "card"}, "inputs.text_b"),
        (PAIRS, [{"text_a": "card", "text_b": " ", "more": 1}], "inputs[0].more"),
        (ALIKE, [{"text_a": 3, "text_b": "fee"}], "inputs[0].text_a"),
        (TAGGED, [["card", ""]], "inputs[0]"),
        (TAGGED, [["card"] * 20_000], "inputs[0]"),
        (SCORED, {"text": "card"}, "inputs"),
        (SCORED, 7, "inputs"),
    ],
)
def test_an_input_of_another_shape_is_named_with_what_is_wanted(
    client: httpx.Client, form: Form, inputs: Any, param: str
) -> None:
    answer = client.post(f"/v1/endpoints/{named(form)}/predict", json={"inputs": inputs})
    assert answer.status_code == 422
    assert answer.json()["error"]["param"] == param


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"source_sentence": "card", "sentences": []}, "inputs.sentences must be a list"),
        ({"source_sentence": "", "sentences": ["fee"]}, "inputs.source_sentence is empty"),
        ({"source_sentence": "card", "sentences": ["fee", 3], "more": 1}, "inputs.sentences[1] must be a string"),
    ],
)
def test_a_similarity_that_is_none_is_told_so(client: httpx.Client, body: dict[str, Any], said: str) -> None:
    answer = client.post("/hf/triples", json={"inputs": body})
    assert (answer.status_code, said in answer.json()["error"]) == (422, True)


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"input": "card"}, "model"),
        ({"model": "triples"}, "input"),
        ({"model": "triples", "input": []}, "input"),
        ({"model": "triples", "input": ["card", ""]}, "input[1]"),
        ({"model": "triples", "input": [[1, 2]]}, "input[0]"),
        ({"model": "triples", "input": "card", "encoding_format": "hex"}, "encoding_format"),
        ({"model": "triples", "input": "card", "dimensions": 7}, "dimensions"),
        ({"model": "triples", "input": "card", "inputs": "card"}, "inputs"),
        (["card"], "model"),
    ],
)
def test_what_is_no_request_for_vectors_is_told_in_openais_words(client: httpx.Client, body: Any, param: str) -> None:
    answer = client.post("/v1/embeddings", json=body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (422, param)
    assert client.post("/v1/embeddings", json={"model": "nothing", "input": "card"}).status_code == 404


def test_kinds_at_the_same_time_do_not_disturb_each_other(client: httpx.Client) -> None:
    """Every thread asks its own kind; each answer is the one it gets alone."""
    asked = {form: rows(form, "query" if form == TRIPLES else "text") for form in FIGURES}

    def figures(form: Form) -> list[float]:
        return [value for one in predictions(client, form, asked[form]) for value in FIGURES[form](one)]

    alone = {form: figures(form) for form in asked}
    found: dict[Form, list[float]] = {}
    threads = [threading.Thread(target=lambda form=form: found.update({form: figures(form)})) for form in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for form, expected in alone.items():
        assert found[form] == pytest.approx(expected, rel=1e-4, abs=1e-4)
