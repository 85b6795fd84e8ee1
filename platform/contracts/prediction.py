"""One internal prediction, whatever protocol asked: surfaces translate to and from these."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """`top_k` None means every label; `function` is "softmax", "sigmoid" or "none" over the logits."""

    top_k: int | None = None
    function: str = "softmax"


@dataclass(frozen=True, kw_only=True)
class LabelScore:
    label: str
    score: float


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """Labels by falling score, and the one that the task's decision answers: None where it would rather have none."""

    labels: tuple[LabelScore, ...]
    label: str | None


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """The answer for one input: what `Ranked` says, under an id."""

    id: str
    labels: tuple[LabelScore, ...]
    label: str | None = None


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who calls: the tenant, the key, and what the key may do."""

    tenant: str
    key: str
    scopes: frozenset[str] = field(default_factory=frozenset)
    live: bool = True


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where an endpoint's name leads: the model's manifest location in the store and its version id."""

    tenant: str
    endpoint: str
    model: str
    task_kind: str
    prefix: str  # folder in the object store that holds manifest.json
