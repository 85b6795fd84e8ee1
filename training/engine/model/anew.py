"""Small writers that start at random: for kinds of task that a deployment has no pre-trained base for.

Their byte-pair tokenizer (Sennrich et al. 2016, arXiv:1508.07909; over bytes, so that nothing is unknown) is learnt
from the training split. Both are stock architectures, so that their files load anywhere.
"""

from collections.abc import Callable, Iterable
from typing import Any

from tokenizers import Tokenizer, decoders, pre_tokenizers, processors, trainers
from tokenizers.models import BPE
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MarianConfig,
    MarianMTModel,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)

from contracts.fine_tune import BaseModel
from contracts.problems import Problem, echo
from training.engine.model.base import Base

PAD, END, ASKED, WRITTEN = "<pad>", "</s>", "<asked>", "<written>"
SPECIAL = (PAD, END, ASKED, WRITTEN)  # in the order of their ids
BYTES = 256
MOST_PIECES = 8_000
SPELT_OUT = 10  # words of text a piece: with fewer, most pieces would be seen too rarely to be learnt
CHAT = (
    "{% for message in messages %}{% if message['role'] == 'user' %}"
    f"{{{{ '{ASKED}' + message['content'] }}}}"
    f"{{% else %}}{{{{ '{WRITTEN}' + message['content'] + '{END}' }}}}{{% endif %}}{{% endfor %}}"
    f"{{% if add_generation_prompt %}}{{{{ '{WRITTEN}' }}}}{{% endif %}}"
)

Shape = MarianConfig | LlamaConfig


def _seq2seq_small() -> MarianConfig:
    """The Transformer of Vaswani et al. (2017, arXiv:1706.03762) with half of its layers and half of its width."""
    return MarianConfig(
        d_model=256, encoder_layers=3, decoder_layers=3, encoder_attention_heads=8, decoder_attention_heads=8,
        encoder_ffn_dim=1024, decoder_ffn_dim=1024, scale_embedding=True, max_position_embeddings=1024,
    )  # fmt: skip


def _decoder_small() -> LlamaConfig:
    """A Llama (Touvron et al. 2023, arXiv:2302.13971) of four layers."""
    return LlamaConfig(
        hidden_size=256, num_hidden_layers=4, num_attention_heads=8, intermediate_size=688,
        max_position_embeddings=1024, tie_word_embeddings=True,
    )  # fmt: skip


SHAPES: dict[str, Callable[[], Shape]] = {"seq2seq-small": _seq2seq_small, "decoder-small": _decoder_small}


def config_of(spec: BaseModel) -> Shape:
    """Of the shape, its tokenizer's numbers still open; `wrong_base_for_task` where it is another kind's."""
    if spec.shape not in SHAPES:
        message = f"The base model {echo(spec.name)} does not write texts, which this kind of task needs."
        raise Problem("wrong_base_for_task", message, param="base")
    return SHAPES[spec.shape]()


def begin(base: Base, texts: list[str]) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """With random weights, drawn from torch's generator."""
    config = SHAPES[str(base.spec.shape)]()
    tokenizer = learnt(texts, ends=config.is_encoder_decoder)
    pad, end = int(tokenizer.pad_token_id), int(tokenizer.eos_token_id)
    numbers: dict[str, Any] = {"vocab_size": len(tokenizer), "pad_token_id": pad, "eos_token_id": end}
    if config.is_encoder_decoder:
        numbers |= {"decoder_start_token_id": pad, "forced_eos_token_id": None, "decoder_vocab_size": len(tokenizer)}
    else:
        numbers |= {"bos_token_id": None}
    made = type(config)(**{**config.to_diff_dict(), **numbers})
    model = MarianMTModel(made) if isinstance(made, MarianConfig) else LlamaForCausalLM(made)
    return model, tokenizer


def learnt(texts: Iterable[str], *, ends: bool) -> PreTrainedTokenizerFast:
    """`ends`: whether the end-of-text token closes every text."""
    given = list(texts)
    pieces = min(MOST_PIECES, sum(len(text.split()) for text in given) // SPELT_OUT)
    backend = Tokenizer(BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=len(SPECIAL) + BYTES + pieces,
        min_frequency=2,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator(given, trainer)
    if ends:
        backend.post_processor = processors.TemplateProcessing(
            single=f"$A {END}", pair=f"$A $B {END}", special_tokens=[(END, SPECIAL.index(END))]
        )
    made: PreTrainedTokenizerFast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=backend, pad_token=PAD, eos_token=END, clean_up_tokenization_spaces=False
    )
    if not ends:
        made.chat_template = CHAT
    return made
