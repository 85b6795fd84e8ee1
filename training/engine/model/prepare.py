"""From a base model to something trainable, and back to a stock model to publish."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from training.engine.data.tokens import Tokens
from training.engine.model import lora
from training.engine.model.base import Base
from training.engine.model.lower import kept
from training.engine.model.packed import Packed
from training.engine.model.padded import Padded
from training.engine.model.precision import autocast
from training.engine.model.words import Words, occurring
from training.engine.settings import Settings

TEXTS_AT_ONCE = 128

# Starts a head: given the model, (K, width) features, and which answers they are of, (K,) places in the truth.
Start = Callable[[Any, Tensor, Tensor], None]


@dataclass(frozen=True, kw_only=True)
class Trainable:
    """`module`: holds the trained parameters, a `PeftModel` for LoRA; `tokens` and `lower` of train, validation."""

    module: Any
    network: Packed | Padded
    tokens: tuple[Tokens, Tokens]
    lower: tuple[Tensor | None, Tensor | None]
    words: Words | None = None

    def finished(self) -> PreTrainedModel:
        """The stock model with everything learnt in it: adapters merged, all embedding rows in place."""
        model: PreTrainedModel = self.module.merge_and_unload() if hasattr(self.module, "peft_config") else self.module
        if self.words is not None:
            self.words.restore(model)
        return model


def network_of(base: Base, model: Any, tokenizer: PreTrainedTokenizerBase, *, first: int = 0) -> Packed | Padded:
    if base.packable:
        return Packed(model=model, heads=base.config.num_attention_heads, first=first)
    return Padded(model=model, filler=int(tokenizer.pad_token_id))


def prepare(
    base: Base,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    *,
    settings: Settings,
    tokens: tuple[Tokens, Tokens],
    shown: list[int],
    start: Start | None,
) -> Trainable:
    """`tokens`: of train and validation; `shown`: the training texts whose features a head is started from."""
    network = network_of(base, model, tokenizer, first=settings.first_layer)
    lower: tuple[Tensor | None, Tensor | None] = (None, None)
    words = None
    if isinstance(network, Packed):
        with autocast(settings.bfloat16):
            lower = (kept(network, tokens[0], width=base.width), kept(network, tokens[1], width=base.width))
            if start is not None:
                start(model, *_features(network, tokens[0], lower[0], shown))
    if settings.method == "lora":
        module = lora.wrap(model, rank=int(settings.lora_rank or 0), packable=base.packable)
        return Trainable(
            module=module,
            network=network_of(base, module.get_base_model(), tokenizer),
            tokens=tokens,
            lower=lower,
        )
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(_is_trained(name, settings.first_layer))
    if isinstance(network, Packed) and settings.first_layer == 0:
        words = occurring(model, list(tokens))
        tokens = (words.renamed(tokens[0]), words.renamed(tokens[1]))
    return Trainable(module=model, network=network, tokens=tokens, lower=lower, words=words)


def _is_trained(name: str, first: int) -> bool:
    layer = re.search(r"encoder\.layer\.(\d+)\.", name)
    return first == 0 or (int(layer[1]) >= first if layer else "embeddings" not in name)


def _features(network: Packed, tokens: Tokens, lower: Tensor | None, shown: list[int]) -> tuple[Tensor, Tensor]:
    """(K, width) and (K,), what `Start` is given."""
    features, asked = [], []
    with torch.no_grad():
        for start in range(0, len(shown), TEXTS_AT_ONCE):
            batch = network.batch(tokens, shown[start : start + TEXTS_AT_ONCE])
            features.append(network.features(tokens, batch, lower).float())
            asked.append(network.asked(tokens, batch))
    return torch.cat(features), torch.cat(asked)
