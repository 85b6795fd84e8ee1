"""The engine's side of a search: which settings a trial has, when it is given up, what a trial does and does not do."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.child import Checkpoint, Progress
from contracts.codec import from_json, to_json
from contracts.fine_tune import FineTuneSpec
from contracts.search import Question, Range, Search, Searched, Space, Trial, Tried, Value
from tests.contracts.test_search_checks import spaces
from tests.engine import tiny
from tests.engine.engine import Outcome, run
from tests.engine.searching import searched, settled
from tests.engine.test_resume import After, newest, resumed_input
from training.engine.loop import Interrupted
from training.engine.model.base import inspect
from training.engine.search.explored import explore
from training.engine.search.proposing import proposed
from training.engine.search.pruning import pruner
from training.engine.search.settled import nearest
from training.engine.settings import Settings, choose

pytestmark = pytest.mark.filterwarnings(tiny.PEFT_LAGS)

SPACE: Space = {
    "learning_rate_multiplier": Range(low=0.1, high=10.0, log=True),
    "batch_size": (8, 16, 32),
    "weight_decay": Range(low=0.001, high=0.3, log=True),
}


def question(number: int, earlier: tuple[Tried, ...] = (), *, strategy: str = "tpe", space: Space = SPACE) -> Question:
    search = Search(strategy=strategy, space=space, trials=12)
    return Question(search=search, number=number, seed=7, metric="accuracy", earlier=earlier)


def tried(number: int, multiplier: float, value: float, *, state: str = "completed") -> Tried:
    parameters: dict[str, Value] = {"learning_rate_multiplier": multiplier, "batch_size": 16, "weight_decay": 0.01}
    return Tried(number=number, state=state, parameters=parameters, value=value, values=(value,))


def inside(one: Range | tuple[object, ...], value: object) -> bool:
    if isinstance(one, Range):
        return isinstance(value, int | float) and one.low <= value <= one.high
    return value in one


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spaces(), st.sampled_from(["tpe", "random"]))
def test_what_is_proposed_lies_in_the_space_and_goes_on_from_what_was(space: Space, strategy: str) -> None:
    earlier: tuple[Tried, ...] = ()
    for number in range(1, 7):
        found = proposed(question(number, earlier, strategy=strategy, space=space))
        assert found.keys() == space.keys()
        assert all(inside(space[name], value) for name, value in found.items())
        earlier = (*earlier, Tried(number=number, state="completed", parameters=found, value=number / 10))


def test_the_same_question_is_answered_alike_in_a_process_of_its_own() -> None:
    asked = question(5, tuple(tried(number, 2.0**number, 0.5) for number in range(1, 5)))
    command = [sys.executable, "-m", "training.engine.search"]
    answer = subprocess.run(command, input=to_json(asked), stdout=subprocess.PIPE, check=True)
    assert from_json(answer.stdout, dict[str, float]) == proposed(asked) != proposed(replace(asked, seed=8))


def test_the_estimator_looks_where_it_was_good_and_hears_of_trials_under_way() -> None:
    grid = [0.1 * 100 ** (step / 10) for step in range(11)]
    earlier = tuple(tried(at, one, 0.9 - abs(one - 0.3)) for at, one in enumerate(grid, start=1))

    def multipliers(known: tuple[Tried, ...]) -> list[float]:
        return [float(proposed(question(number, known))["learning_rate_multiplier"]) for number in range(20, 40)]

    near = multipliers(earlier)
    assert sum(0.1 <= one <= 1.0 for one in near) > 15
    assert multipliers((*earlier, tried(12, 0.3, 0.0, state="running"))) != near


def test_a_grid_is_walked_once_and_a_rank_belongs_to_adapters() -> None:
    space: Space = {"method": ("full", "lora"), "lora_rank": (4, 8), "batch_size": (8, 16)}
    points = [proposed(question(number, strategy="grid", space=space)) for number in range(1, 9)]
    assert len({tuple(point.items()) for point in points}) == 8
    for number in range(1, 12):
        found = proposed(question(number, space=space))
        assert ("lora_rank" in found) == (found["method"] == "lora")


def test_poor_trials_are_given_up_and_good_ones_never() -> None:
    curves = [(0.5, 0.6, 0.7, 0.8), (0.4, 0.6, 0.7, 0.8), (0.5, 0.7, 0.8, 0.9)]
    earlier = tuple(
        Tried(number=at, state="completed", parameters={}, value=max(curve), values=curve)
        for at, curve in enumerate(curves, start=1)
    )
    for pruning, poor, epoch in (("median", (0.3, 0.4, 0.4), 2), ("successive_halving", (0.3, 0.4, 0.4), 1)):
        trial = Trial(number=4, search=Search(pruning=pruning), earlier=earlier)
        ask = pruner(trial, "accuracy")
        assert [ask(poor[: at + 1]) for at in range(3)].index(True) + 1 == epoch
        ask = pruner(trial, "accuracy")
        assert not any(ask((0.6, 0.8, 0.9, 0.95)[: at + 1]) for at in range(4))
        assert pruner(trial, "accuracy")(poor[:2]) or pruning != "median", "resumed, it comes to the same"
    lower = replace(trial, search=Search(pruning="median"))
    assert not any(pruner(lower, "rmse")(poor[: at + 1]) for at in range(3)), "of errors less is better"
    never = pruner(replace(trial, search=Search(pruning="none")), "accuracy")
    assert not any(never((0.0,) * (at + 1)) for at in range(4))


def test_the_first_trial_has_what_is_usual_or_the_nearest_of_the_space(base: Path) -> None:
    spec = open_spec(base)
    described = inspect(spec.base)

    def settle(one: FineTuneSpec) -> Settings:
        return choose(one, described, train_rows=60, bfloat16=False, threads=1)

    usual = settle(spec)
    wide: Space = {"learning_rate": Range(low=1e-7, high=0.1), "batch_size": (8, 16), "method": ("lora", "full")}
    assert settle(nearest(spec, wide, settle)) == usual
    narrow: Space = {"method": ("lora",), "lora_rank": (2, 4), "batch_size": (24, 40), "n_epochs": Range(low=1, high=2)}
    found = nearest(spec, narrow, settle)
    asked = found.hyperparameters
    assert (found.method, asked.lora_rank, asked.batch_size, asked.n_epochs) == ("lora", 4, 24, 2)


def open_spec(base: Path) -> FineTuneSpec:
    """Nothing is fixed but the epochs."""
    spec = tiny.spec(base, method="full")
    return replace(spec, hyperparameters=replace(type(spec.hyperparameters)(), n_epochs=3), checkpoint_every_s=0.0)


@pytest.fixture(scope="module")
def ended(base: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Searched, Outcome]:
    """A small search and the training that it ends with. For reading only."""
    spec = replace(open_spec(base), checkpoint_every_s=60.0)
    search = Search(trials=4, space=SPACE, pruning="none")
    found = searched(spec, search, lambda asked: run(asked, data, tmp_path_factory.mktemp("trial")).messages)
    return found, run(settled(spec, found), data, tmp_path_factory.mktemp("final"))


def test_a_search_ends_with_the_best_trials_settings_and_is_never_worse_than_none(
    ended: tuple[Searched, Outcome],
) -> None:
    found, outcome = ended
    best = next(one for one in found.trials if one.number == found.chosen)
    assert best.value == max(one.value or 0.0 for one in found.trials)
    assert found.trials[0].parameters["learning_rate_multiplier"] == 1.0
    assert outcome.metrics["settings"]["batch_size"] == best.parameters["batch_size"]
    assert [one["valid_accuracy"] for one in outcome.metrics["history"]] == list(best.values), "the same training"
    assert [one["number"] for one in outcome.metrics["search"]["trials"]] == [1, 2, 3, 4]
    page = (outcome.output / "report.html").read_text()
    assert all(f"<h2>{title}</h2>" in page for title in ("The search", "What mattered", "Settings tried"))
    assert f"Trial {found.chosen} was the best on validation" in page


def test_a_trial_touches_no_test_row_and_leaves_no_model(base: Path, data: Path, tmp_path: Path) -> None:
    spec = replace(open_spec(base), trial=Trial(number=1, search=Search(space=SPACE), nearest=True))
    outcome = run(spec, data, tmp_path)
    assert {one.phase for one in outcome.said(Progress)} == {"loading", "training"}
    assert not outcome.output.exists()
    assert outcome.said(Checkpoint)
    assert outcome.done.summary["told"] == f"{100 * float(outcome.done.summary['value'] or 0):.1f} % accuracy"


def test_a_trial_that_goes_on_ends_like_one_that_never_stopped(base: Path, data: Path, tmp_path: Path) -> None:
    search = Search(space=SPACE, pruning="successive_halving")
    better = tuple(
        Tried(number=at, state="completed", parameters={}, value=1.0, values=(0.1, 0.2, 1.0)) for at in (1, 2)
    )
    spec = replace(open_spec(base), trial=Trial(number=3, search=search, earlier=better))
    with pytest.raises(Interrupted):
        run(spec, data, tmp_path / "first", stop=After(6))
    again = resumed_input(data, tmp_path / "input", tmp_path / "first/work")
    second = run(replace(spec, resume=newest(again)), again, tmp_path / "second").done.summary
    whole = run(spec, data, tmp_path / "whole").done.summary
    assert {**second, "train_seconds": 0} == {**whole, "train_seconds": 0}


def test_what_mattered_is_told_where_enough_trials_say_so() -> None:
    few = tuple(tried(at, 2.0**at, at / 10) for at in range(5))
    assert explore(Searched(search=Search(space=SPACE), trials=few, chosen=4), "accuracy").importances is None
    space: Space = {"learning_rate_multiplier": SPACE["learning_rate_multiplier"], "batch_size": (8, 16)}
    many = tuple(
        Tried(
            number=at, state="completed", value=1 - abs(at - 8) / 20,
            parameters={"learning_rate_multiplier": 0.1 * 100 ** (at / 19), "batch_size": (8, 16)[at % 2]},
        )
        for at in range(20)
    )  # fmt: skip
    shares = explore(Searched(search=Search(space=space), trials=many, chosen=8), "accuracy").importances
    assert shares
    assert shares["learning_rate_multiplier"] > 0.8
    assert sum(shares.values()) == pytest.approx(1.0)
