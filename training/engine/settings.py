"""Every number of one training, chosen by data size and base where the customer left it open. Knows no tensors."""

from dataclasses import dataclass, replace
from math import ceil, sqrt

from contracts.compression import METHODS as COMPRESSIONS
from contracts.compression import RESHAPED, Compression, faults_of_compression
from contracts.fine_tune import METHODS, RANGES, FineTuneSpec, faults_of, faults_with_task
from contracts.problems import Fault, echo
from contracts.task import LABEL, TAGS, form_of
from training.engine.model import adapters
from training.engine.model.base import Base

LARGE_WIDTH = 1024  # from BERT-large on, all gradients and moments would take gigabytes: adapters instead
MAX_LENGTH = 256  # tokens: what most customer texts fit into; longer ones are cut and counted


@dataclass(frozen=True, kw_only=True)
class Habits:
    """What a family of kinds does where the customer leaves it open.

    `rates`: of each method that it can be trained by the peak learning rate at 64 rows a batch; `width`: of the base
    that these were measured at, as wider ones want smaller steps. `wanted`: rows a small data set is to show the model
    in all, repeats included; `epochs`: the fewest and the most for that. `bfloat16`: whether it may be multiplied in,
    where the processor does so. `max_length`: tokens. `anew`: the habits where the base has no weights to start from,
    if they are others.
    """

    rates: dict[str, float]
    width: int
    wanted: int
    epochs: tuple[int, int]
    bfloat16: bool = True
    max_length: int = MAX_LENGTH
    anew: "Habits | None" = None


VECTORS = Habits(
    rates={"full": 3e-4, "upper_layers": 5e-4, "lora": 1e-3, "dora": 1e-3, "ia3": 1e-2}, width=384, wanted=4_000,
    epochs=(3, 20),
)  # fmt: skip
ENCODER = replace(VECTORS, rates={**VECTORS.rates, "head": 1e-2})
OFTEN = 20  # times as many rows are shown to a head alone: its epochs cost next to nothing


@dataclass(frozen=True, kw_only=True)
class Settings:
    """`first_layer`: the lowest trained layer of the encoder, 0 for all, their number for none.
    `max_length`: 0 where no texts are read.     `warmup`: share of the steps."""

    method: str
    first_layer: int
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    label_smoothing: float
    patience: int
    max_length: int
    lora_rank: int | None
    seed: int
    bfloat16: bool
    threads: int
    warmup: float = 0.1
    clip_norm: float = 1.0
    class_weights: str | dict[str, float] | None = None  # None: every row counts alike


def habits_with(spec: FineTuneSpec, habits: Habits) -> Habits:
    """Those for this base."""
    return habits.anew if spec.base.shape is not None and habits.anew is not None else habits


def faults(spec: FineTuneSpec) -> list[Fault]:
    """What is wrong with method and hyperparameters on their own."""
    found = faults_of(spec.hyperparameters) + faults_with_task(
        spec.hyperparameters, form_of(spec.task.kind, spec.task.form), spec.task.labels
    )
    if spec.compression is not None:
        form = form_of(spec.task.kind, spec.task.form).name
        found += faults_of_compression(spec.compression, spec.task.kind, form)
    if spec.method not in METHODS:
        message = f"method must be one of {', '.join(METHODS)}; not {echo(spec.method)}."
        found.append(Fault(code="unknown_method", message=message, param="method"))
    return found


def faults_with(spec: FineTuneSpec, base: Base, habits: Habits = ENCODER) -> list[Fault]:
    """What does not fit this base."""
    found, asked, habits = [], spec.hyperparameters, habits_with(spec, habits)
    name = echo(spec.base.name)
    if spec.method in METHODS and spec.method not in ("auto", *habits.rates):
        message = f"{spec.task.kind} is trained by {', '.join(habits.rates)}; not by {spec.method}. Leave method out."
        found.append(Fault(code="unknown_method", message=message, param="method"))
    if asked.max_length is not None and base.positions == 0:
        message = f"max_length is for texts, and {spec.task.kind} reads none. Leave it out."
        found.append(Fault(code="not_for_this_form", message=message, param="hyperparameters.max_length"))
    elif asked.max_length is not None and asked.max_length > base.positions:
        message = f"max_length {asked.max_length} is beyond the {base.positions} tokens that {name} can read."
        found.append(Fault(code="out_of_range", message=message, param="hyperparameters.max_length"))
    if asked.lora_rank is not None and asked.lora_rank > base.width:
        message = f"lora_rank {asked.lora_rank} is above the width of {name}, {base.width}."
        found.append(Fault(code="rank_above_dimension", message=message, param="hyperparameters.lora_rank"))
    if spec.method in ("upper_layers", "head") and spec.method in habits.rates and not base.packable:
        message = f"The method '{spec.method}' is offered for BERT encoders; {name} is none. Choose full or lora."
        found.append(Fault(code="wrong_base_for_task", message=message, param="method"))
    if spec.method == "ia3" and "ia3" in habits.rates and not adapters.multiplies(base.config):
        kind = echo(base.config.model_type)
        message = f"The method 'ia3' is not offered for bases like {name} ({kind}). Choose lora or dora."
        found.append(Fault(code="wrong_base_for_task", message=message, param="method"))
    return found + (_faults_of_cut(spec.compression, base, name) if spec.compression else [])


def _faults_of_cut(asked: Compression, base: Base, name: str) -> list[Fault]:
    """Of a compression, what does not fit this base."""
    method, found = COMPRESSIONS.get(asked.method), []
    if method and method.reshapes and asked.student is None and base.config.model_type not in RESHAPED:
        message = (
            f"{asked.method} is offered for {', '.join(RESHAPED)}; {name} is none of these. Choose another method."
        )
        found.append(Fault(code="wrong_base_for_compression", message=message, param="compression.method"))
    if asked.layers is not None and asked.layers >= base.layers:
        message = f"{name} has {base.layers} layers: fewer than these can stay, not {asked.layers}."
        found.append(Fault(code="out_of_range", message=message, param="compression.layers"))
    return found


def method_of(spec: FineTuneSpec, base: Base, habits: Habits = ENCODER) -> tuple[str, str]:
    """The method and the reason for it."""
    if spec.method != "auto":
        return spec.method, "as asked for"
    if spec.base.shape is not None:
        return "full", "nothing was learnt before"
    if len(habits.rates) == 1:
        return next(iter(habits.rates)), "there is no other for this kind of task"
    if base.width >= LARGE_WIDTH:
        return "lora", f"the base is large ({base.layers} layers of width {base.width})"
    if base.packable and base.layers >= 4 and "upper_layers" in habits.rates:
        reason = "the lower half of the encoder reads language well enough as it is, and half the work is spared"
        return "upper_layers", reason
    return "full", f"the base is small ({base.layers} layers of width {base.width})"


def choose(
    spec: FineTuneSpec, base: Base, habits: Habits = ENCODER, *, train_rows: int, bfloat16: bool, threads: int
) -> Settings:
    asked, habits = spec.hyperparameters, habits_with(spec, habits)
    method, _ = method_of(spec, base, habits)
    often = OFTEN if method == "head" else 1
    fewest, most = (min(often * bound, round(RANGES["n_epochs"][1])) for bound in habits.epochs)
    epochs = asked.n_epochs or min(max(ceil(often * habits.wanted / train_rows), fewest), most)
    batch_size = asked.batch_size or (64 if train_rows >= 4_000 else 32 if train_rows >= 1_000 else 16)
    rate = habits.rates[method] * sqrt(batch_size / 64) * min(1.0, (habits.width / base.width) ** 2)
    return Settings(
        method=method,
        first_layer={"upper_layers": base.layers // 2, "head": base.layers}.get(method, 0),
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=(asked.learning_rate or rate) * (asked.learning_rate_multiplier or 1.0),
        weight_decay=_given(asked.weight_decay, 0.01),
        label_smoothing=_given(asked.label_smoothing, _smoothing(spec)),
        patience=asked.patience or max(3, ceil(epochs / 2)),
        max_length=asked.max_length or min(habits.max_length, base.positions),
        lora_rank=(asked.lora_rank or min(16, base.width)) if method in adapters.OF_A_RANK else None,
        class_weights=asked.class_weights if asked.class_weights != "none" else None,
        seed=spec.seed,
        bfloat16=bfloat16 and habits.bfloat16,
        threads=threads,
    )


def _smoothing(spec: FineTuneSpec) -> float:
    target = form_of(spec.task.kind, spec.task.form).target
    return 0.05 if target is not None and target.content in (LABEL, TAGS) else 0.0


def _given(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value
