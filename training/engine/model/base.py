"""The catalogue's base models: a local folder or a hub id, weights from safetensors only, never foreign code.

`inspect` answers from the configuration alone, before any weights load; `load` gives model and tokenizer.
"""

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForMaskedLM,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_MASKED_LM_MAPPING,
    MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING,
)

from contracts.fine_tune import BaseModel
from contracts.problems import Problem, echo

UNLABELLED = (AutoModel, AutoModelForMaskedLM)  # heads without classes
WEIGHTS = ("model.safetensors", "model.safetensors.index.json")
HEADED = ("Classification", "QuestionAnswering")  # ends of the names of models that were trained for a task
# They number positions from the padding id on, so that a table of 514 rows reads 512 tokens.
COUNT_FROM_PADDING = (
    "camembert", "data2vec-text", "esm", "ibert", "longformer", "luke", "mpnet", "roberta", "roberta-prelayernorm",
    "xlm-roberta", "xlm-roberta-xl", "xmod",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Base:
    """`positions`: the longest text in tokens that the base can read, 0 where it reads none; `layers`, `width`: of its
    encoder."""

    spec: BaseModel
    config: PretrainedConfig
    positions: int
    layers: int
    width: int

    @property
    def packable(self) -> bool:
        """Whether `model.packed` knows this architecture; others run padded through their own forward."""
        return self.config.model_type == "bert"


def inspect(spec: BaseModel, head: Any = AutoModel) -> Base:
    """`head`: the transformers class that is to load it. Problems: `unknown_base_model`, `unsafe_format`,
    `wrong_base_for_task`."""
    config = read_config(spec)
    known = head._model_mapping  # noqa: SLF001 - of all classes that it loads; it has no public name
    if not _is_text_encoder(config) or type(config) not in known:
        message = f"The base model {echo(spec.name)} is no encoder of texts, which this kind of task needs."
        raise Problem("wrong_base_for_task", message, param="base")
    return Base(
        spec=spec,
        config=config,
        positions=_positions(config),
        layers=config.num_hidden_layers,
        width=config.hidden_size,
    )


def _is_text_encoder(config: PretrainedConfig) -> bool:
    """Has heads for classification and for masked words: what only continues texts lacks the second."""
    heads = (MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING, MODEL_FOR_MASKED_LM_MAPPING)
    generates = config.is_encoder_decoder or getattr(config, "is_decoder", False)
    return all(type(config) in head for head in heads) and hasattr(config, "hidden_size") and not generates


def _positions(config: PretrainedConfig) -> int:
    rows: int = getattr(config, "max_position_embeddings", 512)
    return rows - config.pad_token_id - 1 if config.model_type in COUNT_FROM_PADDING else rows


def read_config(spec: BaseModel) -> PretrainedConfig:
    """Problems: `unknown_base_model`, and `unsafe_format` where a folder has other weights than safetensors."""
    try:
        config: PretrainedConfig = AutoConfig.from_pretrained(
            spec.location, revision=spec.revision or "main", trust_remote_code=False
        )
    except (OSError, ValueError) as error:
        message = f"The base model {echo(spec.name)} cannot be read: choose one from the catalogue."
        raise Problem("unknown_base_model", message, param="base") from error
    folder = Path(spec.location)
    if folder.is_dir() and not any((folder / name).is_file() for name in WEIGHTS):
        raise _unsafe(spec)
    return config


def load_tokenizer(base: Base) -> PreTrainedTokenizerBase:
    """A Rust tokenizer with a padding token, or `wrong_base_for_task`."""
    tokenizer = read_tokenizer(base)
    if not tokenizer.is_fast or tokenizer.pad_token_id is None:
        message = f"The base model {echo(base.spec.name)} lacks a fast tokenizer with a padding token."
        raise Problem("wrong_base_for_task", message, param="base")
    return tokenizer


def read_tokenizer(base: Base) -> PreTrainedTokenizerBase:
    """Whatever lies there."""
    try:
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            base.spec.location, revision=base.spec.revision or "main", trust_remote_code=False
        )
    except (OSError, ValueError) as error:
        message = f"The tokenizer of the base model {echo(base.spec.name)} cannot be read."
        raise Problem("unknown_base_model", message, param="base") from error
    return tokenizer


def keeps_head(base: Base, head: Any, outputs: tuple[str, ...]) -> bool:
    """Whether the base was trained for just these outputs, and goes on from its own head. `head`, `outputs`: as
    `load_model` has them."""
    named: dict[Any, str] = dict(base.config.id2label or {})  # by number
    task = head.__name__.removeprefix("AutoModelFor")
    has = any(name.endswith(task) for name in base.config.architectures or ())
    return has and tuple(named[index] for index in sorted(named)) == outputs


def fills_words(base: Base) -> bool:
    """Whether the base brings a head of its own that foretells hidden words."""
    return any(name.endswith(("ForMaskedLM", "ForPreTraining")) for name in base.config.architectures or ())


def load_model(base: Base, head: Any, outputs: tuple[str, ...]) -> PreTrainedModel:
    """The encoder with a head, float32: with its own where `keeps_head`, else with a fresh one, whose start is the
    recipe's concern.

    `head`: the transformers class that loads it, `AutoModelFor...`; `outputs`: names, one an output.
    """
    named = labelled(outputs)
    if head in UNLABELLED:
        model = _loaded(base, head)
        model.config.num_labels = 2  # what a config says that knows no labels: not those of a head it had before
        return model
    if not _headed(base) or keeps_head(base, head, outputs):
        return _loaded(base, head, **named)
    encoder = _loaded(base, AutoModel)
    config = deepcopy(base.config)
    config.update({**named, "problem_type": None})
    fresh: PreTrainedModel = head.from_config(config, dtype=torch.float32)
    getattr(fresh, fresh.base_model_prefix).load_state_dict(encoder.state_dict(), strict=False)  # some heads pool not
    return fresh


def load_fitting(base: Base, head: Any, outputs: tuple[str, ...]) -> PreTrainedModel:
    """The base with all of its own head that fits the outputs; what is of another size starts anew."""
    return _loaded(base, head, ignore_mismatched_sizes=True, **labelled(outputs))


def labelled(outputs: tuple[str, ...]) -> dict[str, Any]:
    """What a config says of them."""
    return {"id2label": dict(enumerate(outputs)), "label2id": {name: index for index, name in enumerate(outputs)}}


def of_pictures(spec: BaseModel, config: PretrainedConfig) -> Base:
    """A base that looks at pictures: in stages, each of its own width, or in layers that are all alike."""
    sizes = getattr(config, "hidden_sizes", None)
    return Base(
        spec=spec,
        config=config,
        positions=0,
        layers=sum(config.depths) if sizes else config.num_hidden_layers,
        width=sizes[-1] if sizes else config.hidden_size,
    )


def _headed(base: Base) -> bool:
    """Whether the base was trained for a task, and not to be one."""
    return any(name.endswith(HEADED) for name in base.config.architectures or ())


def _loaded(base: Base, head: Any, **more: Any) -> PreTrainedModel:
    try:
        model: PreTrainedModel = head.from_pretrained(
            base.spec.location,
            revision=base.spec.revision or "main",
            trust_remote_code=False,
            use_safetensors=True,
            dtype="float32",
            **more,
        )
    except OSError as error:  # a hub id without safetensors shows only here
        raise _unsafe(base.spec) from error
    return model


def _unsafe(spec: BaseModel) -> Problem:
    message = f"The base model {echo(spec.name)} has no safetensors weights; other formats are never loaded."
    return Problem("unsafe_format", message, param="base")
