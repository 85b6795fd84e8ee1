"""Chats as OpenAI's fine-tuning takes them, one a line: `{"messages": [{"role": "user", "content": "..."}, ...]}`.

For a classifier the text is what the user wrote last, the label what the assistant answered to it; the system's prompt
is no part of either, as the classifier is asked without one. For a model that writes, the completion is the last answer
and the prompt all that came before it, each turn after the first opened by its role.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from contracts.ingestion import Finding
from contracts.task import TEXT_GENERATION
from training.ingest.encoding import TextFile
from training.ingest.places import Tally
from training.ingest.readers.complaints import Complaints
from training.ingest.readers.table import Asked, Spool, Table
from training.ingest.readers.values import allowed, object_on

COLUMNS, GENERATION = ("text", "label"), ("prompt", "completion")
EXAMPLE = (
    'of a chat. Write {"messages": [{"role": "user", "content": "..."}, {"role": "assistant", "content": "..."}]} '
    "on one line."
)
SYSTEM = ("system", "developer")
ROLES = ("user", "assistant", *SYSTEM)


class BadChat(ValueError):
    """A JSON object, but no chat with a question and an answer; says why."""


class Remarks:
    """Rows of which something was left out."""

    def __init__(self) -> None:
        self.prompted, self.longer = Tally(), Tally()

    def findings(self) -> Iterator[Finding]:
        if self.prompted.count:
            message = "System prompts are left out: the model is asked with the user's text alone."
            yield _finding("system_prompt", message, self.prompted)
        if self.longer.count:
            message = (
                f"{self.longer.count:,} of the chats have more than one turn: the last message of the user and the "
                "assistant's answer to it are taken, what came before is left out."
            )
            yield _finding("earlier_turns", message, self.longer)


def read(file: TextFile, spool: Spool, asked: Asked) -> Table:
    """Faults: those of `spool`, `bad_json_line`, `bad_chat_line`, `nul_not_allowed`, `invalid_unicode`."""
    complaints, remarks = Complaints("line"), Remarks()
    whole = asked.kind == TEXT_GENERATION
    columns = GENERATION if whole else COLUMNS
    with file.open(newline="\n") as stream:
        pairs = _pairs(enumerate(stream, start=1), complaints, remarks, whole=whole)
        while not spool.full and (batch := list(islice(pairs, spool.batch_rows(len(columns))))):
            spool.add(list(zip(*batch, strict=True)), position=stream.buffer.tell())
    return Table(
        columns=columns,
        rows=spool.rows,
        frame=spool.scan(),
        faults=(*complaints.faults(), *spool.faults(columns)),
        findings=() if whole else tuple(remarks.findings()),
    )


def _pairs(
    lines: Iterator[tuple[int, str]], complaints: Complaints, remarks: Remarks, *, whole: bool
) -> Iterator[tuple[str, str]]:
    row = 0
    for number, line in lines:
        chat = object_on(line, number, complaints, EXAMPLE)
        if chat is None:
            continue
        row += 1
        try:
            pair = _pair(chat, row, remarks, whole=whole)
        except BadChat as error:
            if chat:  # an empty one has been complained about
                complaints.add("bad_chat_line", number, str(error))
            pair = ("", "")
        yield pair if allowed(pair, number, complaints) else ("", "")


def _pair(chat: dict[str, Any], row: int, remarks: Remarks, *, whole: bool) -> tuple[str, str]:
    """The last user's message, or with `whole` all messages up to it, and the answer to it."""
    messages = [_message(each) for each in _messages(chat)]
    if any(role in SYSTEM for role, _ in messages):
        remarks.prompted.add(row)
    turns = [(role, content) for role, content in messages if role not in SYSTEM]
    if [role for role, _ in turns[-2:]] != ["user", "assistant"]:
        raise BadChat("does not end with a message of the user and the assistant's answer. Add the answer.")
    if len(turns) > 2:
        remarks.longer.add(row)
    return _prompt(messages[:-1]) if whole else turns[-2][1], turns[-1][1]


def _prompt(messages: list[tuple[str, str]]) -> str:
    said = [content if at == 0 else f"{role}: {content}" for at, (role, content) in enumerate(messages)]
    return "\n\n".join(said)


def _messages(chat: dict[str, Any]) -> list[Any]:
    messages = chat.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadChat('has no list "messages", as other lines have. Send chats and other rows in files of their own.')
    return messages


def _message(each: object) -> tuple[str, str]:
    role = each.get("role") if isinstance(each, dict) else None
    if role not in ROLES or not isinstance(each, dict):
        raise BadChat(f"a message has another role than {', '.join(ROLES)}.")
    content = each.get("content")
    if isinstance(content, list):  # OpenAI's other spelling: parts, of which only those of text are read
        content = "".join(_part(part) for part in content)
    if not isinstance(content, str):
        raise BadChat("the content of a message is no text.")
    return str(role), content


def _part(part: object) -> str:
    text = part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None
    if not isinstance(text, str):
        raise BadChat("a part of a message is no text.")
    return text


def _finding(code: str, message: str, rows: Tally) -> Finding:
    return Finding(code=code, severity="info", message=message, count=rows.count, rows=tuple(rows.first))
