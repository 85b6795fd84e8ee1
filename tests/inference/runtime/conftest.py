"""A runtime with the dummy backend for protocol tests, and a tiny BERT made on the spot where a real model matters."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from contracts.codec import to_json
from contracts.manifest import seal
from contracts.task import TEXT_CLASSIFICATION, TaskSpec
from inference.runtime.settings import Settings
from tests.inference.runtime.house import LABELS, House, dummy_artifact, serving

WORDS = ("the", "a", "my", "car", "bike", "brake", "engine", "tyre", "squeaks", "stalls", "is", "flat", "worn", "loud")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(cache=tmp_path / "cache")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """alice's tenant has the endpoint 'parts'; charlie's has none."""
    house = House()
    house.release(dummy_artifact(tmp_path_factory.mktemp("store") / "dummy", max_tokens=20))
    return house


@pytest.fixture(scope="module")
def client(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving(house, Settings(cache=tmp_path_factory.mktemp("cache"))) as client:
        yield client


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete artifact: two layers of random weights, a WordPiece tokenizer over `WORDS`, three labels."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    folder = tmp_path_factory.mktemp("artifacts") / "tiny"
    folder.mkdir()
    vocabulary = {word: index for index, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS])}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", model_max_length=32)  # type: ignore[no-untyped-call]
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    config = BertConfig.from_dict(
        {
            **sizes,
            "vocab_size": len(vocabulary),
            "max_position_embeddings": 32,
            "num_labels": 3,
            "initializer_range": 0.5,
        }
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    (folder / "task.json").write_bytes(to_json(TaskSpec(kind=TEXT_CLASSIFICATION, labels=LABELS)))
    seal(folder, kind="model", about={})
    return folder
