"""The customer's ML task: its kind, its columns, its labels, the metric that decides.

A kind is described, not coded: it has one or more *forms*, a form has *roles*, a role holds one sort of *content*.
Whoever reads, checks, compares or shows data asks for the content of a role, never for the kind. A data set and a task
may be of every kind and form; the engine learns those in `TRAINED`, the runtime serves those in `SERVED`. Base models
are trained by one of `OBJECTIVES`.
"""

from dataclasses import dataclass, field

from contracts.decision import Decision

TEXT_CLASSIFICATION = "text-classification"
TEXT_REGRESSION = "text-regression"
TOKEN_CLASSIFICATION = "token-classification"  # noqa: S105 - a token of a text
TEXT_MATCHING = "text-matching"
TRANSLATION = "translation"
SUMMARIZATION = "summarization"
QUESTION_ANSWERING = "question-answering"
TEXT_GENERATION = "text-generation"
TABULAR_CLASSIFICATION = "tabular-classification"
TABULAR_REGRESSION = "tabular-regression"
IMAGE_CLASSIFICATION = "image-classification"
OBJECT_DETECTION = "object-detection"
IMAGE_SEGMENTATION = "image-segmentation"
AUDIO_CLASSIFICATION = "audio-classification"
SEQUENCE_PREDICTION = "sequence-prediction"
UNLABELLED = "unlabelled"
MASKED_LANGUAGE = "masked-language-modelling"
CAUSAL_LANGUAGE = "causal-language-modelling"

MAX_LABELS = 1_000  # the classification head and the report stay readable below this
FEWEST = {"train": 8, "validation": 2, "test": 2}  # rows a split; below, nothing learnt or measured means anything

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
IMAGE = "image"  # Struct of path, sha256, what was measured (`training.ingest.media.images`), and bytes as they came
AUDIO = "audio"  # the same of a sound (`training.ingest.media.sounds`)
MASK = "mask"  # a picture of the image's size, a class a grey value
BOXES = "boxes"  # List[Struct {label: String, xmin, ymin, xmax, ymax: Float64}], pixels
MEDIA = (IMAGE, AUDIO, MASK)
CLASSES = (LABEL, LABELS, TAGS, BOXES)  # contents that name classes


@dataclass(frozen=True, kw_only=True)
class Role:
    """`target` is what a model learns to answer; the other roles are what it is asked with. `blank`: whether an empty
    one says something, that there is no answer, so that its row stays."""

    name: str
    content: str
    target: bool = False
    blank: bool = False


@dataclass(frozen=True, kw_only=True)
class Form:
    """One way to write the rows of a kind. `single`: the same input can have only one right answer, so that equal
    inputs with different answers are a conflict; a translation has many. Of `metrics` the first is the default."""

    name: str
    roles: tuple[Role, ...]
    metrics: tuple[str, ...]
    single: bool

    @property
    def inputs(self) -> tuple[Role, ...]:
        return tuple(role for role in self.roles if not role.target)

    @property
    def target(self) -> Role | None:
        return next((role for role in self.roles if role.target), None)

    def of(self, *contents: str) -> tuple[str, ...]:
        """The names of the roles that hold one of the contents."""
        return tuple(role.name for role in self.roles if role.content in contents)


def _form(
    name: str,
    inputs: dict[str, str],
    target: tuple[str, str] | None,
    metrics: tuple[str, ...],
    *,
    single: bool = True,
    blank: bool = False,
) -> Form:
    roles = tuple(Role(name=role, content=content) for role, content in inputs.items())
    if target is not None:
        roles += (Role(name=target[0], content=target[1], target=True, blank=blank),)
    return Form(name=name, roles=roles, metrics=metrics, single=single)


_TEXT, _IMAGE, _FEATURES, _ITEMS = {"text": TEXT}, {"image": IMAGE}, {"features": FEATURES}, {"items": ITEMS}
_PAIR = {"text_a": TEXT, "text_b": TEXT}
_LABEL, _LABELS, _SCORE = ("label", LABEL), ("labels", LABELS), ("score", NUMBER)
_ONE, _MANY = ("accuracy", "macro_f1"), ("micro_f1", "macro_f1", "accuracy")
_NUMBERS, _RANKS = ("rmse", "mae", "r2"), ("spearman", "pearson", "rmse")
_TEXTS = ("bleu", "chrf", "rouge_l")

# Of each kind its forms, the usual one first.
KINDS: dict[str, tuple[Form, ...]] = {
    TEXT_CLASSIFICATION: (
        _form("single-label", _TEXT, _LABEL, _ONE),
        _form("multi-label", _TEXT, _LABELS, _MANY),
    ),
    TEXT_REGRESSION: (_form("scored", _TEXT, _SCORE, ("rmse", "mae", "spearman")),),
    TOKEN_CLASSIFICATION: (_form("tagged", {"tokens": TOKENS}, ("tags", TAGS), ("entity_f1", "accuracy")),),
    TEXT_MATCHING: (
        _form("labelled-pairs", _PAIR, _LABEL, _ONE),
        _form("scored-pairs", _PAIR, _SCORE, _RANKS),
        _form("triples", {"query": TEXT, "positive": TEXT, "negative": TEXT}, None, ("accuracy", "mrr")),
    ),
    TRANSLATION: (_form("sentences", {"source": TEXT}, ("target", TEXT), _TEXTS, single=False),),
    SUMMARIZATION: (_form("documents", _TEXT, ("summary", TEXT), ("rouge_l", "bleu", "chrf"), single=False),),
    QUESTION_ANSWERING: (
        _form(
            "extractive",
            {"question": TEXT, "context": TEXT},
            ("answer", TEXT),
            ("f1", "exact_match"),
            single=False,
            blank=True,
        ),
    ),
    TEXT_GENERATION: (
        _form("instructed", {"prompt": TEXT}, ("completion", TEXT), ("perplexity", "rouge_l"), single=False),
    ),
    IMAGE_CLASSIFICATION: (
        _form("single-label", _IMAGE, _LABEL, _ONE),
        _form("multi-label", _IMAGE, _LABELS, _MANY),
    ),
    OBJECT_DETECTION: (_form("boxed", _IMAGE, ("boxes", BOXES), ("map", "map_50")),),
    IMAGE_SEGMENTATION: (_form("masked", _IMAGE, ("mask", MASK), ("mean_iou", "accuracy")),),
    TABULAR_CLASSIFICATION: (_form("rows", _FEATURES, _LABEL, (*_ONE, "roc_auc", "average_precision")),),
    TABULAR_REGRESSION: (_form("rows", _FEATURES, ("target", NUMBER), _NUMBERS),),
    AUDIO_CLASSIFICATION: (_form("single-label", {"audio": AUDIO}, _LABEL, _ONE),),
    SEQUENCE_PREDICTION: (
        _form("answered", _ITEMS, ("outcomes", OUTCOMES), ("roc_auc", "accuracy", "log_loss"), single=False),
        _form("next-item", _ITEMS, None, ("accuracy", "mrr")),
    ),
    UNLABELLED: (_form("texts", _TEXT, None, ()),),
}
# What a base model learns from texts alone: no kind of data set, no customer's task, but trained and judged like one.
OBJECTIVES: dict[str, tuple[Form, ...]] = {
    MASKED_LANGUAGE: (_form("texts", _TEXT, None, ("perplexity", "accuracy")),),
    CAUSAL_LANGUAGE: (_form("texts", _TEXT, None, ("perplexity", "accuracy")),),
}

DATASET_TYPES = tuple(KINDS)
TASK_TYPES = tuple(kind for kind in KINDS if kind != UNLABELLED)
TRAINED = (
    (TEXT_CLASSIFICATION, "single-label"),
    (TEXT_CLASSIFICATION, "multi-label"),
    (TEXT_REGRESSION, "scored"),
    (TOKEN_CLASSIFICATION, "tagged"),
    (TEXT_MATCHING, "labelled-pairs"),
    (TEXT_MATCHING, "scored-pairs"),
    (TEXT_MATCHING, "triples"),
    (TABULAR_CLASSIFICATION, "rows"),
    (TABULAR_REGRESSION, "rows"),
    (TRANSLATION, "sentences"),
    (SUMMARIZATION, "documents"),
    (TEXT_GENERATION, "instructed"),
    (QUESTION_ANSWERING, "extractive"),
    (IMAGE_CLASSIFICATION, "single-label"),
    (IMAGE_CLASSIFICATION, "multi-label"),
    (OBJECT_DETECTION, "boxed"),
    (IMAGE_SEGMENTATION, "masked"),
    (AUDIO_CLASSIFICATION, "single-label"),
    (SEQUENCE_PREDICTION, "answered"),
    (SEQUENCE_PREDICTION, "next-item"),
)
SERVED = (
    (TEXT_CLASSIFICATION, "single-label"),
    (TEXT_CLASSIFICATION, "multi-label"),
    (TEXT_REGRESSION, "scored"),
    (TOKEN_CLASSIFICATION, "tagged"),
    (TEXT_MATCHING, "labelled-pairs"),
    (TEXT_MATCHING, "scored-pairs"),
    (TEXT_MATCHING, "triples"),
    (TABULAR_CLASSIFICATION, "rows"),
    (TABULAR_REGRESSION, "rows"),
)
EMBEDDED = ("scored-pairs", "triples")  # forms of text-matching that learn a vector a text
LOWER_IS_BETTER = ("rmse", "mae", "perplexity", "log_loss")


def roles_of(kind: str) -> tuple[str, ...]:
    """Every role that some form of the kind has, in order."""
    return tuple(dict.fromkeys(role.name for form in KINDS[kind] for role in form.roles))


def form_of(kind: str, name: str | None) -> Form:
    """None: the usual one."""
    return next(form for form in (KINDS | OBJECTIVES)[kind] if name in (None, form.name))


@dataclass(frozen=True, kw_only=True)
class TaskSpec:
    """What the engine and the runtime need to know of a task.

    `labels` is ordered: its positions are the class indices of the head and of `scores` in every answer.
    """

    kind: str
    form: str | None = None
    labels: tuple[str, ...] = ()
    metric: str = "accuracy"
    options: dict[str, str | int | float | bool] = field(default_factory=dict)
    decision: Decision = field(default_factory=Decision)
