"""Base models that write: language models that go on with a text, and encoder-decoders that read one and write another.

`inspect` answers from the configuration alone; `load` gives model and tokenizer, both with all that writing needs.
"""

from dataclasses import dataclass
from typing import Any

from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    GenerationConfig,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING,
    MODEL_FOR_MASKED_LM_MAPPING,
    MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING,
)

from contracts.fine_tune import BaseModel
from contracts.problems import Problem, echo
from training.engine.data.pairs import template_of
from training.engine.model import anew
from training.engine.model.base import Base, load_model, read_config, read_tokenizer

WITHOUT_END = 8_192  # tokens of a text where positions are relative and no table ends


@dataclass(frozen=True, kw_only=True)
class Writer:
    """A model and its tokenizer. `layout`: in which a prompt stands where the base brought no chat template."""

    model: Any
    tokenizer: PreTrainedTokenizerBase
    layout: str | None


def inspect(spec: BaseModel) -> Base:
    """Problems: `unknown_base_model`, `unsafe_format`, `wrong_base_for_task`."""
    config = read_config(spec) if spec.shape is None else anew.config_of(spec)
    if not _writes(config):
        message = f"The base model {echo(spec.name)} does not write texts, which this kind of task needs."
        raise Problem("wrong_base_for_task", message, param="base")
    return Base(
        spec=spec,
        config=config,
        positions=getattr(config, "max_position_embeddings", None) or WITHOUT_END,
        layers=config.num_hidden_layers,
        width=config.hidden_size,
    )


def load(base: Base, texts: list[str], *, layout: str) -> Writer:
    """`texts`: of the training split, that the tokenizer of a model without weights is learnt from; `layout`: for a
    base without a chat template."""
    model, tokenizer = opened(base, texts)
    given = None
    if not base.config.is_encoder_decoder and not tokenizer.chat_template:
        given = opening(tokenizer) + layout
        tokenizer.chat_template = template_of(layout, opening=opening(tokenizer))
    return Writer(model=model, tokenizer=tokenizer, layout=given)


def opened(base: Base, texts: list[str]) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """As they are, the tokenizer with all that batches of unequal texts need."""
    if base.spec.shape is not None:
        model, tokenizer = anew.begin(base, texts)
    else:
        tokenizer = _with_ends(base, read_tokenizer(base))
        model = load_model(base, head_of(base.config), ())
    if not base.config.is_encoder_decoder:
        tokenizer.padding_side = "left"  # so that answers begin where prompts end
        tokenizer.init_kwargs["padding_side"] = "left"  # what is saved
    return model, tokenizer


def head_of(config: PretrainedConfig) -> Any:
    """The transformers class that loads it."""
    return AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM


def write_at_most(writer: Writer, most: int) -> None:
    """What `generate` does where nothing else is asked: each time the likeliest token, and at most `most` of them."""
    given, tokenizer = writer.model.generation_config, writer.tokenizer
    writer.model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        max_new_tokens=most,
        do_sample=False,
        num_beams=1,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=tokenizer.bos_token_id,
        decoder_start_token_id=given.decoder_start_token_id,
        forced_bos_token_id=given.forced_bos_token_id,
    )


def _writes(config: PretrainedConfig) -> bool:
    """Texts alone: what fills in masked words is an encoder, though transformers would load it as a language model, and
    what sees pictures too keeps its numbers elsewhere."""
    if not (hasattr(config, "hidden_size") and hasattr(config, "num_hidden_layers")):
        return False
    if config.is_encoder_decoder:
        starts = getattr(config, "decoder_start_token_id", None)
        return type(config) in MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING and starts is not None
    return type(config) in MODEL_FOR_CAUSAL_LM_MAPPING and type(config) not in MODEL_FOR_MASKED_LM_MAPPING


def _with_ends(base: Base, tokenizer: PreTrainedTokenizerBase) -> PreTrainedTokenizerBase:
    """With a token to fill up batches: many language models were trained without one."""
    if not tokenizer.is_fast or tokenizer.eos_token_id is None:
        message = f"The base model {echo(base.spec.name)} lacks a fast tokenizer with an end-of-text token."
        raise Problem("wrong_base_for_task", message, param="base")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def opening(tokenizer: PreTrainedTokenizerBase) -> str:
    """The token that the tokenizer begins every text with, or nothing."""
    first = tokenizer("a").input_ids[0]
    return str(tokenizer.bos_token) if first == tokenizer.bos_token_id else ""
