"""Bytes to characters: UTF-8, or what the customer confirmed; another encoding is asked for, never assumed."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

from charset_normalizer.constant import IANA_SUPPORTED

from contracts.problems import Fault, Problem, echo
from training.ingest.binary import head
from training.ingest.detection import refuse_wide, unconfirmed
from training.ingest.places import Tally, capital, numbered

UTF_8 = "utf-8"
CHUNK = 1 << 20  # characters read at a time
REFUSED = frozenset({"utf_7"})  # hides any character from whoever filters its bytes
INVALID = "\udcff"  # marks bytes that do not decode; a lone surrogate comes out of no decoder
MARK = "landfall.mark"


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return INVALID, error.end


codecs.register_error(MARK, _mark)


@dataclass(frozen=True, kw_only=True)
class TextFile:
    """A file and the encoding it is in. A byte order mark is removed whatever the encoding."""

    path: Path
    encoding: str

    def open(self, *, newline: str | None, errors: str = "strict") -> TextIO:
        stream = self.path.open(encoding=self.encoding, newline=newline, errors=errors)
        if stream.read(1) != "\ufeff":
            stream.seek(0)
        return stream

    def head(self, characters: int) -> str:
        with self.open(newline="") as stream:
            return stream.read(characters)


def decode(path: Path, stated: str | None, filename: str) -> TextFile:
    """The file in its encoding, every byte of it checked.

    Raises `Problem`: `unknown_encoding` (no such name), `invalid_encoding` and `nul_not_allowed` (with line numbers,
    both at once), `encoding_unconfirmed` (names what it looks like), `type_mismatch` (no text in any encoding).
    """
    if stated is not None:
        file = TextFile(path=path, encoding=_canonical(stated))
        faults = _faults(file)
    else:
        sample = head(path)
        refuse_wide(sample, filename)
        file = TextFile(path=path, encoding=UTF_8)
        faults = _faults(file)
        if any(fault.code == "invalid_encoding" for fault in faults) and not _mostly_valid(file):
            raise unconfirmed(path, filename)
    if faults:
        raise Problem.of(faults)
    return file


def _canonical(stated: str) -> str:
    try:
        name = codecs.lookup(stated).name
    except (LookupError, ValueError):
        name = ""
    known = {codecs.lookup(each).name for each in IANA_SUPPORTED if each not in REFUSED}
    if name == "utf-8-sig":
        return UTF_8
    if name not in known:
        message = (
            f"{echo(stated)} is no encoding known here. Send an IANA name, for example utf-8, iso-8859-1 or cp1252."
        )
        raise Problem("unknown_encoding", message, param="encoding")
    return name


def _faults(file: TextFile) -> list[Fault]:
    invalid, nul = _bad_lines(file)
    faults = []
    if invalid.count:
        places = capital(numbered("line", invalid.first, invalid.count))
        message = f"{places}: not valid {file.encoding}. Save the file as UTF-8, or send the encoding it really is in."
        faults.append(Fault(code="invalid_encoding", message=message, param="encoding"))
    if nul.count:
        places = capital(numbered("line", nul.first, nul.count))
        message = f"{places}: holds a NUL character. Remove it; text has no use for it."
        faults.append(Fault(code="nul_not_allowed", message=message, param="file"))
    return faults


def _bad_lines(file: TextFile) -> tuple[Tally, Tally]:
    """Lines with undecodable bytes, lines with NUL. A clean file costs one pass in large chunks."""
    invalid, nul = Tally(), Tally()
    with file.open(newline=None, errors=MARK) as stream:
        if not any(INVALID in chunk or "\0" in chunk for chunk in _chunks(stream)):
            return invalid, nul
    with file.open(newline=None, errors=MARK) as stream:
        for number, line in enumerate(stream, start=1):
            if INVALID in line:
                invalid.add(number)
            if "\0" in line:
                nul.add(number)
    return invalid, nul


def _chunks(stream: TextIO) -> Iterator[str]:
    return iter(partial(stream.read, CHUNK), "")


def _mostly_valid(file: TextFile) -> bool:
    """Whether this is UTF-8 with damage rather than another encoding: more characters beyond ASCII decode than not."""
    good = bad = 0
    with file.open(newline=None, errors=MARK) as stream:
        for chunk in _chunks(stream):
            bad += chunk.count(INVALID)
            good += len(re.sub("[\x00-\x7f\udcff]+", "", chunk))
    return good > bad
