"""What the engine child is asked: train one model for one task on one data set version."""

from dataclasses import dataclass, field

from contracts.compression import Compression
from contracts.problems import Fault, echo
from contracts.search import Searched, Trial
from contracts.task import (
    AUDIO_CLASSIFICATION,
    IMAGE_CLASSIFICATION,
    IMAGE_SEGMENTATION,
    LABEL,
    LABELS,
    OBJECT_DETECTION,
    QUESTION_ANSWERING,
    SEQUENCE_PREDICTION,
    SUMMARIZATION,
    TABULAR_CLASSIFICATION,
    TABULAR_REGRESSION,
    TAGS,
    TEXT_CLASSIFICATION,
    TEXT_GENERATION,
    TEXT_MATCHING,
    TEXT_REGRESSION,
    TOKEN_CLASSIFICATION,
    TRANSLATION,
    Form,
    TaskSpec,
)

# "upper_layers" trains the upper half of the encoder, "head" only what stands on it; the rest stays as the base has it.
METHODS = ("auto", "full", "upper_layers", "head", "lora", "dora", "ia3")


@dataclass(frozen=True, kw_only=True)
class Hyperparameters:
    """None means: the engine chooses by data size and says so in an event. Allowed ranges: `RANGES`."""

    n_epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    learning_rate_multiplier: float | None = None  # OpenAI's way: of the rate given or chosen
    lora_rank: int | None = None
    weight_decay: float | None = None
    label_smoothing: float | None = None
    patience: int | None = None  # validations without improvement before early stopping
    max_length: int | None = None  # tokens; longer texts are truncated and counted
    # What a row of a class counts in the loss: None or "none", every row alike; "auto", every class alike; or a weight
    # a label, 1 where left out. Always scaled to a mean of 1 over the training rows.
    class_weights: str | dict[str, float] | None = None


RANGES: dict[str, tuple[float, float]] = {
    "n_epochs": (1, 100),
    "batch_size": (1, 1024),
    "learning_rate": (1e-7, 1e-1),
    "learning_rate_multiplier": (0.01, 100.0),
    "lora_rank": (1, 256),
    "weight_decay": (0.0, 1.0),
    "label_smoothing": (0.0, 0.5),
    "patience": (1, 100),
    "max_length": (8, 8192),
}


WEIGHTINGS = ("none", "auto")
FOR_CLASSES = {"class_weights": (LABEL, LABELS), "label_smoothing": (LABEL, LABELS, TAGS)}  # by content of the target
WEIGHTS = (0.001, 1000.0)  # of a class; beyond them the other classes are as good as left out


def faults_of(hyperparameters: Hyperparameters, *, prefix: str = "hyperparameters") -> list[Fault]:
    """Every value outside its range, each named with the range; NaN is outside every range."""
    faults = []
    for name, (low, high) in RANGES.items():
        value = getattr(hyperparameters, name)
        if value is not None and not low <= value <= high:
            message = f"{name} must lie between {low:g} and {high:g}; {value:g} does not."
            faults.append(Fault(code="out_of_range", message=message, param=f"{prefix}.{name}"))
    return faults + _faults_of_weights(hyperparameters.class_weights, f"{prefix}.class_weights")


def _faults_of_weights(given: str | dict[str, float] | None, param: str) -> list[Fault]:
    if isinstance(given, str) and given not in WEIGHTINGS:
        message = f"class_weights must be none, auto or a weight for each label; not {echo(given)}."
        return [Fault(code="invalid_choice", message=message, param=param)]
    low, high = WEIGHTS
    return [
        Fault(
            code="out_of_range",
            message=f"The weight of {echo(label)} must lie between {low:g} and {high:g}; {weight:g} does not.",
            param=param,
        )
        for label, weight in (given.items() if isinstance(given, dict) else ())
        if not low <= weight <= high
    ]


def faults_with_task(
    hyperparameters: Hyperparameters, form: Form, labels: tuple[str, ...], *, prefix: str = "hyperparameters"
) -> list[Fault]:
    """What makes no sense for what is learnt, and weights for labels that the task does not have."""
    content = form.target.content if form.target else None
    faults = [
        Fault(
            code="not_for_this_form",
            message=f"{name} is for classes, and a task in the form {form.name} has none to tell apart. Leave it out.",
            param=f"{prefix}.{name}",
        )
        for name, contents in FOR_CLASSES.items()
        if getattr(hyperparameters, name) not in (None, "none", 0.0) and content not in contents
    ]
    given = hyperparameters.class_weights
    unknown = [label for label in given if label not in labels] if isinstance(given, dict) and not faults else []
    return faults + [
        Fault(
            code="unknown_label",
            message=f"class_weights names {echo(label)}, which is not one of the task's labels: correct or remove it.",
            param=f"{prefix}.class_weights",
        )
        for label in unknown
    ]


@dataclass(frozen=True, kw_only=True)
class BaseModel:
    """What a training starts from. `name` is the catalogue's; `location` a local folder, a hub id with `revision`
    pinned, or `scratch:` and a shape: a small model without weights, made on the spot for want of a better one. A hub
    id needs network in the worker; the others never do. `kinds`: of tasks it is for; None: those that an encoder of
    texts learns."""

    name: str
    location: str
    revision: str | None = None
    kinds: tuple[str, ...] | None = None

    @property
    def shape(self) -> str | None:
        """Of a model without weights; None where there are some."""
        return self.location.removeprefix(NO_WEIGHTS) if self.location.startswith(NO_WEIGHTS) else None

    def fits(self, kind: str) -> bool:
        return kind in (ENCODED if self.kinds is None else self.kinds)


# By an encoder of texts.
ENCODED = (TEXT_CLASSIFICATION, TEXT_REGRESSION, TOKEN_CLASSIFICATION, TEXT_MATCHING, QUESTION_ANSWERING)
NO_WEIGHTS = "scratch:"
# What every deployment's catalogue has: where its kinds have no pre-trained base, a small model that starts at random.
FROM_SCRATCH: tuple[BaseModel, ...] = (
    BaseModel(
        name="tabular-small",
        location=f"{NO_WEIGHTS}tabular-small",
        kinds=(TABULAR_CLASSIFICATION, TABULAR_REGRESSION),
    ),
    BaseModel(name="seq2seq-small", location=f"{NO_WEIGHTS}seq2seq-small", kinds=(TRANSLATION, SUMMARIZATION)),
    BaseModel(name="decoder-small", location=f"{NO_WEIGHTS}decoder-small", kinds=(TEXT_GENERATION,)),
    BaseModel(name="vision-small", location=f"{NO_WEIGHTS}vision-small", kinds=(IMAGE_CLASSIFICATION,)),
    BaseModel(name="detector-small", location=f"{NO_WEIGHTS}detector-small", kinds=(OBJECT_DETECTION,)),
    BaseModel(name="segmenter-small", location=f"{NO_WEIGHTS}segmenter-small", kinds=(IMAGE_SEGMENTATION,)),
    BaseModel(name="audio-small", location=f"{NO_WEIGHTS}audio-small", kinds=(AUDIO_CLASSIFICATION,)),
    BaseModel(name="sequence-small", location=f"{NO_WEIGHTS}sequence-small", kinds=(SEQUENCE_PREDICTION,)),
)


@dataclass(frozen=True, kw_only=True)
class FineTuneSpec:
    """A whole job. Paths inside are relative to the input folder given beside the spec on the command line.

    The output folder receives the artifact: config.json, model.safetensors (merged when the method trains an adapter,
    so that plain `AutoModelForSequenceClassification.from_pretrained` loads it), tokenizer files, task.json
    (`TaskSpec`), metrics.json, report.html, README.md (the model card) and, last, manifest.json. A compressed model is
    onnx/model.onnx, or a folder compressed/ like this one. Checkpoints go to `checkpoints/step-N/` in the work folder;
    `resume` names such a folder inside the input folder. `student`: the base model that `compression.student` names.
    `candidates`: whether models on the way are offered.
    """

    job: str
    task: TaskSpec
    base: BaseModel
    data: str = "data.parquet"
    method: str = "auto"
    hyperparameters: Hyperparameters = field(default_factory=Hyperparameters)
    compression: Compression | None = None
    student: BaseModel | None = None
    candidates: bool = True
    seed: int = 0
    threads: int | None = None
    checkpoint_every_s: float = 30.0
    resume: str | None = None
    trial: Trial | None = None  # only tried: no artifact, no test split
    searched: Searched | None = None  # what the hyperparameters were chosen by
