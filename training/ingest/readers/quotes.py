"""Finds the quote that broke a record, once the strict parser has refused it: a slow walk over that record alone."""

from collections.abc import Iterable
from itertools import islice

from contracts.problems import Fault

PLAIN = 'Where quotes are characters like others, send "quotes": false.'


def broken_quote(lines: Iterable[str], start: int, delimiter: str) -> Fault | None:
    """The fault in the record that begins at line `start` (from 1); None where its quotes are sound.

    A quote that closes on its own line but is followed by text is `bad_quote`; one that runs on to another line and
    never closes properly is `unterminated_quote`, at the line that opened it.
    """
    opened = 0  # the line of the quote that is open; 0: none is
    for number, line in enumerate(islice(lines, start - 1, None), start=start):
        at = 0
        while at < len(line):
            if not opened:
                if line[at] != '"':  # an unquoted cell: skip it
                    at = line.find(delimiter, at) + 1 or len(line)
                    continue
                opened, at = number, at + 1
            at = line.find('"', at) + 1 or len(line) + 1
            if at > len(line):
                break
            after = line[at : at + 1]
            if after == '"':
                at += 1
            elif after in ("", delimiter, "\r", "\n"):
                opened, at = 0, at + 1
            else:
                return _bad(number) if opened == number else _unterminated(opened)
        if not opened and line.strip("\r\n"):
            return None
    return _unterminated(opened) if opened else None


def _bad(line: int) -> Fault:
    message = f'Line {line}: text follows a closing quote. Write a quote inside a quoted cell twice (""). {PLAIN}'
    return Fault(code="bad_quote", message=message, param="file")


def _unterminated(line: int) -> Fault:
    message = (
        f"Line {line}: the quote that opens here is never closed. Close it, or double it if it is part of the text. "
        f"{PLAIN}"
    )
    return Fault(code="unterminated_quote", message=message, param="file")
