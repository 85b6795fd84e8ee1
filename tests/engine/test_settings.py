"""What the engine chooses where a customer leaves a number open, and which numbers it refuses."""

from math import nan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import BertConfig, DistilBertConfig, FNetConfig, PretrainedConfig

from contracts.fine_tune import METHODS, RANGES, BaseModel, FineTuneSpec
from contracts.task import TaskSpec, form_of
from tests.engine import tiny
from training.engine.model.base import Base
from training.engine.settings import Settings, choose, faults, faults_with, method_of
from training.engine.tasks import kind_of

LOCATION = BaseModel(name="some", location="/nowhere")


def base(*, layers: int = 6, width: int = 384, config: type[PretrainedConfig] = BertConfig) -> Base:
    """A base of that shape; no weights are needed to choose."""
    return Base(spec=LOCATION, config=config(), positions=512, layers=layers, width=width)


def spec(**asked: Any) -> FineTuneSpec:
    return tiny.spec(Path("/nowhere"), **{"n_epochs": None, **asked})


def chosen(rows: int = 1_000, on: Base | None = None, **asked: object) -> Settings:
    return choose(spec(**asked), on or base(), train_rows=rows, bfloat16=False, threads=1)


@pytest.mark.parametrize(
    ("on", "method"),
    [
        pytest.param(base(layers=6), "upper_layers", id="MiniLM"),
        pytest.param(base(layers=12, width=768), "upper_layers", id="BERT-base"),
        pytest.param(base(layers=2, width=128), "full", id="BERT-tiny"),
        pytest.param(base(layers=24, width=1024), "lora", id="BERT-large"),
        pytest.param(base(layers=6, width=768, config=DistilBertConfig), "full", id="DistilBERT"),
        pytest.param(base(layers=24, width=1024, config=DistilBertConfig), "lora", id="large-but-no-BERT"),
    ],
)
def test_auto_chooses_the_method_by_the_base(on: Base, method: str) -> None:
    assert chosen(on=on).method == method
    assert method_of(spec(), on)[1]


@pytest.mark.parametrize("method", METHODS[1:])
def test_a_method_asked_for_is_taken(method: str) -> None:
    assert chosen(method=method).method == method


def test_the_upper_half_is_what_upper_layers_trains() -> None:
    assert [chosen(on=base(layers=count), method="upper_layers").first_layer for count in (4, 6, 7)] == [2, 3, 3]
    assert chosen(method="full").first_layer == chosen(method="lora").first_layer == 0


@pytest.mark.parametrize(("rows", "epochs"), [(10, 20), (200, 20), (400, 10), (4_000, 3), (1_000_000, 3)])
def test_fewer_rows_are_shown_more_often(rows: int, epochs: int) -> None:
    assert chosen(rows).epochs == epochs


@pytest.mark.parametrize(("rows", "batch_size"), [(100, 16), (1_000, 32), (10_000, 64)])
def test_more_rows_make_larger_batches(rows: int, batch_size: int) -> None:
    assert chosen(rows).batch_size == batch_size


def test_the_learning_rate_fits_method_batch_and_width() -> None:
    full, upper, lora = (chosen(method=method).learning_rate for method in ("full", "upper_layers", "lora"))
    assert full < upper < lora
    assert chosen(batch_size=256).learning_rate == pytest.approx(2 * chosen(batch_size=64).learning_rate)
    wide = chosen(on=base(width=768), method="full").learning_rate
    assert wide == pytest.approx(full / 4)


def test_the_multiplier_multiplies_the_rate_given_or_chosen() -> None:
    assert chosen(learning_rate_multiplier=0.5).learning_rate == pytest.approx(0.5 * chosen().learning_rate)
    assert chosen(learning_rate=2e-4, learning_rate_multiplier=3.0).learning_rate == pytest.approx(6e-4)


def test_numbers_asked_for_are_taken_zeros_too() -> None:
    asked: dict[str, Any] = {
        "batch_size": 7,
        "learning_rate": 1e-5,
        "weight_decay": 0.0,
        "label_smoothing": 0.0,
        "patience": 9,
    }
    taken = chosen(**asked, n_epochs=4, max_length=99, lora_rank=3, method="lora")
    assert {name: getattr(taken, name) for name in asked} == asked
    assert (taken.epochs, taken.max_length, taken.lora_rank) == (4, 99, 3)


@given(
    rows=st.integers(8, 2_000_000),
    layers=st.integers(1, 48),
    width=st.integers(16, 8_192),
    method=st.sampled_from(METHODS),
)
@settings(deadline=None)
def test_whatever_is_chosen_could_have_been_asked_for(rows: int, layers: int, width: int, method: str) -> None:
    taken = chosen(rows, base(layers=layers, width=width), method=method)
    values = {"n_epochs": taken.epochs, **vars(taken)}
    for name in RANGES.keys() & values.keys():
        low, high = RANGES[name]
        assert values[name] is None or low <= values[name] <= high, name
    assert taken.first_layer < layers or method == "head"


@pytest.mark.parametrize("name", RANGES)
def test_a_number_outside_its_range_is_refused_with_the_range(name: str) -> None:
    low, high = RANGES[name]
    for value in (low - 1, high * 2, nan):
        (fault,) = faults(spec(**{name: value}))
        assert (fault.code, fault.param) == ("out_of_range", f"hyperparameters.{name}")
        assert f"between {low:g} and {high:g}" in fault.message
    assert faults(spec(**{name: low})) == faults(spec(**{name: high})) == []


def test_all_that_is_wrong_is_said_at_once() -> None:
    found = faults(spec(method="magic", learning_rate=0.0, n_epochs=10**6))
    assert {one.param for one in found} == {"method", "hyperparameters.learning_rate", "hyperparameters.n_epochs"}
    assert any("'magic'" in one.message and "upper_layers" in one.message for one in found)


def test_what_the_base_cannot_do_is_refused_with_its_limit() -> None:
    asked = spec(method="upper_layers", max_length=513, lora_rank=17)
    found = {one.code: one for one in faults_with(asked, base(width=16, config=DistilBertConfig))}
    assert found.keys() == {"out_of_range", "rank_above_dimension", "wrong_base_for_task"}
    assert "513" in found["out_of_range"].message
    assert "512 tokens" in found["out_of_range"].message
    assert "16" in found["rank_above_dimension"].message
    assert "full or lora" in found["wrong_base_for_task"].message


@pytest.mark.parametrize("kind", [("text-matching", "triples"), ("translation", "sentences")], ids=lambda one: one[0])
def test_a_head_alone_is_for_what_has_one(kind: tuple[str, str]) -> None:
    form = form_of(*kind)
    asked = spec(method="head", task=TaskSpec(kind=kind[0], form=kind[1], labels=(), metric=form.metrics[0]))
    (fault,) = faults_with(asked, base(), kind_of(asked.task).habits)
    assert (fault.code, fault.param, "not by head" in fault.message) == ("unknown_method", "method", True)


def test_factors_are_for_bases_whose_layers_are_known() -> None:
    assert faults_with(spec(method="ia3"), base(config=DistilBertConfig)) == []
    (fault,) = faults_with(spec(method="ia3"), base(config=FNetConfig))
    assert (fault.code, "'fnet'" in fault.message, "lora or dora" in fault.message) == (
        "wrong_base_for_task", True, True
    )  # fmt: skip


def test_a_base_may_be_asked_for_all_it_can_do() -> None:
    assert faults_with(spec(method="upper_layers", max_length=512, lora_rank=16), base(width=16)) == []
