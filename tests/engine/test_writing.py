"""Kinds that write: they learn, their published files write what was judged, and only what is written is learnt."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

from contracts import manifest
from contracts.child import Event
from contracts.fine_tune import FROM_SCRATCH, BaseModel, FineTuneSpec
from tests.engine import kinds, tiny, writers
from tests.engine.engine import Outcome, refused, run
from tests.engine.kinds import Form
from tests.engine.test_resume import After, newest, resumed_input, weights
from training.engine.checks import checked
from training.engine.data import pairs
from training.engine.judging import overlap
from training.engine.loop import Interrupted
from training.engine.model import adapters
from training.engine.model.writers import head_of
from training.engine.settings import choose
from training.engine.tasks import kind_of, writing
from training.engine.voice import Voice

pytestmark = pytest.mark.filterwarnings(tiny.PEFT_LAGS)

TRANSLATION, SUMMARIZATION, GENERATION = kinds.WRITTEN
ANEW = {kind: base for base in FROM_SCRATCH for kind in base.kinds or ()}
MADE = {"decoder": writers.decoder, "gpt2": writers.gpt2, "rewriter": writers.rewriter}
# Each kind from nothing and from a base, each way to write, each method.
JOBS: dict[str, tuple[Form, str, dict[str, Any]]] = {
    "translation from nothing": (TRANSLATION, "", {"n_epochs": 12}),
    "translation by a language model": (TRANSLATION, "gpt2", {"n_epochs": 8, "method": "full"}),
    "summaries": (SUMMARIZATION, "rewriter", {"n_epochs": 6, "method": "lora"}),
    "answers from nothing": (GENERATION, "", {"n_epochs": 8}),
    "answers by a language model": (GENERATION, "decoder", {"n_epochs": 8, "method": "lora", "lora_rank": 8}),
}


def spec(form: Form, place: Path, made: str = "", **asked: Any) -> FineTuneSpec:
    """`made`: the base's maker, or nothing where the model starts from nothing."""
    if made:
        return kinds.spec(form, MADE[made](place / "base"), **asked)
    return replace(kinds.spec(form, place, **asked), base=ANEW[form[0]])


def begun(asked: FineTuneSpec, data: Path) -> writing.Work:
    kind = kind_of(asked.task)
    base, splits = checked(kind, asked, data)
    chosen = choose(asked, base, kind.habits, train_rows=120, bfloat16=False, threads=1)
    work = kind.begin(asked, base, splits, chosen, Voice(io.BytesIO()))
    assert isinstance(work, writing.Work)
    return work


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """For reading only."""
    found = {}
    with writers.small():
        for name, (form, made, asked) in JOBS.items():
            place = tmp_path_factory.mktemp("job")
            data = kinds.version(place / "data", kinds.rows(form))
            found[name] = run(spec(form, place, made, **asked), data, place)
    return found


def written(form: Form, folder: Path) -> tuple[list[str], list[str]]:
    """What a customer's few lines of plain transformers write to the test rows, and what is right."""
    asked, right = ([row[role] for row in kinds.rows(form) if row["split"] == "test"] for role in roles(form))
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    if AutoConfig.from_pretrained(folder).is_encoder_decoder:
        model: Any = AutoModelForSeq2SeqLM.from_pretrained(folder)
        found = model.generate(**tokenizer(asked, padding=True, return_tensors="pt"))
    else:
        model = AutoModelForCausalLM.from_pretrained(folder)
        talks = [[{"role": "user", "content": text}] for text in asked]
        batch = tokenizer.apply_chat_template(
            talks, add_generation_prompt=True, padding=True, return_tensors="pt", return_dict=True
        )
        found = model.generate(**batch)[:, batch["input_ids"].shape[1] :]
    return [text.strip() for text in tokenizer.batch_decode(found, skip_special_tokens=True)], right


def roles(form: Form) -> tuple[str, str]:
    first, second = (name for name in kinds.rows(form)[0] if name != "split")
    return first, second


@pytest.mark.parametrize("name", JOBS)
def test_the_published_files_write_what_was_judged(outcomes: dict[str, Outcome], name: str) -> None:
    outcome, form = outcomes[name], JOBS[name][0]
    found = overlap.measure(*written(form, outcome.output))
    summary = outcome.done.summary
    assert {metric: summary[metric] for metric in overlap.METRICS} == pytest.approx(found.values)
    assert manifest.verify(outcome.output).about["task"] == form[0]
    assert (outcome.output / "report.html").stat().st_size > 10_000


@pytest.mark.parametrize("name", JOBS)
def test_it_learns(outcomes: dict[str, Outcome], name: str) -> None:
    summary, history = outcomes[name].done.summary, outcomes[name].metrics["history"]
    assert float(summary["perplexity"] or 0) < 0.7 * float(summary["baseline_perplexity"] or 0)
    assert history[-1]["valid_loss"] < history[0]["valid_loss"]


@pytest.mark.parametrize("name", JOBS)
def test_no_text_of_a_row_is_told(outcomes: dict[str, Outcome], name: str) -> None:
    """A row that is erased from the data must not go on standing in a report."""
    outcome = outcomes[name]
    told = (outcome.output / "report.html").read_text() + (outcome.output / "metrics.json").read_text()
    for row in kinds.rows(JOBS[name][0]):
        assert all(text not in told for key, text in row.items() if key != "split")


def test_of_a_layout_without_a_chat_template_the_customer_is_told(outcomes: dict[str, Outcome]) -> None:
    output = outcomes["answers by a language model"].output
    options = json.loads((output / "task.json").read_bytes())["options"]
    talk = [{"role": "user", "content": "my card"}]
    laid = AutoTokenizer.from_pretrained(output).apply_chat_template(talk, tokenize=False, add_generation_prompt=True)
    assert laid == options["layout"].replace("{text}", "my card") == "<s>### Prompt:\nmy card\n\n### Answer:\n"
    assert options["max_new_tokens"] == json.loads((output / "generation_config.json").read_bytes())["max_new_tokens"]
    assert (output / "adapter/adapter_model.safetensors").exists()


@pytest.mark.parametrize(
    ("made", "method"), [("gpt2", "dora"), ("gpt2", "ia3"), ("rewriter", "ia3"), ("decoder", "ia3")]
)
def test_an_adapter_of_a_writer_answers_merged_as_it_does_beside_its_base(
    tmp_path: Path, made: str, method: str
) -> None:
    base = MADE[made](tmp_path / "base")
    head = head_of(AutoConfig.from_pretrained(base))
    asked = {"input_ids": torch.tensor([[5, 9, 30, 7]])}
    if made == "rewriter":
        asked["decoder_input_ids"] = torch.tensor([[0, 40, 8]])
    module = adapters.wrap_writer(head.from_pretrained(base), method, rank=4).eval()
    chance = torch.Generator().manual_seed(0)
    with torch.no_grad():
        untrained = module(**asked).logits
        for one in module.parameters():
            if one.requires_grad:
                one.add_(torch.randn(one.shape, generator=chance), alpha=0.1)
        beside = module(**asked).logits
        adapters.save(module, tmp_path / "adapter", base="tiny")
        again = PeftModel.from_pretrained(head.from_pretrained(base), tmp_path / "adapter").eval()(**asked).logits
        merged = adapters.merged(module)(**asked).logits
    assert not torch.allclose(untrained, beside, atol=1e-2)
    torch.testing.assert_close(again, beside, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(merged, beside, atol=1e-5, rtol=1e-4)


def test_a_prompt_stands_in_the_bases_own_chat_template_and_only_the_answer_is_learnt(tmp_path: Path) -> None:
    base = writers.decoder(tmp_path / "base", chat=True)
    data = kinds.version(tmp_path / "data", kinds.rows(GENERATION))
    work = begun(kinds.spec(GENERATION, base), data)
    train, row = work.splits["train"], kinds.rows(GENERATION)[0]
    tokenizer = work.writer.tokenizer
    assert tokenizer.decode(pairs.ids(train.asked, 0)) == f"<s>user: {row['prompt']}\nassistant: "
    assert tokenizer.decode(pairs.ids(train.written, 0)) == f"{row['completion']}</s>"
    with torch.no_grad():
        costs = work._writing.costs(train, [0, 5])
        whole = work.module(input_ids=torch.cat([pairs.ids(train.asked, 0), pairs.ids(train.written, 0)])[None]).logits
    first = len(pairs.ids(train.asked, 0)) - 1
    right = torch.nn.functional.cross_entropy(whole[0, first:-1], pairs.ids(train.written, 0), reduction="sum")
    torch.testing.assert_close(costs[0], right)


def test_of_a_long_prompt_the_text_is_cut_and_not_what_stands_around_it(tmp_path: Path) -> None:
    made = kinds.rows(GENERATION)
    made[0] = {**made[0], "prompt": "card " * 200}
    work = begun(spec(GENERATION, tmp_path, "gpt2", max_length=48), kinds.version(tmp_path / "data", made))
    train = work.splits["train"]
    laid = str(work.writer.tokenizer.decode(pairs.ids(train.asked, 0)))
    assert laid.startswith("### Prompt:\ncard card")
    assert laid.endswith("\n\n### Answer:\n")
    assert train.lengths[0] <= 48
    assert train.asked.truncated == 1


@pytest.mark.parametrize(("form", "made"), [(TRANSLATION, "rewriter"), (GENERATION, "decoder")])
def test_a_batch_that_goes_in_parts_has_the_gradients_of_the_whole(tmp_path: Path, form: Form, made: str) -> None:
    work = begun(spec(form, tmp_path, made), kinds.version(tmp_path / "data", kinds.rows(form)))
    rows, found = list(range(16)), []
    work.module.eval()
    for parts in ([rows], [rows[:3], rows[3:9], rows[9:]]):
        work.module.zero_grad()
        losses = [work.loss(part, rows) for part in parts]
        for loss in losses:
            loss.backward()  # type: ignore[no-untyped-call]
        gradients = [one.grad.flatten() for one in work.module.parameters() if one.grad is not None]
        found.append((sum(loss.item() for loss in losses), torch.cat(gradients)))
    (whole, at_once), (summed, in_parts) = found
    assert summed == pytest.approx(whole, rel=1e-5)
    torch.testing.assert_close(in_parts, at_once, atol=1e-5, rtol=1e-3)
    shrunk = work.parts(rows, shrink=64)
    assert [row for part in shrunk for row in part] == rows
    assert len(shrunk) > 1


@pytest.mark.parametrize("form", [TRANSLATION, GENERATION], ids=lambda form: form[0])
def test_a_training_that_goes_on_ends_like_one_that_never_stopped(tmp_path: Path, form: Form) -> None:
    """Though tokenizer and first weights are made anew."""
    asked = spec(form, tmp_path, n_epochs=2)
    data = kinds.version(tmp_path / "data", kinds.rows(form))
    with writers.small():
        with pytest.raises(Interrupted):
            run(asked, data, tmp_path / "first", stop=After(5))
        again = resumed_input(data, tmp_path / "input", tmp_path / "first/work")
        second = run(replace(asked, resume=newest(again)), again, tmp_path / "second")
        whole = run(asked, data, tmp_path / "whole")
    assert weights(second) == weights(whole)
    assert (second.output / "tokenizer.json").read_bytes() == (whole.output / "tokenizer.json").read_bytes()


def test_of_a_large_test_split_some_rows_are_written_to_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "JUDGED", 10)
    data = kinds.version(tmp_path / "data", kinds.rows(SUMMARIZATION))
    with writers.small():
        outcome = run(spec(SUMMARIZATION, tmp_path, n_epochs=1), data, tmp_path)
    assert any("10 of the 36 test rows" in one.message for one in outcome.said(Event))
    assert outcome.done.summary["test_rows"] == outcome.metrics["rows_written"] == 10
    assert outcome.metrics["figures"]["perplexity"]["rows"] == 36
    assert "10 of the 36 test rows" in (outcome.output / "report.html").read_text()


def test_the_beginning_of_a_text_is_a_summary_to_be_beaten(tmp_path: Path) -> None:
    made = [
        {"text": f"{row['prompt']}. {row['prompt']} more.", "summary": f"{row['prompt']}.", "split": row["split"]}
        for row in kinds.rows(GENERATION)
    ]
    data = kinds.version(tmp_path / "data", made)
    with writers.small():
        outcome = run(spec(SUMMARIZATION, tmp_path, n_epochs=1), data, tmp_path)
    assert outcome.metrics["compared"]["name"] == "first sentence"
    assert outcome.metrics["compared"]["baseline"] == 1.0


REFUSED: dict[str, tuple[Form, str, dict[str, Any], str]] = {
    "an encoder": (GENERATION, "bert", {}, "wrong_base_for_task"),
    "a method for encoders": (TRANSLATION, "rewriter", {"method": "upper_layers"}, "unknown_method"),
    "adapters beside nothing": (TRANSLATION, "", {"method": "lora"}, "unknown_method"),
    "a length beyond the table of positions": (GENERATION, "gpt2", {"max_length": 65}, "out_of_range"),
    "an unknown metric": (GENERATION, "gpt2", {"metric": "bleu"}, "unknown_metric"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused(base: Path, tmp_path: Path, name: str) -> None:
    form, made, asked, code = REFUSED[name]
    one = kinds.spec(form, base, **asked) if made == "bert" else spec(form, tmp_path, made, **asked)
    assert refused(one, kinds.version(tmp_path / "data", kinds.rows(form)), tmp_path).code == code


def test_the_shape_of_another_kind_is_no_writer(tmp_path: Path) -> None:
    odd = replace(spec(GENERATION, tmp_path), base=BaseModel(name="odd", location="scratch:odd"))
    data = kinds.version(tmp_path / "data", kinds.rows(GENERATION))
    assert refused(odd, data, tmp_path).code == "wrong_base_for_task"


def test_empty_texts_and_answers_that_are_all_alike_are_named(tmp_path: Path) -> None:
    made = [{**row, "completion": "yes"} for row in kinds.rows(GENERATION)]
    made[2] = {**made[2], "prompt": " \n"}
    problem = refused(spec(GENERATION, tmp_path), kinds.version(tmp_path / "data", made), tmp_path)
    assert [one.code for one in problem.faults] == ["empty_text", "one_value"]
    assert "row 3" in problem.message
