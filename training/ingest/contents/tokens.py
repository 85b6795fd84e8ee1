"""Tokens of a sentence, and the tag of each: IOB2, whatever scheme the file was written in.

Schemes: IOB1 opens an entity with B- only where it follows another of its type (Ramshaw and Marcus 1995; CoNLL-2003's
own files), IOB2 always; IOBES also marks last tokens (E-) and lone ones (S-).
"""

import polars as pl

from contracts.task import TAGS, TOKENS
from training.ingest.contents import lists
from training.ingest.contents.content import Cells, Content, Values
from training.ingest.folding import folded
from training.ingest.remarks import Remark, counted, remark

WELL_FORMED = r"^(?:O|[BIES]-.+)$"


def read_tokens(cells: Cells) -> Values:
    series, faults = lists.strings(cells, None)
    return Values(series=series, faults=faults)


def read_tags(cells: Cells) -> Values:
    """Faults: those of `lists.strings`, `bad_tag`. Remarks: `tag_scheme` where tags were rewritten."""
    series, faults = lists.strings(cells, None)
    if not faults:
        wrong = ~series.list.eval(pl.element().str.contains(WELL_FORMED)).list.all()
        message = "{rows}: {column} holds a tag that is neither O nor such as B-PER or I-PER. Write IOB tags."
        faults = cells.fault("bad_tag", wrong, message)
    if faults:
        return Values(series=series, faults=faults)
    rewritten = iob2(series)
    return Values(series=rewritten, remarks=_told(cells.rows.filter(series != rewritten)))


def iob2(tags: pl.Series) -> pl.Series:
    """List[String] in, the same entities in IOB2 out. An entity begins where the type changes, or at B- or S-."""
    known: dict[tuple[str, ...], list[str]] = {}
    values = []
    for row in tags:
        key = tuple(row)
        if key not in known:
            known[key] = _iob2(key)
        values.append(known[key])
    return pl.Series(tags.name, values, dtype=pl.List(pl.String))


def _iob2(tags: tuple[str, ...]) -> list[str]:
    written, before, ended = [], "O", False
    for tag in tags:
        place, _, kind = tag.partition("-")
        opens = tag != "O" and (place in "BS" or ended or kind != before)
        written.append(tag if tag == "O" else f"{'B' if opens else 'I'}-{kind}")
        before, ended = kind if tag != "O" else "O", place in ("E", "S")
    return written


def _told(rows: pl.Series) -> list[Remark]:
    message = f"{counted(len(rows), 'sentence was', 'sentences were')} tagged in another scheme and rewritten to IOB2."
    return remark("tag_scheme", "info", message, rows)


def entity_types(tags: pl.Expr) -> pl.Expr:
    """The type of each entity of a sentence, once an entity."""
    return tags.list.eval(pl.element().filter(pl.element().str.starts_with("B-")).str.slice(2))


CONTENTS = {
    TOKENS: Content(
        read=read_tokens,
        empty=lambda tokens: tokens.list.len() == 0,
        key=lambda tokens: folded(tokens.list.join(" ")),
    ),
    TAGS: Content(
        read=read_tags,
        empty=lambda tags: pl.lit(value=False) & tags.is_null(),
        key=lambda tags: tags.list.join(" "),
        classes=entity_types,
    ),
}  # fmt: skip
