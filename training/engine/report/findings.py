"""Everything a finished training has to tell, and the sentence that sums it up. Knows no HTML."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from contracts.codec import to_data
from contracts.fine_tune import FineTuneSpec
from contracts.task import TaskSpec
from training.engine import baseline, calibration, examining, ranking, resampling
from training.engine.baseline import Baselines
from training.engine.calibration import Calibration
from training.engine.checkpoint import Standing
from training.engine.deciding import Decided, judge
from training.engine.examining import Abstention, Mistake, Slice
from training.engine.metrics import Scores, chance_of, interval
from training.engine.ranking import Ranking
from training.engine.settings import Settings
from training.engine.tasks import text_classification as recipe

CERTAIN = 0.05  # below this chance of a mere accident a difference is called one


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What the published model says to the rows of a split.

    `logits`: (N, classes); `truth`: (N,) class indices; `numbers`: the rows in the customer's source; `lengths`: of
    the texts, in tokens.
    """

    logits: Tensor
    truth: Tensor
    numbers: list[int]
    lengths: list[int]

    @property
    def arrays(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Logits and truth."""
        return self.logits.double().numpy(), self.truth.numpy()


@dataclass(frozen=True, kw_only=True)
class Findings:
    """`chance`: how likely model and baseline differ so by accident, in the task's metric; `rows`: split -> rows;
    `macro_f1_intervals`: of model and baseline, 95 %."""

    task: TaskSpec
    base: str
    layers: int
    settings: Settings
    standing: Standing
    rows: dict[str, int]
    model: Scores
    baseline: Scores
    majority: Scores
    macro_f1_intervals: tuple[tuple[float, float], tuple[float, float]]
    chance: float
    decided: Decided | None
    ranking: Ranking | None
    calibration: Calibration
    abstention: tuple[Abstention, ...]
    slices: tuple[Slice, ...]
    mistakes: tuple[Mistake, ...]

    @property
    def gain(self) -> float:
        """The task's metric, model minus baseline."""
        return self.model.value(self.task.metric) - self.baseline.value(self.task.metric)

    @property
    def sentence(self) -> str:
        name = self.task.metric.replace("_", " ").replace("f1", "F1")
        ours, theirs = (100 * one.value(self.task.metric) for one in (self.model, self.baseline))
        if self.gain == 0:
            comparison = f"just what the {baseline.NAME} baseline reaches"
        else:
            side = "more" if self.gain > 0 else "fewer"
            comparison = f"{abs(ours - theirs):.1f} points {side} than the {baseline.NAME} baseline ({theirs:.1f} %)"
        doubt = (
            ""
            if self.chance < CERTAIN or self.gain == 0
            else f"; with {self.model.rows:,} test rows that may be chance"
        )
        return f"The model reaches {ours:.1f} % {name} on {self.model.rows:,} test rows, {comparison}{doubt}."

    def summary(self) -> dict[str, str | int | float | bool | None]:
        """What lists show, and what the manifest says about the model."""
        return {
            "accuracy": self.model.accuracy,
            "macro_f1": self.model.macro.f1,
            "micro_f1": self.model.micro.f1,
            "baseline_accuracy": self.baseline.accuracy,
            "baseline_macro_f1": self.baseline.macro.f1,
            "majority_accuracy": self.majority.accuracy,
            "beats_baseline": self.gain > 0,
            "test_rows": self.model.rows,
            "train_rows": self.rows["train"],
            "train_seconds": round(self.standing.seconds, 2),
            "epochs": len(self.standing.history),
            "best_epoch": self.standing.best_epoch,
            "method": self.settings.method,
            "labels": len(self.task.labels),
            "sentence": self.sentence,
            **(self.decided.summary() if self.decided else {}),
        }

    def document(self) -> dict[str, Any]:
        """metrics.json: everything, per class by label."""
        ours, theirs = self.macro_f1_intervals
        return {
            "summary": self.summary(),
            "task": to_data(self.task),
            "base": self.base,
            "settings": to_data(self.settings),
            "rows": self.rows,
            "model": {**self._scores(self.model), "macro_f1_interval": ours},
            "baseline": {"name": baseline.NAME, **self._scores(self.baseline), "macro_f1_interval": theirs},
            "majority": self._scores(self.majority),
            "chance": self.chance,
            "decided": to_data(self.decided),
            "ranking": to_data(self.ranking),
            "calibration": to_data(self.calibration),
            "abstention": to_data(self.abstention),
            "slices": {"length": to_data(self.slices)},
            "surest_mistakes": to_data(self.mistakes),
            "history": self.standing.history,
        }

    def _scores(self, scores: Scores) -> dict[str, Any]:
        values = to_data(scores)  # not asdict, which copies a thousand classes' confusion for seconds
        return {
            **values,
            "accuracy_interval": interval(scores.accuracy, scores.rows),  # 95 %
            "classes": dict(zip(self.task.labels, values["classes"], strict=True)),
        }


def describe(
    spec: FineTuneSpec,
    settings: Settings,
    standing: Standing,
    *,
    rows: dict[str, int],
    layers: int,
    test: Answered,
    validation: Answered,
    plain: Baselines,
) -> Findings:
    logits, truth = test.arrays
    answers, theirs = logits.argmax(1), plain.linear.numpy()
    right, plainly_right = answers == truth, theirs == truth
    shares = calibration.probabilities(logits)
    labels = spec.task.labels
    samples = resampling.macro_f1(truth, [answers, theirs], classes=len(labels))
    return Findings(
        task=spec.task,
        base=spec.base.name,
        layers=layers,
        settings=settings,
        standing=standing,
        rows=rows,
        model=recipe.judge(spec.task, test.logits.argmax(1), test.truth),
        baseline=recipe.judge(spec.task, plain.linear, test.truth),
        majority=recipe.judge(spec.task, plain.majority, test.truth),
        macro_f1_intervals=(resampling.interval(samples[0]), resampling.interval(samples[1])),
        chance=(
            resampling.chance_of(*samples)
            if spec.task.metric == "macro_f1"
            else chance_of(int((right & ~plainly_right).sum()), int((plainly_right & ~right).sum()))
        ),
        decided=judge(spec.task.decision, labels, shares, truth),
        ranking=ranking.judge(shares, truth, labels),
        calibration=calibration.judge((logits, truth), validation.arrays),
        abstention=examining.abstention(shares.max(1), right),
        slices=examining.by_length(np.array(test.lengths), right, plainly_right),
        mistakes=examining.surest_mistakes(shares, truth, test.numbers, labels),
    )
