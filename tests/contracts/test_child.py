"""What a child says travels as one JSON line and comes back as it was; anything else is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.child import Checkpoint, Done, Event, Message, Metrics, ProblemMessage, Progress, parse
from contracts.codec import to_json
from contracts.problems import Fault

MESSAGES: list[Message] = [
    Event(message="The base is small.", level="warn", data={"rows": 3, "share": 0.5, "why": None}),
    Progress(phase="training", step=3, steps=9, eta_s=1.5, loss=0.2, epoch=0.3, steps_per_s=4.0),
    Metrics(step=3, values={"train_loss": 0.25}),
    Checkpoint(step=3, path="checkpoints/step-3"),
    ProblemMessage(code="one_class", message="One label.", faults=(Fault(code="one_class", message="One."),)),
    Done(summary={"accuracy": 0.9}),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.type)
def test_a_message_comes_back_as_it_was(message: Message) -> None:
    line = to_json(message)
    assert b"\n" not in line
    assert parse(line) == message


@given(st.binary())
def test_any_other_bytes_are_refused_and_nothing_else_is_raised(line: bytes) -> None:
    with pytest.raises(ValueError):
        parse(line)


@pytest.mark.parametrize("line", [b'{"type": "magic"}', b'{"type": "done"}', b'{"type": ["done"]}', b"[]", b"3"])
def test_json_that_is_no_message_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):
        parse(line)
