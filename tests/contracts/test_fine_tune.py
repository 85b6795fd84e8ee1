"""Hyperparameters: every value out of range is named with its range, all at once."""

import math
from typing import Any

import pytest

from contracts.fine_tune import RANGES, Hyperparameters, faults_of, faults_with_task
from contracts.task import TEXT_CLASSIFICATION, TEXT_REGRESSION, TOKEN_CLASSIFICATION, form_of

ONE = form_of(TEXT_CLASSIFICATION, "single-label")


def test_what_is_left_out_is_no_fault_and_the_bounds_belong_to_the_range() -> None:
    assert faults_of(Hyperparameters()) == []
    for bound in (0, 1):
        whole: dict[str, Any] = {name: int(limits[bound]) for name, limits in RANGES.items() if limits[bound] >= 1}
        assert faults_of(Hyperparameters(**whole)) == []


def test_every_number_of_the_contract_has_a_range() -> None:
    assert set(RANGES) == set(Hyperparameters.__dataclass_fields__) - {"class_weights"}


@pytest.mark.parametrize("rate", [0, -1, math.nan, math.inf, 1e9])
def test_a_learning_rate_that_cannot_be_meant_is_refused(rate: float) -> None:
    (fault,) = faults_of(Hyperparameters(learning_rate=rate))
    assert (fault.code, fault.param) == ("out_of_range", "hyperparameters.learning_rate")
    assert "between 1e-07 and 0.1" in fault.message


@pytest.mark.parametrize("weight", [0, -1, math.nan, math.inf, 1e9])
def test_a_weight_that_cannot_be_meant_is_refused_by_its_label(weight: float) -> None:
    (fault,) = faults_of(Hyperparameters(class_weights={"fine": 1.0, "fraud": weight}))
    assert (fault.code, fault.param) == ("out_of_range", "hyperparameters.class_weights")
    assert "fraud" in fault.message


def test_a_weighting_is_none_or_auto_and_names_labels_of_the_task() -> None:
    for known in (None, "none", "auto", {"fraud": 5.0}):
        assert faults_of(Hyperparameters(class_weights=known)) == []
        assert faults_with_task(Hyperparameters(class_weights=known), ONE, ("fine", "fraud")) == []
    (fault,) = faults_of(Hyperparameters(class_weights="balanced"))
    assert fault.code == "invalid_choice"
    (fault,) = faults_with_task(Hyperparameters(class_weights={"froud": 5.0}), ONE, ("fine", "fraud"))
    assert fault.code == "unknown_label"


def test_what_is_for_classes_is_refused_where_nothing_is_told_apart() -> None:
    asked = Hyperparameters(class_weights="auto", label_smoothing=0.1)
    assert faults_with_task(asked, ONE, ("fine", "fraud")) == []
    faults = faults_with_task(asked, form_of(TEXT_REGRESSION, None), ())
    assert [(one.code, one.param) for one in faults] == [
        ("not_for_this_form", "hyperparameters.class_weights"),
        ("not_for_this_form", "hyperparameters.label_smoothing"),
    ]
    (fault,) = faults_with_task(asked, form_of(TOKEN_CLASSIFICATION, None), ("person",))
    assert fault.param == "hyperparameters.class_weights"
    assert faults_with_task(Hyperparameters(class_weights="none"), form_of(TEXT_REGRESSION, None), ()) == []


def test_all_faults_come_at_once() -> None:
    asked = Hyperparameters(n_epochs=1_000_000, batch_size=0, lora_rank=257)
    assert [fault.param for fault in faults_of(asked, prefix="h")] == ["h.n_epochs", "h.batch_size", "h.lora_rank"]
