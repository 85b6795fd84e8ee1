"""The parameters of the next trial: by a tree-structured Parzen estimator, by chance, or the next point of a grid.

TPE: Bergstra et al., "Algorithms for Hyper-Parameter Optimization" (NeurIPS 2011), as Optuna samples it: the parameters
together, trials under way counted as poor ones, so that those side by side differ.
"""

import itertools
import random
from typing import cast

import optuna
from optuna.samplers import BaseSampler, RandomSampler, TPESampler

from contracts.search import Question, Range, Value
from contracts.search_checks import WHOLE
from training.engine.search.study import study_of

BY_CHANCE = (3, 10)  # trials before the estimator begins: a quarter of them all, at least and at most
SEEDS = 2**32  # of numpy's generators


def proposed(question: Question) -> dict[str, Value]:
    """A value for each name of the space that plays a part: `lora_rank` only where the method is lora."""
    if question.search.strategy == "grid":
        return _point(question)
    space = question.search.space
    study = study_of(question.metric, question.earlier, space, sampler=_sampler(question))
    trial = study.ask()
    found = dict[str, Value]()
    for name in sorted(space, key=lambda name: name != "method"):
        if name != "lora_rank" or found.get("method", "lora") == "lora":
            found[name] = _suggested(trial, name, space[name])
    return found


def _sampler(question: Question) -> BaseSampler:
    """Each trial its own seed: what it draws does not depend on which of the others were asked before."""
    seed = (question.seed * 1_000 + question.number) % SEEDS
    if question.search.strategy == "random":
        return RandomSampler(seed=seed)
    fewest, most = BY_CHANCE
    return TPESampler(seed=seed, n_startup_trials=min(max(question.search.trials // 4, fewest), most))


def _suggested(trial: optuna.Trial, name: str, one: Range | tuple[Value, ...]) -> Value:
    if not isinstance(one, Range):
        return cast("Value", trial.suggest_categorical(name, one))  # Optuna's choices may be None
    if name in WHOLE:
        return trial.suggest_int(name, int(one.low), int(one.high), log=one.log)
    return trial.suggest_float(name, one.low, one.high, log=one.log)


def _point(question: Question) -> dict[str, Value]:
    """In an order drawn by the seed: a search that ends early has seen points from everywhere."""
    choices = {name: one for name, one in question.search.space.items() if not isinstance(one, Range)}
    points = list(itertools.product(*choices.values()))
    random.Random(question.seed).shuffle(points)
    return dict(zip(choices, points[question.number - 1], strict=True))
