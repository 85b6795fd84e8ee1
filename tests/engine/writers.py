"""Models that write, with random weights, made on the spot in the hub's layout: they train in seconds.

`decoder(folder)`, `gpt2(folder)` and `rewriter(folder)` write config, safetensors weights and tokenizer; `small()`
makes what starts without weights as small.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, decoders, pre_tokenizers, processors, trainers
from tokenizers.models import BPE
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MarianConfig,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

from tests.engine import kinds
from training.engine.model import anew

SPECIAL = ("<pad>", "</s>", "<s>")
CHAT = (
    "{% for message in messages %}{{ '<s>' + message['role'] + ': ' + message['content'] | trim + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}"
)


def tokenizer(*, begins: bool = False, ends: bool = False, pads: bool = True) -> PreTrainedTokenizerFast:
    backend = Tokenizer(BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=500,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = [str(cell) for form in kinds.WRITTEN for row in kinds.rows(form) for cell in row.values()]
    backend.train_from_iterator(texts, trainer)
    around = f"{'<s> ' if begins else ''}$A{' </s>' if ends else ''}"
    backend.post_processor = processors.TemplateProcessing(single=around, special_tokens=[("</s>", 1), ("<s>", 2)])
    roles = {"eos_token": "</s>", "bos_token": "<s>", **({"pad_token": "<pad>"} if pads else {})}
    made: PreTrainedTokenizerFast = PreTrainedTokenizerFast(tokenizer_object=backend, **roles)  # type: ignore[no-untyped-call]
    return made


def decoder(folder: Path, *, chat: bool = False) -> Path:
    """A Llama; its tokenizer begins texts and has no padding token."""
    made = tokenizer(begins=True, pads=False)
    if chat:
        made.chat_template = CHAT
    config = LlamaConfig(
        vocab_size=len(made), hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=128,
        max_position_embeddings=128, tie_word_embeddings=True, bos_token_id=2, eos_token_id=1,
    )  # fmt: skip
    return _written(folder, LlamaForCausalLM, config, made)


def gpt2(folder: Path) -> Path:
    """Positions from a table, weights of linear layers the other way round."""
    made = tokenizer(pads=False)
    config = GPT2Config(
        vocab_size=len(made), n_embd=64, n_layer=2, n_head=4, n_positions=64, bos_token_id=1, eos_token_id=1
    )
    return _written(folder, GPT2LMHeadModel, config, made)


def rewriter(folder: Path) -> Path:
    """A T5."""
    made = tokenizer(ends=True)
    config = T5Config(vocab_size=len(made), d_model=64, d_kv=16, d_ff=128, num_layers=2, num_heads=4, pad_token_id=0)
    config.decoder_start_token_id = 0
    return _written(folder, T5ForConditionalGeneration, config, made)


@contextmanager
def small() -> Iterator[None]:
    """What starts without weights is small, too."""

    def seq2seq() -> MarianConfig:
        return MarianConfig(
            d_model=64, encoder_layers=1, decoder_layers=1, encoder_attention_heads=4, decoder_attention_heads=4,
            encoder_ffn_dim=128, decoder_ffn_dim=128, scale_embedding=True, max_position_embeddings=128,
        )  # fmt: skip

    def language() -> LlamaConfig:
        return LlamaConfig(
            hidden_size=64, num_hidden_layers=1, num_attention_heads=4, intermediate_size=128,
            max_position_embeddings=128, tie_word_embeddings=True,
        )  # fmt: skip

    with pytest.MonkeyPatch.context() as shapes:
        shapes.setitem(anew.SHAPES, "seq2seq-small", seq2seq)
        shapes.setitem(anew.SHAPES, "decoder-small", language)
        yield


def _written(folder: Path, head: Any, config: Any, made: PreTrainedTokenizerFast) -> Path:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        head(config).save_pretrained(folder)
    made.save_pretrained(folder)
    return folder
