"""Low-rank adapters (Hu et al. 2021, arXiv:2106.09685) by the peft library, around the encoder's linear layers."""

from pathlib import Path
from typing import Any

from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from safetensors.torch import save_file
from torch import nn
from transformers import PreTrainedModel
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_QUESTION_ANSWERING_MAPPING_NAMES,
    MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES,
    MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES,
)
from transformers.pytorch_utils import Conv1D

BERT_LINEARS = r".*encoder\.layer\.\d+\..*\.(query|key|value|dense)"
FOLDER = "adapter"
TASKS = {
    "TOKEN_CLS": MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES,
    "SEQ_CLS": MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES,
    "QUESTION_ANS": MODEL_FOR_QUESTION_ANSWERING_MAPPING_NAMES,
}


def wrap(model: PreTrainedModel, *, rank: int, packable: bool) -> Any:
    """The head is trained in full beside the adapters; everything else is frozen. Starts as the base: B is zero."""
    config = LoraConfig(
        task_type=_task(model),
        r=rank,
        lora_alpha=2 * rank,
        lora_dropout=0.0,
        target_modules=BERT_LINEARS if packable else _linears(model),
        modules_to_save=_head(model, packable=packable) or None,
    )
    return get_peft_model(model, config)


def wrap_writer(model: PreTrainedModel, *, rank: int) -> Any:
    """Adapters beside every linear layer but the last, which names the words; all else is frozen."""
    writes_anew = model.config.is_encoder_decoder
    config = LoraConfig(
        task_type="SEQ_2_SEQ_LM" if writes_anew else "CAUSAL_LM",
        r=rank,
        lora_alpha=2 * rank,
        lora_dropout=0.0,
        target_modules="all-linear",
        fan_in_fan_out=any(isinstance(part, Conv1D) for part in model.modules()),  # GPT-2 keeps its weights so
    )
    return get_peft_model(model, config)


def _task(model: PreTrainedModel) -> str:
    """In peft's words."""
    kind = type(model).__name__
    return next((task for task, models in TASKS.items() if kind in models.values()), "FEATURE_EXTRACTION")


def _head(model: Any, *, packable: bool) -> list[str]:
    """What stands around the encoder, of one or more parts; nothing where there is the encoder alone."""
    encoder = getattr(model, model.base_model_prefix, None)
    if encoder is None:
        return []
    around = [(name, part) for name, part in model.named_children() if part is not encoder]
    parts = [name for name, part in around if any(True for _ in part.parameters())]
    return ["pooler", *parts] if packable and encoder.pooler is not None else parts


def _linears(model: PreTrainedModel) -> list[str]:
    """The linear layers of any encoder."""
    encoder = getattr(model, model.base_model_prefix, model)
    within = "" if encoder is model else f"{model.base_model_prefix}."
    return [within + name for name, part in encoder.named_modules() if isinstance(part, nn.Linear)]


def save_adapter(model: PeftModel, folder: Path, *, base: str) -> None:
    """adapter_config.json and adapter_model.safetensors as peft reads them; the base by catalogue name, not path."""
    folder.mkdir()
    state = {name: tensor.detach().contiguous() for name, tensor in get_peft_model_state_dict(model).items()}
    save_file(state, folder / "adapter_model.safetensors")
    config = model.peft_config["default"]
    config.base_model_name_or_path = base
    config.inference_mode = True
    config.save_pretrained(str(folder))
