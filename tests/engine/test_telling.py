"""What a customer is told while a job runs: how far it is, what was chosen and why, how good the model became."""

import io
from itertools import pairwise
from pathlib import Path

import pytest

from contracts.child import Event, Message, Metrics, Progress, parse
from tests.engine import tiny
from tests.engine.engine import Outcome, run
from training.engine.voice import EVERY_S, Voice

PHASES = ["loading", "baseline", "training", "exporting", "evaluating"]


def test_phases_come_in_order_and_each_is_finished(trained: Outcome) -> None:
    said = trained.said(Progress)
    assert list(dict.fromkeys(one.phase for one in said)) == PHASES
    for phase in PHASES:
        steps = [one.step for one in said if one.phase == phase]
        assert steps == sorted(steps)
        assert steps[-1] == next(one.steps for one in said if one.phase == phase)


def test_training_tells_loss_pace_and_the_seconds_left(trained: Outcome) -> None:
    said = [one for one in trained.said(Progress) if one.phase == "training"]
    for one in said:
        assert one.loss is not None
        assert one.loss > 0
        assert one.steps_per_s is not None
        assert one.steps_per_s > 0
        assert one.eta_s == pytest.approx((one.steps - one.step) / one.steps_per_s)
        assert one.epoch == pytest.approx(3 * one.step / one.steps)
    assert said[-1].eta_s == 0


def test_each_validation_is_told_with_its_numbers(trained: Outcome) -> None:
    judged = [one for one in trained.said(Metrics) if "valid_loss" in one.values]
    assert len(judged) == trained.done.summary["epochs"] == 3
    assert {"train_loss", "valid_loss", "valid_accuracy", "valid_macro_f1"} <= judged[0].values.keys()
    assert all(one.step < other.step for one, other in pairwise(judged))
    assert {"train_loss", "learning_rate"} in [set(one.values) for one in trained.said(Metrics)]


def test_the_method_is_told_with_its_reason_and_its_numbers(trained: Outcome) -> None:
    choice = next(one for one in trained.said(Event) if one.message.startswith("Method"))
    assert "upper_layers: the upper 2 of tiny's 4 layers are trained" in choice.message
    assert "(the lower half of the encoder reads language well enough as it is" in choice.message
    assert "Up to 3 epochs of 16 rows a step, peak learning rate 0.00025." in choice.message
    assert choice.data["method"] == "upper_layers"
    assert choice.data["batch_size"] == 16


def test_cut_texts_are_told_with_their_number(base: Path, tmp_path: Path) -> None:
    data = tiny.version(tmp_path / "data", tiny.rows())
    warnings = [one for one in run(tiny.spec(base, n_epochs=1, max_length=8), data, tmp_path).said(Event)
                if one.level == "warn"]  # fmt: skip
    cut = sum(len(tiny.tokenizer()(text)["input_ids"]) > 8 for text, _, _ in tiny.rows())
    assert [one.data for one in warnings] == [{"truncated": cut}]
    assert f"{cut} of 105 texts are longer than 8 tokens" in warnings[0].message


def test_no_warning_without_a_reason(trained: Outcome) -> None:
    assert {one.level for one in trained.said(Event)} == {"info"}


def test_done_sums_up_what_lists_show(trained: Outcome) -> None:
    summary = trained.done.summary
    for name in ("accuracy", "macro_f1", "micro_f1", "baseline_accuracy", "baseline_macro_f1", "majority_accuracy"):
        value = summary[name]
        assert isinstance(value, float)
        assert 0 <= value <= 1
    assert (summary["test_rows"], summary["train_rows"], summary["labels"]) == (30, 60, 3)
    assert summary["majority_accuracy"] == pytest.approx(1 / 3)
    assert f"{100 * float(summary['accuracy'] or 0):.1f} % accuracy on 30 test rows" in str(summary["sentence"])


def test_a_few_messages_a_second_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    stream, now = io.BytesIO(), [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    voice = Voice(stream)
    for step in range(1, 101):
        voice.progress(Progress(phase="training", step=step, steps=100))
        now[0] += EVERY_S / 10
    said = [parse(line) for line in stream.getvalue().splitlines()]
    steps = [one.step for one in said if isinstance(one, Progress)]
    assert steps[0] == 1
    assert steps[-1] == 100
    assert 10 <= len(steps) <= 12


MESSAGES: list[tuple[Message, str]] = [
    (Event(message="Cut 3 texts.", level="warn"), "[warn] Cut 3 texts.\n"),
    (Progress(phase="training", step=3, steps=9, loss=0.5, eta_s=61.4), "training 3/9, loss 0.500, 61 s left\n"),
    (Metrics(step=3, values={"valid_loss": 0.25}), "valid_loss 0.25\n"),
]


@pytest.mark.parametrize(("message", "line"), MESSAGES)
def test_on_a_terminal_it_speaks_in_lines(
    message: Message, line: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    Voice(None).say(message)
    assert capfdbinary.readouterr().out.decode() == line
