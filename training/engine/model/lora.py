"""Low-rank adapters (Hu et al. 2021, arXiv:2106.09685) by the peft library, around the encoder's linear layers."""

from pathlib import Path
from typing import Any

from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from safetensors.torch import save_file
from torch import nn
from transformers import PreTrainedModel

BERT_LINEARS = r".*encoder\.layer\.\d+\..*\.(query|key|value|dense)"
FOLDER = "adapter"


def wrap(model: PreTrainedModel, *, rank: int, packable: bool) -> Any:
    """The head is trained in full beside the adapters; everything else is frozen. Starts as the base: B is zero."""
    targets, head = (BERT_LINEARS, ["pooler", "classifier"]) if packable else _parts(model)
    config = LoraConfig(
        task_type="SEQ_CLS",
        r=rank,
        lora_alpha=2 * rank,
        lora_dropout=0.0,
        target_modules=targets,
        modules_to_save=head,
    )
    return get_peft_model(model, config)


def _parts(model: PreTrainedModel) -> tuple[list[str], list[str]]:
    """The linear layers of any encoder, and what stands around it: its head, of one or more parts."""
    encoder = model.base_model_prefix
    linears = [name for name, part in model.named_modules() if isinstance(part, nn.Linear)]
    head = [name for name, part in model.named_children() if name != encoder and any(True for _ in part.parameters())]
    return [name for name in linears if name.startswith(f"{encoder}.")], head


def save_adapter(model: PeftModel, folder: Path, *, base: str) -> None:
    """adapter_config.json and adapter_model.safetensors as peft reads them; the base by catalogue name, not path."""
    folder.mkdir()
    state = {name: tensor.detach().contiguous() for name, tensor in get_peft_model_state_dict(model).items()}
    save_file(state, folder / "adapter_model.safetensors")
    config = model.peft_config["default"]
    config.base_model_name_or_path = base
    config.inference_mode = True
    config.save_pretrained(str(folder))
