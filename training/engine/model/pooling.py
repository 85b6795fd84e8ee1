"""Says beside an encoder how its states become a vector, in the layout that the sentence-transformers library reads."""

import json
from pathlib import Path

MODULES = ("Transformer", "Pooling", "Normalize")


def write(folder: Path, *, width: int, max_length: int) -> None:
    """modules.json and its parts: the mean of a text's tokens, brought to length 1. `width`: of the vectors."""
    modules = [
        {
            "idx": index,
            "name": str(index),
            "path": "" if index == 0 else f"{index}_{name}",
            "type": f"sentence_transformers.models.{name}",
        }
        for index, name in enumerate(MODULES)
    ]
    _put(folder / "modules.json", modules)
    _put(folder / "sentence_bert_config.json", {"max_seq_length": max_length, "do_lower_case": False})
    _put(folder / "1_Pooling/config.json", {"word_embedding_dimension": width, "pooling_mode_mean_tokens": True})
    (folder / "2_Normalize").mkdir()


def _put(path: Path, content: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=2))
