"""Which encoding a file that is not UTF-8 might be in: a question to the customer, never an answer."""

import codecs
import re
from functools import partial
from pathlib import Path

from charset_normalizer import from_bytes

from contracts.problems import Problem, echo
from training.ingest.binary import BINARY_SHARE, control_share, head, mismatch

CHUNK = 1 << 20  # bytes read at a time
AROUND = 1 << 15  # bytes on each side of the first foreign one that the detector sees beside the file's head
BOMS = (  # UTF-32's begins with UTF-16's, so it is asked first
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What spreadsheets and databases export (near the list of WHATWG Encoding). Given all it knows, the detector finds
# Celtic in French and Korean in Polish. Any other encoding can be stated.
LIKELY = [
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp866", "cp874"),
    *("koi8_r", "koi8_u", "mac_roman", "cp932", "euc_jp", "gb18030", "big5", "cp949"),
]
WESTERN = "cp1252"  # the first guess where the detector finds several equally good
CLOSE = 0.02  # difference of the detector's mess ratio (0..1) below which two encodings fit equally well
ALTERNATIVES = 2


def refuse_wide(sample: bytes, filename: str) -> None:
    """Raises `Problem` for UTF-16 and UTF-32, betrayed by their mark or many zero bytes, and for what is no text."""
    name = next((name for mark, name in BOMS if sample.startswith(mark)), None)
    if name is None and control_share(sample) > BINARY_SHARE:
        best = from_bytes(sample).best()
        if best is None or not best.encoding.startswith(("utf_16", "utf_32")):
            raise mismatch(filename, "a binary file")
        name = codecs.lookup(best.encoding).name
    if name is not None:
        message = f'{echo(filename)} is not UTF-8; it looks like {name}. Send "encoding": "{name}" to confirm.'
        raise Problem("encoding_unconfirmed", message, param="encoding")


def unconfirmed(path: Path, filename: str) -> Problem:
    """What to ask the customer about a file that is not UTF-8: one encoding, how a line reads in it, and in others."""
    sample, foreign = _around_foreign(path)
    names = _candidates(sample)
    if not names:
        message = (
            f'{echo(filename)} is not UTF-8 and its encoding was not recognised. Save it as UTF-8, or send "encoding".'
        )
        return Problem("encoding_unconfirmed", message, param="encoding")
    readings = {name: foreign.decode(name, errors="replace").strip() for name in names}
    best = names[0]
    others = [f"{name} reads {echo(readings[name])}" for name in names[1:] if readings[name] != readings[best]]
    message = (
        f"{echo(filename)} is not UTF-8; it looks like {best}, which reads a line as {echo(readings[best])}. "
        f'Send "encoding": "{best}" to confirm' + (f", or another one: {'; '.join(others)}." if others else ".")
    )
    return Problem("encoding_unconfirmed", message, param="encoding")


def _around_foreign(path: Path) -> tuple[bytes, bytes]:
    """The head and the surroundings of the first byte that is not UTF-8, for the detector; and that byte's line."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as stream:
        offset = 0
        for chunk in iter(partial(stream.read, CHUNK), b""):
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                offset += error.start - pending
                break
            offset += len(chunk)
        start = max(0, offset - AROUND)
        stream.seek(start)
        near = stream.read(2 * AROUND)
    before, after = near[: offset - start], near[offset - start :]
    line = re.split(rb"[\r\n]", before)[-1] + re.split(rb"[\r\n]", after, maxsplit=1)[0]
    return (near if start == 0 else head(path) + near), line


def _candidates(sample: bytes) -> list[str]:
    """The likeliest encoding, then others that fit about as well; empty where none of `LIKELY` does."""
    matches = list(from_bytes(sample, cp_isolation=LIKELY))
    close = [match for match in matches if match.chaos <= matches[0].chaos + CLOSE]
    tied = [match for match in close if (match.chaos, match.coherence) == (matches[0].chaos, matches[0].coherence)]
    western = [WESTERN for match in tied if WESTERN in match.could_be_from_charset]
    names = [*western, *(match.encoding for match in close)]
    return list(dict.fromkeys(codecs.lookup(name).name for name in names))[: 1 + ALTERNATIVES]
