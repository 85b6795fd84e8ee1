"""Chats as OpenAI's fine-tuning takes them: the last question and its answer, whatever else is in them told."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.child import DONE
from tests.training.ingest.child import good_rows, ingest, jsonl_of
from tests.training.ingest.test_readers import CELLS, read

Message = dict[str, object]


def chat(*turns: tuple[str, object]) -> dict[str, object]:
    return {"messages": [{"role": role, "content": content} for role, content in turns]}


GOOD = [chat(("user", text), ("assistant", label)) for text, label in good_rows()]


@given(pairs=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=30), system=st.booleans())
@settings(deadline=None, max_examples=100)
def test_questions_and_answers_come_back_equal(pairs: list[tuple[str, str]], system: bool) -> None:
    prompt = [("system", "You sort messages.")] if system else []
    table, found = read(jsonl_of(chat(*prompt, ("user", text), ("assistant", label)) for text, label in pairs), "chat")
    assert table.faults == ()
    assert found == pairs
    assert [finding.count for finding in table.findings] == ([len(pairs)] if system else [])


@pytest.mark.parametrize("filename", ["data.jsonl", "data.json", "data"])
def test_chats_are_recognised(filename: str) -> None:
    outcome = ingest(jsonl_of(GOOD), filename)
    assert outcome.told.format == "chat"
    assert outcome.told.columns == {"text": "text", "label": "label"}
    assert outcome.frame.select("text", "label").rows() == good_rows()


def test_the_system_prompt_is_left_out_and_told() -> None:
    outcome = ingest(jsonl_of([*GOOD, chat(("system", "secret"), ("user", "a"), ("assistant", "card"))]), "data.jsonl")
    assert outcome.findings["system_prompt"].rows == (21,)
    assert any("System prompts are left out" in event.message for event in outcome.events)
    assert "secret" not in "".join(outcome.frame["text"])


def test_of_several_turns_the_last_is_taken_and_told() -> None:
    long = chat(("user", "hello"), ("assistant", "hi"), ("user", "my card is lost"), ("assistant", "card"))
    outcome = ingest(jsonl_of([*GOOD, long]), "data.jsonl")
    assert outcome.frame.select("text", "label").rows()[-1] == ("my card is lost", "card")
    assert outcome.findings["earlier_turns"].rows == (21,)


def test_content_in_parts_is_joined() -> None:
    parts = [{"type": "text", "text": "my card "}, {"type": "text", "text": "is lost"}]
    outcome = ingest(jsonl_of([*GOOD, chat(("user", parts), ("assistant", "card"))]), "data.jsonl")
    assert outcome.code == DONE
    assert outcome.frame["text"].to_list()[-1] == "my card is lost"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"text": "a", "label": "b"}, 'has no list "messages"'),
        ({"messages": []}, 'has no list "messages"'),
        (chat(("user", "a")), "does not end with"),
        (chat(("assistant", "b"), ("user", "a")), "does not end with"),
        (chat(("user", "a"), ("assistant", None)), "is no text"),
        (chat(("user", [{"type": "image_url"}]), ("assistant", "b")), "is no text"),
        (chat(("tool", "a"), ("assistant", "b")), "another role"),
        ({"messages": ["a", "b"]}, "another role"),
    ],
)
def test_a_line_that_is_no_chat_is_refused_with_its_number(bad: Message, reason: str) -> None:
    fault = ingest(jsonl_of([*GOOD, bad]), "data.jsonl").faults["bad_chat_line"]
    assert fault.message.startswith("Line 21:")
    assert reason in fault.message


def test_all_bad_lines_are_told_at_once() -> None:
    content = jsonl_of([*GOOD, {"text": "a"}]) + "{oops\n" + json.dumps(chat(("user", "\0"), ("assistant", "b"))) + "\n"
    faults = ingest(content, "data.jsonl").faults
    assert {code: fault.message.split(":")[0] for code, fault in faults.items()} == {
        "bad_chat_line": "Line 21",
        "bad_json_line": "Line 22",
        "nul_not_allowed": "Line 23",
    }
