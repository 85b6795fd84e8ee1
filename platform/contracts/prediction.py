"""One internal prediction, whatever protocol asked: surfaces translate to and from these."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """`top_k` None means every label; `function` is "softmax", "sigmoid" or "none" over the logits, None the task's
    own. `aggregate` False: every tagged word by itself instead of whole entities. `normalize`: vectors of length 1."""

    top_k: int | None = None
    function: str | None = None
    aggregate: bool = True
    normalize: bool = True


@dataclass(frozen=True, kw_only=True)
class LabelScore:
    label: str
    score: float


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """Labels by falling score, and the one that the task's decision answers: None where it would rather have none."""

    labels: tuple[LabelScore, ...]
    label: str | None

    @property
    def size(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Labels by falling score, and those that the task's thresholds answer: any number of them."""

    labels: tuple[LabelScore, ...]
    chosen: tuple[str, ...]

    @property
    def size(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, kw_only=True)
class Number:
    """In the customer's unit."""

    value: float

    @property
    def size(self) -> int:
        return 1


@dataclass(frozen=True, kw_only=True)
class Entity:
    """`start` and `end`: characters of a text, or places in a list of words; `end` is one past the last."""

    label: str
    score: float  # the mean probability of its words' tags
    text: str
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Entities:
    entities: tuple[Entity, ...]

    @property
    def size(self) -> int:
        return len(self.entities)


@dataclass(frozen=True, kw_only=True)
class Vector:
    embedding: tuple[float, ...]

    @property
    def size(self) -> int:
        return len(self.embedding)


# What a kind answers one input. `size`: how many figures, labels or entities it holds.
Outcome = Ranked | Chosen | Number | Entities | Vector


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """The answer for one input, under an id."""

    id: str
    outcome: Outcome


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who calls: the tenant, the key, and what the key may do."""

    tenant: str
    key: str
    scopes: frozenset[str] = field(default_factory=frozenset)
    live: bool = True


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where an endpoint's name leads: the model's manifest location in the store and its version id. The task's kind
    and form say what an input looks like."""

    tenant: str
    endpoint: str
    model: str
    task_kind: str
    task_form: str
    prefix: str  # folder in the object store that holds manifest.json
