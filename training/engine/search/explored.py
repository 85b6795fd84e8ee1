"""What the trials of a search show together. Knows no HTML."""

from dataclasses import dataclass
from typing import Any

from contracts.codec import to_data
from contracts.search import Searched, Tried
from contracts.task import LOWER_IS_BETTER

FEWEST = 10  # completed trials from which on the parameters' weights are worth telling
UPPER = 0.25  # the share of the trials that counts as good


@dataclass(frozen=True, kw_only=True)
class Explored:
    """`importances`: of each parameter its share, summing up to 1; None where too few trials tell of them."""

    metric: str
    searched: Searched
    importances: dict[str, float] | None

    @property
    def rising(self) -> bool:
        """Whether more of the metric is better."""
        return self.metric not in LOWER_IS_BETTER

    @property
    def ranked(self) -> list[Tried]:
        """Completed trials, the best first, then the others as they came."""
        sign = -1 if self.rising else 1
        completed = [one for one in self.searched.trials if one.state == "completed" and one.value is not None]
        others = [one for one in self.searched.trials if one not in completed]
        return [*sorted(completed, key=lambda one: sign * (one.value or 0.0)), *others]

    def trial(self, number: int | None) -> Tried | None:
        return next((one for one in self.searched.trials if one.number == number), None)

    def document(self) -> dict[str, Any]:
        """In metrics.json."""
        data: dict[str, Any] = to_data(self.searched)
        return {**data, "importances": self.importances}


def explore(searched: Searched, metric: str) -> Explored:
    return Explored(metric=metric, searched=searched, importances=_importances(searched, metric))


def _importances(searched: Searched, metric: str) -> dict[str, float] | None:
    """PED-ANOVA (Watanabe et al., IJCAI 2023): how much each parameter sets the best quarter of the trials apart."""
    completed = [one for one in searched.trials if one.state == "completed"]
    if len(completed) < FEWEST or len({one.value for one in completed}) < 1 / UPPER:
        return None
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    from training.engine.search.study import study_of

    study = study_of(metric, completed, searched.search.space)
    found = get_param_importances(study, evaluator=PedAnovaImportanceEvaluator(target_quantile=UPPER))
    return {name: float(share) for name, share in found.items()}
