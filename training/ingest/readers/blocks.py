"""Delimited text block by block: quickly where that is provably exact, strictly everywhere else.

The quick way is polars' own parser, which forgives what must be told. It is believed for a block only if writing the
rows that it found gives back the very characters of the block: what a writer wrote can be read in one way, so the
strict parser would have found the same rows.
"""

import csv
import io
from collections.abc import Iterator
from typing import Literal, TextIO

import polars as pl

from training.ingest.places import Tally

BLOCK = 1 << 22  # characters
LONGEST_CELL = 1 << 24  # characters: where the strict parser itself stops; the plan's limit is checked far below it


class Lines:
    """The lines of a stream, one by one or all that are left of a block; every block ends with a line."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.cut = ""  # the line that the last block would have cut
        self.set("")

    def set(self, block: str) -> None:
        self.block = io.StringIO(block, newline="")  # parts lines at CR, LF and CRLF, and keeps them
        self.length = len(block)

    @property
    def at_end(self) -> bool:
        """Whether the block is used up."""
        return self.block.tell() >= self.length

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.at_end:
            self.set(self._next_block())
        line = self.block.readline()
        if not line:
            raise StopIteration
        return line

    def rest(self) -> str:
        """What is left of the block, or the next one; "" at the end of the stream."""
        text = self.block.read() or self._next_block()
        self.set("")
        return text

    def _next_block(self) -> str:
        parts = [self.cut]
        while text := self.stream.read(BLOCK):
            end = text.rfind("\n") + 1 or text.rfind("\r", 0, -1) + 1  # a CR at the end may be half of a CRLF
            if end:
                self.cut = text[end:]
                return "".join([*parts, text[:end]])
            parts.append(text)
        self.cut = ""
        return "".join(parts)


class Records:
    """Records of delimited text. `broken` tells the line of one that the strict parser refused: the last one read."""

    def __init__(self, stream: TextIO, delimiter: str, *, quotes: bool = True) -> None:
        csv.field_size_limit(LONGEST_CELL)  # for the whole process: the parser knows no narrower scope
        self.lines = Lines(stream)
        self.delimiter = delimiter
        self.quotes = quotes
        quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE
        self.parser = csv.reader(self.lines, delimiter=delimiter, strict=True, quoting=quoting)
        self.quick = 0  # lines that the strict parser did not see
        self.broken = Tally()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """Every record that is not blank, with the line it begins on, by the strict parser."""
        while not self.broken.count:
            line = self.quick + self.parser.line_num + 1
            try:
                row = next(self.parser)
            except StopIteration:
                return
            except csv.Error:
                self.broken.add(line)
                return
            if row:
                yield line, row

    def blocks(self, width: int) -> Iterator[pl.DataFrame | Iterator[tuple[int, list[str]]]]:
        """What follows, block by block: a frame of strings, or records to be looked at one by one (all of them, before
        the next block is asked for)."""
        while not self.broken.count and (text := self.lines.rest()):
            frame = quickly(text, width, self.delimiter, quotes=self.quotes)
            if frame is None:
                self.lines.set(text)
                yield self._to_block_end()
            else:
                self.quick += text.count("\n")
                yield frame

    def _to_block_end(self) -> Iterator[tuple[int, list[str]]]:
        records = iter(self)
        while not self.lines.at_end and (record := next(records, None)) is not None:
            yield record


def quickly(text: str, width: int, delimiter: str, *, quotes: bool = True) -> pl.DataFrame | None:
    """The rows of a block as columns "0", "1", ...; None where they are not beyond doubt."""
    ending = "\r\n" if text.endswith("\r\n") else "\n"
    if width < 2 or text.count("\r") != (text.count("\r\n") if ending == "\r\n" else 0):
        return None
    data = (text if text.endswith("\n") else text + ending).encode()
    try:  # an empty cell becomes null, a quoted one does not: both are written back as they were
        frame = pl.read_csv(
            data,
            has_header=False,
            separator=delimiter,
            quote_char='"' if quotes else None,
            schema={str(at): pl.String for at in range(width)},
        )
    except pl.exceptions.PolarsError:
        return None
    style: Literal["necessary", "never"] = "necessary" if quotes else "never"
    return frame.with_columns(pl.all().fill_null("")) if _written(frame, delimiter, ending, style) == data else None


def _written(frame: pl.DataFrame, delimiter: str, ending: str, style: Literal["necessary", "never"]) -> bytes:
    stream = io.BytesIO()
    frame.write_csv(stream, include_header=False, separator=delimiter, line_terminator=ending, quote_style=style)
    return stream.getvalue()
