"""What a search may be asked for: every fault is named, all at once, and what is well formed has none."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.fine_tune import RANGES, Hyperparameters
from contracts.search import Choices, Range, Search, Space
from contracts.search_checks import SEARCHED, WHOLE, completed, faults_of
from contracts.task import TEXT_CLASSIFICATION, TEXT_REGRESSION, form_of

ONE, SCORED = form_of(TEXT_CLASSIFICATION, "single-label"), form_of(TEXT_REGRESSION, "scored")
NOTHING = Hyperparameters()
RATES: Space = {"learning_rate": Range(low=1e-5, high=1e-2, log=True)}


def found(search: Search, **given: Any) -> set[tuple[str, str]]:
    asked = {"method": "auto", "given": NOTHING, "form": ONE, **given}
    return {(str(fault.param).removeprefix("search."), fault.code) for fault in faults_of(search, **asked)}


@st.composite
def spaces(draw: st.DrawFn) -> Space:
    """Well-formed ones of numbers."""
    names = draw(st.sets(st.sampled_from(sorted(set(RANGES) - {"learning_rate_multiplier", "lora_rank"})), min_size=1))
    return {name: draw(parameters(name)) for name in sorted(names)}


@st.composite
def parameters(draw: st.DrawFn, name: str) -> Range | Choices:
    low, high = RANGES[name]
    one: st.SearchStrategy[Any] = st.integers(int(low), int(high)) if name in WHOLE else st.floats(low, high)
    values = sorted(draw(st.lists(one, min_size=2, max_size=5, unique=True)))
    if draw(st.booleans()):
        return tuple(values)
    return Range(low=values[0], high=values[-1], log=values[0] > 0 and draw(st.booleans()))


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spaces())
def test_what_is_well_formed_has_no_fault(space: Space) -> None:
    assert found(Search(space=space)) == set()


FAULTY: list[tuple[Space, str, str]] = [
    ({"dropout": (0.1, 0.2)}, "space.dropout", "unknown_parameter"),
    ({"learning_rate": Range(low=0.0, high=1.0)}, "space.learning_rate", "out_of_range"),
    ({"learning_rate": Range(low=0.01, high=0.001)}, "space.learning_rate", "empty_range"),
    ({"weight_decay": Range(low=0.0, high=0.1, log=True)}, "space.weight_decay", "out_of_range"),
    ({"batch_size": (16, 32, 4096)}, "space.batch_size", "out_of_range"),
    ({"batch_size": (16, 24.5)}, "space.batch_size", "wrong_type"),
    ({"batch_size": (16, "many")}, "space.batch_size", "wrong_type"),
    ({"batch_size": (16, 16)}, "space.batch_size", "duplicate_value"),
    ({"batch_size": (16,)}, "space.batch_size", "out_of_range"),
    ({"method": ("full", "magic")}, "space.method", "invalid_choice"),
    ({"method": Range(low=0, high=1)}, "space.method", "wrong_type"),
    ({"lora_rank": (4, 8)}, "space.lora_rank", "never_used"),
    ({"learning_rate_multiplier": (1, 2), **RATES}, "space.learning_rate_multiplier", "fixed_and_searched"),
]


@pytest.mark.parametrize(("space", "param", "code"), FAULTY, ids=[f"{one[1]}-{one[2]}" for one in FAULTY])
def test_each_fault_is_named(space: Space, param: str, code: str) -> None:
    assert found(Search(space=space)) == {(param, code)}


def test_all_faults_are_told_at_once_with_what_may_be_asked_for() -> None:
    asked = Search(strategy="magic", pruning="never", trials=1, minutes=0, parallel=99, space={"dropout": (1, 2)})
    assert found(asked) == {
        ("strategy", "invalid_choice"),
        ("pruning", "invalid_choice"),
        ("trials", "out_of_range"),
        ("minutes", "out_of_range"),
        ("parallel", "out_of_range"),
        ("space.dropout", "unknown_parameter"),
    }
    (fault,) = faults_of(Search(space={"dropout": (1, 2)}), method="auto", given=NOTHING, form=ONE)
    assert all(name in fault.message for name in SEARCHED)


def test_what_the_job_fixes_or_the_task_has_no_use_for_is_not_searched() -> None:
    fixed = Hyperparameters(batch_size=16, learning_rate=1e-3)
    assert found(Search(space={"batch_size": (16, 32), **RATES}), given=fixed) == {
        ("space.batch_size", "fixed_and_searched"), ("space.learning_rate", "fixed_and_searched"),
    }  # fmt: skip
    assert found(Search(space={"method": ("full", "lora")}), method="lora") == {("space.method", "fixed_and_searched")}
    smoothed = Search(space={"label_smoothing": Range(low=0, high=0.1)})
    assert found(smoothed, form=SCORED) == {("space.label_smoothing", "not_for_this_form")}


def test_a_grid_has_values_and_a_number_of_points_that_can_be_tried() -> None:
    assert found(Search(strategy="grid", space=RATES)) == {("space", "grid_without_choices")}
    assert found(Search(strategy="grid")) == {("space", "grid_without_choices")}
    small: Space = {"batch_size": (16, 32), "n_epochs": (1, 2, 3)}
    assert found(Search(strategy="grid", space=small)) == set()
    assert completed(Search(strategy="grid", space=small), method="auto", given=NOTHING, form=ONE).trials == 6
    assert found(Search(strategy="grid", space=small, trials=5)) == {("trials", "too_many_points")}
    ten = tuple(range(10, 20))
    large: Space = dict.fromkeys(("n_epochs", "batch_size", "patience", "max_length"), ten)
    large |= {"weight_decay": tuple(one / 100 for one in ten), "label_smoothing": tuple(one / 100 for one in ten)}
    (fault,) = faults_of(Search(strategy="grid", space=large), method="auto", given=NOTHING, form=ONE)
    assert (fault.code, "1,000,000 points" in fault.message) == ("too_many_points", True)


def test_the_usual_space_leaves_out_what_is_fixed_and_what_the_task_lacks() -> None:
    def usual(form: Any = ONE, method: str = "auto", given: Hyperparameters = NOTHING) -> set[str]:
        return set(completed(Search(), method=method, given=given, form=form).space)

    assert usual() == {"learning_rate_multiplier", "batch_size", "weight_decay", "label_smoothing"}
    assert usual(SCORED) == {"learning_rate_multiplier", "batch_size", "weight_decay"}
    assert usual(method="lora") - usual() == {"lora_rank"}
    assert usual(given=Hyperparameters(batch_size=8, label_smoothing=0.0)) == {
        "learning_rate_multiplier", "weight_decay",
    }  # fmt: skip
    every = Hyperparameters(learning_rate_multiplier=1.0, batch_size=8, weight_decay=0.1, label_smoothing=0.1)
    assert found(Search(), given=every) == {("space", "nothing_to_search")}
