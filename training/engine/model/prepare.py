"""From a base model to something trainable, and back to a stock model to publish."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from training.engine.data.tokens import Tokens
from training.engine.model import adapters, headed
from training.engine.model.base import Base
from training.engine.model.headed import Headed
from training.engine.model.lower import kept
from training.engine.model.packed import Packed
from training.engine.model.padded import Padded
from training.engine.model.precision import autocast
from training.engine.model.words import Words, occurring
from training.engine.settings import Settings

TEXTS_AT_ONCE = 128

# Starts a head: given the model, (K, width) features, and which answers they are of, (K,) places in the truth.
Start = Callable[[Any, Tensor, Tensor], None]


class Network(Protocol):
    """A way through a model: `Packed`, `Padded`, `Headed`. Each knows its own batches alone."""

    def batch(self, tokens: Tokens, rows: list[int]) -> Any: ...

    def asked(self, tokens: Tokens, batch: Any) -> Tensor:
        """(K,) which answers `logits` gives, in its order, as `Tokens.asked` names them."""

    def logits(self, tokens: Tokens, batch: Any, lower: Any) -> Tensor: ...


@dataclass(frozen=True, kw_only=True)
class Trainable:
    """`module`: holds the trained parameters, a `PeftModel` for adapters; `tokens` and `lower` of train, validation."""

    module: Any
    network: Network
    tokens: tuple[Tokens, Tokens]
    lower: tuple[Tensor | None, Tensor | None]
    words: Words | None = None

    def finished(self, copied: Any) -> PreTrainedModel:
        """The stock model with everything learnt in it: adapters merged, all embedding rows in place. `copied`: of the
        module, which goes into it."""
        model = adapters.merged(copied)
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
    if settings.method == "head":
        return _head_alone(base, model, settings=settings, tokens=tokens, shown=shown, start=start)
    network = network_of(base, model, tokenizer, first=settings.first_layer)
    lower: tuple[Tensor | None, Tensor | None] = (None, None)
    words = None
    if isinstance(network, Packed):
        with autocast(settings.bfloat16):
            lower = (kept(network, tokens[0], width=base.width), kept(network, tokens[1], width=base.width))
            if start is not None:
                start(model, *_features(network, tokens[0], lower[0], shown))
    if settings.method in adapters.METHODS:
        module = adapters.wrap(model, settings.method, rank=settings.lora_rank, packable=base.packable)
        return Trainable(
            module=module,
            network=network_of(base, module.get_base_model(), tokenizer),
            tokens=tokens,
            lower=lower,
        )
    _freeze(model, below=settings.first_layer)
    if isinstance(network, Packed) and settings.first_layer == 0:
        words = occurring(model, list(tokens))
        tokens = (words.renamed(tokens[0]), words.renamed(tokens[1]))
    return Trainable(module=model, network=network, tokens=tokens, lower=lower, words=words)


def _head_alone(
    base: Base,
    model: PreTrainedModel,
    *,
    settings: Settings,
    tokens: tuple[Tokens, Tokens],
    shown: list[int],
    start: Start | None,
) -> Trainable:
    encoder, network = Packed(model=model, heads=base.config.num_attention_heads), Headed(model=model)
    with autocast(settings.bfloat16):
        states = (headed.states(encoder, tokens[0]), headed.states(encoder, tokens[1]))
        if start is not None:
            start(model, *_features(network, tokens[0], states[0], shown))
    _freeze(model, below=settings.first_layer)
    return Trainable(module=model, network=network, tokens=tokens, lower=states)


def _freeze(model: PreTrainedModel, *, below: int) -> None:
    """What lies below that layer of the encoder stays as it is."""
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(_is_trained(name, below))


def _is_trained(name: str, first: int) -> bool:
    layer = re.search(r"encoder\.layer\.(\d+)\.", name)
    return first == 0 or (int(layer[1]) >= first if layer else "embeddings" not in name)


def _features(network: Any, tokens: Tokens, lower: Tensor | None, shown: list[int]) -> tuple[Tensor, Tensor]:
    """(K, width) and (K,), what `Start` is given."""
    features, asked = [], []
    with torch.no_grad():
        for start in range(0, len(shown), TEXTS_AT_ONCE):
            batch = network.batch(tokens, shown[start : start + TEXTS_AT_ONCE])
            features.append(network.features(tokens, batch, lower).float())
            asked.append(network.asked(tokens, batch))
    return torch.cat(features), torch.cat(asked)
