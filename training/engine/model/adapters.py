"""Adapters by the peft library: little is trained beside a base that stays as it is, and merged into it at the end.

LoRA (Hu et al. 2021, arXiv:2106.09685): a product of two thin matrices beside each linear layer. DoRA (Liu et al. 2024,
arXiv:2402.09353): the same, and the length of each of the layer's directions. IA3 (Liu et al. 2022, arXiv:2205.05638):
a factor for each key, each value and each inner activation.
"""

from pathlib import Path
from typing import Any

from peft import IA3Config, LoraConfig, PeftConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from safetensors.torch import save_file
from torch import nn
from transformers import PretrainedConfig, PreTrainedModel
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_QUESTION_ANSWERING_MAPPING_NAMES,
    MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES,
    MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES,
)
from transformers.pytorch_utils import Conv1D

METHODS = ("lora", "dora", "ia3")
OF_A_RANK = ("lora", "dora")
FOLDER = "adapter"
TASKS = {
    "TOKEN_CLS": MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES,
    "SEQ_CLS": MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES,
    "QUESTION_ANS": MODEL_FOR_QUESTION_ANSWERING_MAPPING_NAMES,
}
BERT_LINEARS = r".*encoder\.layer\.\d+\..*\.(query|key|value|dense)"
# By architecture (`model_type`) the names of the layers that IA3 multiplies: those that make keys and values, whose
# outputs it takes, and those that read inner activations, whose inputs it takes.
MULTIPLIED: dict[tuple[str, ...], tuple[str, str]] = {
    ("bert", "camembert", "electra", "roberta", "xlm-roberta"): (r"self\.(key|value)", r"layer\.\d+\.output\.dense"),
    ("distilbert",): (r"attention\.(k|v)_lin", r"ffn\.lin2"),
    ("t5", "mt5"): (r"(k|v)", r"wo"),
    ("gpt2",): (r"c_attn", r"mlp\.c_proj"),  # its queries, too: one layer makes all three
    ("bart", "m2m_100", "marian", "mbart", "opt", "pegasus"): (r"(k|v)_proj", r"fc2"),
    ("gemma", "gemma2", "llama", "mistral", "qwen2", "qwen3"): (r"(k|v)_proj", r"down_proj"),
}


def multiplies(config: PretrainedConfig) -> bool:
    """Whether IA3 is offered for such a base."""
    return any(config.model_type in types for types in MULTIPLIED)


def wrap(model: PreTrainedModel, method: str, *, rank: int | None, packable: bool) -> Any:
    """Of an encoder the head is trained in full beside the adapters; everything else is frozen. Starts as the base."""
    head = _head(model, packable=packable) or None
    linears = BERT_LINEARS if packable else _linears(model)
    return get_peft_model(model, _config(model, method, rank=rank, task=_task(model), linears=linears, head=head))


def wrap_writer(model: PreTrainedModel, method: str, *, rank: int | None) -> Any:
    """Every linear layer but the last, which names the words; all else is frozen."""
    task = "SEQ_2_SEQ_LM" if model.config.is_encoder_decoder else "CAUSAL_LM"
    return get_peft_model(model, _config(model, method, rank=rank, task=task, linears="all-linear", head=None))


def _config(
    model: PreTrainedModel,
    method: str,
    *,
    rank: int | None,
    task: str,
    linears: str | list[str],
    head: list[str] | None,
) -> PeftConfig:
    turned = any(isinstance(part, Conv1D) for part in model.modules())  # GPT-2 keeps its weights so
    if method == "ia3":
        kept, inner = next(names for types, names in MULTIPLIED.items() if model.config.model_type in types)
        return IA3Config(
            task_type=task,
            target_modules=rf".*\.({kept}|{inner})",
            feedforward_modules=rf".*\.{inner}",
            modules_to_save=head,
            fan_in_fan_out=turned,
        )
    return LoraConfig(
        task_type=task,
        r=rank or 0,
        lora_alpha=2 * (rank or 0),
        lora_dropout=0.0,
        use_dora=method == "dora",
        target_modules=linears,
        modules_to_save=head,
        fan_in_fan_out=turned,
    )


def merged(module: Any) -> PreTrainedModel:
    """The stock model with everything learnt in it."""
    model: PreTrainedModel = module.merge_and_unload() if hasattr(module, "peft_config") else module
    return model


def _task(model: PreTrainedModel) -> str:
    """In peft's words."""
    kind = type(model).__name__
    return next((task for task, models in TASKS.items() if kind in models.values()), "FEATURE_EXTRACTION")


def _head(model: Any, *, packable: bool) -> list[str]:
    """What stands around the encoder, layer by layer, as peft merges no module of several into IA3's; nothing where
    there is the encoder alone."""
    encoder = getattr(model, model.base_model_prefix, None)
    if encoder is None:
        return []
    layers = [name for name, part in model.named_modules() if any(True for _ in part.parameters(recurse=False))]
    around = [name for name in layers if not name.startswith(f"{model.base_model_prefix}.")]
    return ["pooler.dense", *around] if packable and encoder.pooler is not None else around


def _linears(model: PreTrainedModel) -> list[str]:
    """The linear layers of any encoder."""
    encoder = getattr(model, model.base_model_prefix, model)
    within = "" if encoder is model else f"{model.base_model_prefix}."
    return [within + name for name, part in encoder.named_modules() if isinstance(part, nn.Linear)]


def save(model: PeftModel, folder: Path, *, base: str) -> None:
    """adapter_config.json and adapter_model.safetensors as peft reads them; the base by catalogue name, not path."""
    folder.mkdir()
    state = {name: tensor.detach().contiguous() for name, tensor in get_peft_model_state_dict(model).items()}
    save_file(state, folder / "adapter_model.safetensors")
    config = model.peft_config["default"]
    config.base_model_name_or_path = base
    config.inference_mode = True
    config.save_pretrained(str(folder))
