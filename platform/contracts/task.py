"""The customer's ML task: its kind, its columns, its labels, the metric that decides.

A task is defined once and outlives data sets and models. The shape carries every kind; a kind is offered
(`OFFERED`) once the engine trains it and the runtime serves it.
"""

from dataclasses import dataclass, field

TEXT_CLASSIFICATION = "text-classification"

OFFERED = (TEXT_CLASSIFICATION,)

COLUMNS: dict[str, tuple[str, ...]] = {TEXT_CLASSIFICATION: ("text", "label")}  # the roles each kind needs
METRICS: dict[str, tuple[str, ...]] = {TEXT_CLASSIFICATION: ("accuracy", "macro_f1")}  # the first is the default

MAX_LABELS = 1_000  # the classification head and the report stay readable below this


@dataclass(frozen=True, kw_only=True)
class TaskSpec:
    """What the engine and the runtime need to know of a task.

    `labels` is ordered: its positions are the class indices of the head and of `scores` in every answer.
    """

    kind: str
    labels: tuple[str, ...] = ()
    metric: str = "accuracy"
    options: dict[str, str | int | float | bool] = field(default_factory=dict)
