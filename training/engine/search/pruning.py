"""When a trial is given up: what the earlier ones reached at the same epoch says that it is not worth going on.

`median`: below the median of the completed trials, from the second epoch on. `successive_halving`: not among the best
third at epoch 1, 3, 9 ... (ASHA, Li et al., MLSys 2020). Both are Optuna's, asked over a study in which the earlier
trials report once more what they reported.
"""

from collections.abc import Callable, Sequence

import optuna
from optuna.pruners import BasePruner, MedianPruner, NopPruner, SuccessiveHalvingPruner

from contracts.search import Trial
from training.engine.search.study import direction

FIRST = 3  # completed trials before the median means anything
WARM = 2  # epochs: a small learning rate shows nothing after one

PRUNERS: dict[str, Callable[[], BasePruner]] = {
    "median": lambda: MedianPruner(n_startup_trials=FIRST, n_warmup_steps=WARM, n_min_trials=FIRST),
    "successive_halving": lambda: SuccessiveHalvingPruner(min_resource=1, reduction_factor=3),
    "none": NopPruner,
}


def pruner(trial: Trial, metric: str) -> Callable[[Sequence[float]], bool]:
    """Asked after each epoch with the metric of every epoch so far: whether to give the trial up."""
    study = optuna.create_study(direction=direction(metric), pruner=PRUNERS[trial.search.pruning]())
    for one in trial.earlier:
        _report(study.ask(), one.values)
        if one.state == "completed" and one.value is not None:
            study.tell(len(study.trials) - 1, one.value)
    own, told = study.ask(), 0

    def given_up(values: Sequence[float]) -> bool:
        nonlocal told
        found = _report(own, values, since=told)
        told = len(values)
        return found

    return given_up


def _report(trial: optuna.Trial, values: Sequence[float], *, since: int = 0) -> bool:
    """Whether the last report is a reason to end. Each is asked about: halving notes who has come to which epoch."""
    found = False
    for epoch, value in enumerate(values[since:], start=since + 1):
        trial.report(value, epoch)
        found = bool(trial.should_prune())  # of numpy otherwise
    return found
