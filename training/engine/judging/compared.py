"""The task's metric, of the model and of what needs no neural network, on the same rows; and the sentence on it."""

from dataclasses import dataclass
from typing import Any, Protocol

from contracts.task import LOWER_IS_BETTER

CERTAIN = 0.05  # below this chance of a mere accident a difference is called one
NAMES = {
    "rmse": "root mean square error", "mae": "mean absolute error", "r2": "R²", "spearman": "Spearman correlation",
    "pearson": "Pearson correlation", "mrr": "mean reciprocal rank", "entity_f1": "entity F1", "roc_auc": "ROC AUC",
    "log_loss": "log loss", "bleu": "BLEU", "chrf": "chrF", "rouge_l": "ROUGE-L",
    "map": "mAP", "map_50": "mAP at IoU 0.5", "mean_iou": "mean IoU",
}  # fmt: skip
IN_PERCENT = (
    "accuracy",
    "macro_f1",
    "micro_f1",
    "entity_f1",
    "f1",
    "exact_match",
    "rouge_l",
    "map",
    "map_50",
    "mean_iou",
)  # others in their own unit

Interval = tuple[float, float]  # 95 %
Summary = dict[str, str | int | float | bool | None]


@dataclass(frozen=True, kw_only=True)
class Compared:
    """`name`: of the baseline; `intervals`: of model and baseline; `chance`: how likely two equally good ones differ at
    least so."""

    metric: str
    rows: int
    model: float
    baseline: float
    name: str
    intervals: tuple[Interval, Interval]
    chance: float

    @property
    def gain(self) -> float:
        """Above zero where the model is the better one."""
        return self.baseline - self.model if self.metric in LOWER_IS_BETTER else self.model - self.baseline

    @property
    def sentence(self) -> str:
        doubt = ""
        if self.chance >= CERTAIN and self.gain != 0:
            doubt = f"; with {self.rows:,} test rows that may be chance"
        said = spelt(self.metric)
        reached = f"{shown(self.metric, self.model)} {said}" if self.metric in IN_PERCENT else (
            f"a {said} of {shown(self.metric, self.model)}"
        )  # fmt: skip
        return f"The model reaches {reached} on {self.rows:,} test rows, {self._comparison}{doubt}."

    @property
    def _comparison(self) -> str:
        if self.gain == 0:
            return f"just what the {self.name} baseline reaches"
        if self.metric in IN_PERCENT:
            ours, theirs = 100 * self.model, 100 * self.baseline
            side = "more" if self.gain > 0 else "fewer"
            return f"{abs(ours - theirs):.1f} points {side} than the {self.name} baseline ({theirs:.1f} %)"
        side = "more" if self.model > self.baseline else "less"
        apart = shown(self.metric, abs(self.model - self.baseline))
        return f"{apart} {side} than the {self.name} baseline ({shown(self.metric, self.baseline)})"


class Detail(Protocol):
    """Everything a family of answers has to tell about the test split."""

    @property
    def compared(self) -> Compared: ...

    def summary(self) -> Summary:
        """What lists show."""

    def document(self) -> dict[str, Any]:
        """metrics.json."""


class Judged(Protocol):
    """The figures of one split."""

    def value(self, metric: str) -> float:
        """One of the form's metrics."""

    def values(self) -> dict[str, float]:
        """Those a customer reads after each validation."""


def score(judged: Judged, metric: str) -> float:
    """The higher the better."""
    return -judged.value(metric) if metric in LOWER_IS_BETTER else judged.value(metric)


def spelt(metric: str) -> str:
    return NAMES.get(metric, metric.replace("_", " ").replace("f1", "F1"))


def shown(metric: str, value: float) -> str:
    """With its unit, as precise as it is worth reading."""
    return f"{100 * value:.1f} %" if metric in IN_PERCENT else f"{value:.3g}"
