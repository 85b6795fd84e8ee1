"""The customer's ML task: its kind, its columns, its labels, the metric that decides.

A kind is described, not coded: it has one or more *forms*, a form has *roles*, a role holds one sort of *content*.
Whoever reads, checks, compares or shows data asks for the content of a role, never for the kind. A data set and a task
may be of every kind; a kind is trained (`TRAINED`) once the engine learns it and the runtime serves it.
"""

from dataclasses import dataclass, field

TEXT_CLASSIFICATION = "text-classification"
UNLABELLED = "unlabelled"

MAX_LABELS = 1_000  # the classification head and the report stay readable below this

# The contents a role may hold, and how a version's data.parquet stores them.
TEXT = "text"  # String
LABEL = "label"  # String: one class
LABELS = "labels"  # List[String]: any number of classes, none included
NUMBER = "number"  # Float64, finite
TOKENS = "tokens"  # List[String]
TAGS = "tags"  # List[String], IOB2, one a token
ITEMS = "items"  # List[String]: what happened, in order
OUTCOMES = "outcomes"  # List[Float64]: how each of the items went
FEATURES = "features"  # Struct of the customer's columns: Float64, String or Datetime
IMAGE = "image"  # Struct {path: String, bytes: Binary}: the file as it came
AUDIO = "audio"  # the same
MASK = "mask"  # the same: a picture of the image's size, a class a grey value
BOXES = "boxes"  # List[Struct {label: String, xmin, ymin, xmax, ymax: Float64}], pixels
MEDIA = (IMAGE, AUDIO, MASK)


@dataclass(frozen=True, kw_only=True)
class Role:
    """`target` is what a model learns to answer; the other roles are what it is asked with."""

    name: str
    content: str
    target: bool = False


@dataclass(frozen=True, kw_only=True)
class Form:
    """One way to write the rows of a kind. `single`: the same input can have only one right answer, so that equal
    inputs with different answers are a conflict; a translation has many."""

    name: str
    roles: tuple[Role, ...]
    single: bool = True

    @property
    def inputs(self) -> tuple[Role, ...]:
        return tuple(role for role in self.roles if not role.target)

    @property
    def target(self) -> Role | None:
        return next((role for role in self.roles if role.target), None)

    def of(self, *contents: str) -> tuple[str, ...]:
        """The names of the roles that hold one of the contents."""
        return tuple(role.name for role in self.roles if role.content in contents)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """The first form is the usual one, the first metric the default."""

    forms: tuple[Form, ...]
    metrics: tuple[str, ...] = ()


def _form(name: str, inputs: dict[str, str], target: tuple[str, str] | None, *, single: bool = True) -> Form:
    roles = tuple(Role(name=role, content=content) for role, content in inputs.items())
    if target is not None:
        roles += (Role(name=target[0], content=target[1], target=True),)
    return Form(name=name, roles=roles, single=single)


def _kind(*forms: Form, metrics: tuple[str, ...] = ()) -> Kind:
    return Kind(forms=forms, metrics=metrics)


_LABEL, _LABELS, _NUMBER = ("label", LABEL), ("labels", LABELS), ("score", NUMBER)
_CLASSES = ("accuracy", "macro_f1")
_PAIR = {"text_a": TEXT, "text_b": TEXT}
_TEXTS = ("bleu", "chrf", "rouge_l")

KINDS: dict[str, Kind] = {
    TEXT_CLASSIFICATION: _kind(
        _form("single-label", {"text": TEXT}, _LABEL),
        _form("multi-label", {"text": TEXT}, _LABELS),
        metrics=(*_CLASSES, "micro_f1"),
    ),
    "text-regression": _kind(_form("scored", {"text": TEXT}, _NUMBER), metrics=("rmse", "mae", "spearman")),
    "token-classification": _kind(
        _form("tagged", {"tokens": TOKENS}, ("tags", TAGS)), metrics=("entity_f1", "accuracy")
    ),
    "text-matching": _kind(
        _form("labelled-pairs", _PAIR, _LABEL),
        _form("scored-pairs", _PAIR, _NUMBER),
        _form("triples", {"query": TEXT, "positive": TEXT, "negative": TEXT}, None),
        metrics=("accuracy", "spearman", "mrr"),
    ),
    "translation": _kind(_form("pairs", {"source": TEXT}, ("target", TEXT), single=False), metrics=_TEXTS),
    "summarization": _kind(
        _form("pairs", {"text": TEXT}, ("summary", TEXT), single=False), metrics=("rouge_l", "bleu", "chrf")
    ),
    "question-answering": _kind(
        _form("extractive", {"question": TEXT, "context": TEXT}, ("answer", TEXT)), metrics=("f1", "exact_match")
    ),
    "text-generation": _kind(
        _form("instructed", {"prompt": TEXT}, ("completion", TEXT), single=False), metrics=("perplexity", "rouge_l")
    ),
    "image-classification": _kind(
        _form("single-label", {"image": IMAGE}, _LABEL),
        _form("multi-label", {"image": IMAGE}, _LABELS),
        metrics=(*_CLASSES, "micro_f1"),
    ),
    "object-detection": _kind(_form("boxed", {"image": IMAGE}, ("boxes", BOXES)), metrics=("map", "map_50")),
    "image-segmentation": _kind(_form("masked", {"image": IMAGE}, ("mask", MASK)), metrics=("mean_iou", "accuracy")),
    "audio-classification": _kind(_form("single-label", {"audio": AUDIO}, _LABEL), metrics=_CLASSES),
    "tabular-classification": _kind(
        _form("rows", {"features": FEATURES}, _LABEL), metrics=(*_CLASSES, "roc_auc", "average_precision")
    ),
    "tabular-regression": _kind(
        _form("rows", {"features": FEATURES}, ("target", NUMBER)), metrics=("rmse", "mae", "r2")
    ),
    "sequence-prediction": _kind(
        _form("answered", {"items": ITEMS}, ("outcomes", OUTCOMES)),
        _form("next-item", {"items": ITEMS}, None),
        metrics=("roc_auc", "accuracy"),
    ),
    UNLABELLED: _kind(_form("texts", {"text": TEXT}, None)),
}  # fmt: skip

DATASET_TYPES = tuple(KINDS)
TASK_TYPES = tuple(kind for kind in KINDS if kind != UNLABELLED)
TRAINED = (TEXT_CLASSIFICATION,)


def roles_of(kind: str) -> tuple[str, ...]:
    """Every role that some form of the kind has, in order."""
    return tuple(dict.fromkeys(role.name for form in KINDS[kind].forms for role in form.roles))


def form_of(kind: str, name: str) -> Form:
    return next(form for form in KINDS[kind].forms if form.name == name)


@dataclass(frozen=True, kw_only=True)
class TaskSpec:
    """What the engine and the runtime need to know of a task.

    `labels` is ordered: its positions are the class indices of the head and of `scores` in every answer.
    """

    kind: str
    labels: tuple[str, ...] = ()
    metric: str = "accuracy"
    options: dict[str, str | int | float | bool] = field(default_factory=dict)
