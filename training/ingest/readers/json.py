"""One JSON document: an array of objects, or an object that holds one such array among other things.

Read piece by piece: memory holds one batch of rows, however long the document is. Keys are columns, as they first
appear; rows count from 1.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, TextIO

from contracts.problems import Fault, echo
from training.ingest.encoding import TextFile
from training.ingest.readers.complaints import Complaints
from training.ingest.readers.table import Asked, Spool, Table, header_faults
from training.ingest.readers.values import STRICT, BadValue, cells, storable

CHUNK = 1 << 20  # characters read at a time
LONGEST = 1 << 24  # characters of one value: far above the plan's limit for a cell
WHITESPACE = re.compile(r"[ \t\n\r]*")
LENIENT = json.JSONDecoder()  # finds the end of what the strict one refuses


class BadDocument(ValueError):
    """The document cannot be read on from here; says why."""


class Document:
    """A JSON document under a cursor."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.buffer = ""
        self.at = 0
        self.lines = 0  # ended before the buffer
        self.array: str | None = None  # the key of the array of objects, where the document is an object

    def rows(self, complaints: Complaints) -> Iterator[dict[str, Any]]:
        """The objects of the one array of objects. One that is none is complained about and comes out empty."""
        if self.peek() == "[":
            for number, _ in enumerate(self._items("[]"), start=1):
                yield self._object(number, complaints)
        elif self.peek() == "{":
            for _ in self._items("{}"):
                yield from self._member(complaints)
            if self.array is None:
                raise BadDocument("The document holds no array of objects. Send the array of rows alone.")
        else:
            raise self.bad("a document begins with [ or {")
        if self.peek():
            raise self.bad("something follows the end of the document")

    def peek(self) -> str:
        """The next character that is no white space; "" at the end."""
        while True:
            self.at = self._blank_end()
            if self.at < len(self.buffer) or not self._more():
                return self.buffer[self.at : self.at + 1]

    def take(self, wanted: str) -> str:
        """The next character, which must be one of `wanted`."""
        found = self.peek()
        if not found or found not in wanted:
            raise self.bad(f"{' or '.join(wanted)} is expected, {'the document ends' if not found else echo(found)}")
        self.at += 1
        return found

    def value(self, decoder: json.JSONDecoder = LENIENT) -> Any:
        """The next value. Raises `BadValue`, with the cursor behind it, where only the strict decoder minds it."""
        self.peek()
        while True:
            try:
                value, end = decoder.raw_decode(self.buffer, self.at)
            except BadValue:
                self.value()
                raise
            except json.JSONDecodeError as error:
                if len(self.buffer) - self.at <= LONGEST and self._more():
                    continue
                raise self.bad(error.msg, error.pos) from error
            except (RecursionError, ValueError) as error:
                raise self.bad("nested too deeply, or a number with too many digits") from error
            length = end - self.at
            if end == len(self.buffer) and self._more():  # a number may go on
                continue
            self.at += length
            return value

    def bad(self, reason: str, at: int | None = None) -> BadDocument:
        line = self.lines + self.buffer.count("\n", 0, self.at if at is None else at) + 1
        return BadDocument(f"Line {line}: not valid JSON ({reason}).")

    def _items(self, brackets: str) -> Iterator[None]:
        """Once before every item between the brackets; the caller takes the item."""
        self.take(brackets[0])
        more = self.peek() != brackets[1]
        if not more:
            self.take(brackets[1])
        while more:
            yield
            more = self.take("," + brackets[1]) == ","

    def _member(self, complaints: Complaints) -> Iterator[dict[str, Any]]:
        """A key and its value: the rows, where it is an array whose first item is an object."""
        key = self.value()
        self.take(":")
        if self.peek() != "[":
            self.value()
            return
        records = False
        for number, _ in enumerate(self._items("[]"), start=1):
            if number == 1 and self.peek() == "{":
                records = self._claimed(str(key))
            if records:
                yield self._object(number, complaints)
            else:
                self.value()

    def _claimed(self, key: str) -> bool:
        if self.array is not None:
            raise BadDocument(f"Two arrays of objects, {echo(self.array)} and {echo(key)}. Send one of them alone.")
        self.array = key
        return True

    def _object(self, number: int, complaints: Complaints) -> dict[str, Any]:
        try:
            value = self.value(STRICT)
        except BadValue as error:
            complaints.add("bad_json_row", number, str(error))
            return {}
        if isinstance(value, dict) and value:
            return storable(value, number, complaints)
        complaints.add("bad_json_row", number, "not a JSON object with text and label.")
        return {}

    def _blank_end(self) -> int:
        found = WHITESPACE.match(self.buffer, self.at)
        return found.end() if found else self.at

    def _more(self) -> bool:
        """Drops what lies behind the cursor and reads as much again as is left, so that long values cost no more."""
        self.lines += self.buffer.count("\n", 0, self.at)
        rest = self.buffer[self.at :]
        text = self.stream.read(max(CHUNK, len(rest)))
        self.buffer, self.at = rest + text, 0
        return bool(text)


def read(file: TextFile, spool: Spool, asked: Asked) -> Table:
    """Faults: those of `header_faults` and of `spool`, `bad_json` (with its line; nothing after it is read),
    `bad_json_row`, `nul_not_allowed`, `invalid_unicode`."""
    columns: dict[str, None] = {}
    complaints = Complaints("row")
    faults = []
    with file.open(newline="") as stream:
        document = Document(stream)
        rows = document.rows(complaints)
        try:
            while not spool.full and (objects := list(islice(rows, spool.batch_rows(len(columns))))):
                for each in objects:
                    columns.update(dict.fromkeys(each))
                if len(columns) > spool.limits.columns:
                    break
                spool.add([cells(objects, name) for name in columns], position=stream.buffer.tell())
        except BadDocument as error:
            faults.append(Fault(code="bad_json", message=str(error), param="file"))
    names = list(columns)
    faults += [*complaints.faults(), *header_faults(names, spool.limits), *spool.faults(names)]
    return Table(
        columns=tuple(names),
        rows=spool.rows,
        frame=spool.scan(),
        faults=tuple(faults),
        details={"array": document.array} if document.array is not None else {},
    )
