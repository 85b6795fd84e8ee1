"""The cleaning steps: each a function from rows to rows. Their names and options: `contracts.cleaning`.

Rows keep their source numbers, so that every later finding still points into the customer's own file. Steps that need
Python look only at the texts that a quick search finds suspicious.
"""

import html
import re
from collections.abc import Callable, Sequence
from html.parser import HTMLParser

import ftfy
import polars as pl
from ftfy.badness import is_bad

from contracts.cleaning import Applied, Step
from contracts.problems import Fault, Problem, echo
from training.ingest import personal
from training.ingest.folding import folded
from training.ingest.places import FIRST, capital, numbered

MARKUP = r"<[a-zA-Z/!][^<>]*>|&(?:[a-zA-Z]+|#\d+|#x[0-9a-fA-F]+);"
# Two foreign characters in a row, one of them such as UTF-8's first bytes become: a quick look before ftfy's slow one.
GARBLED = r"[^\x00-\x7f][^\x00-\x7f]"
BLOCKS = frozenset({"br", "p", "div", "li", "tr", "td", "th", "h1", "h2", "h3", "h4"})  # part words where they stand
SILENT = frozenset({"script", "style"})  # what they hold is no text

Rows = pl.DataFrame


def clean(frame: Rows, steps: Sequence[Step]) -> tuple[Rows, list[Applied]]:
    """`frame`: row, text, label. Raises `Problem` where a step names a row or label that is not there."""
    applied = []
    for step in steps:
        before, frame = frame, APPLY[step.name](frame, step)
        applied.append(Applied(name=step.name, dropped=before.height - frame.height, changed=_changed(before, frame)))
    return frame, applied


def _changed(before: Rows, after: Rows) -> int:
    both = after.join(before, on="row", suffix="_before")
    return both.filter((pl.col("text") != pl.col("text_before")) | (pl.col("label") != pl.col("label_before"))).height


def rewritten(texts: pl.Series, rewrite: Callable[[str], str], suspicious: pl.Series) -> pl.Series:
    """`rewrite` of the suspicious texts; the others as they are."""
    if not suspicious.any():
        return texts
    changed = pl.Series([rewrite(text) for text in texts.filter(suspicious)], dtype=pl.String)
    return texts.clone().scatter(suspicious.arg_true(), changed)  # scatter writes into the series it is called on


def unnormalised(texts: pl.Series) -> pl.Series:
    return texts.str.normalize("NFC") != texts


def mojibake(texts: pl.Series) -> pl.Series:
    """Foreign characters in sequences that only a wrong encoding makes (ftfy's own measure)."""
    garbled = texts.str.contains(GARBLED)
    return pl.Series([maybe and is_bad(text) for maybe, text in zip(garbled, texts, strict=True)], dtype=pl.Boolean)


def marked_up(texts: pl.Series) -> pl.Series:
    return texts.str.contains(MARKUP)


def telling(texts: pl.Series) -> pl.Series:
    """Texts with personal data in them."""
    suspicious = texts.str.contains(personal.SUSPICIOUS)
    return suspicious & (rewritten(texts, personal.masked, suspicious) != texts)


class _Text(HTMLParser):
    """Collects what a browser would show as text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT
        self.parts += [" "] if tag in BLOCKS else []

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT and self._silent > 0
        self.parts += [" "] if tag in BLOCKS else []

    def handle_data(self, data: str) -> None:
        self.parts += [] if self._silent else [data]


def _shown(text: str) -> str:
    if not re.search(r"<[a-zA-Z/!]", text):
        return html.unescape(text)
    parser = _Text()
    parser.feed(text)
    parser.close()
    return "".join(parser.parts).strip()


def _rewriting(rewrite: Callable[[str], str], suspicious: Callable[[pl.Series], pl.Series]) -> "Apply":
    def apply(frame: Rows, step: Step) -> Rows:
        texts = frame["text"]
        return frame.with_columns(rewritten(texts, rewrite, suspicious(texts)).alias("text"))

    return apply


def _normalised(frame: Rows, step: Step) -> Rows:
    return frame.with_columns(pl.col("text", "label").str.normalize("NFC"))


def _collapsed(frame: Rows, step: Step) -> Rows:
    return frame.with_columns(pl.col("text", "label").str.replace_all(r"\s+", " ").str.strip_chars())


def _without_duplicates(frame: Rows, step: Step) -> Rows:
    return frame.filter(pl.struct(folded(pl.col("text")), "label").is_first_distinct())


def _without_conflicts(frame: Rows, step: Step) -> Rows:
    return frame.filter(pl.col("label").n_unique().over(folded(pl.col("text"))) == 1)


def _without_rows(frame: Rows, step: Step) -> Rows:
    absent = sorted(set(step.rows) - set(frame["row"]))
    if absent:
        places = capital(numbered("row", absent[:FIRST], len(absent)))
        message = f"{places}: not in this version. Name rows as its findings number them."
        raise Problem.of([Fault(code="unknown_row", message=message, param="rows")])
    return frame.filter(~pl.col("row").is_in(list(step.rows)))


def _relabelled(frame: Rows, step: Step) -> Rows:
    absent = sorted(set(step.labels) - set(frame["label"]))
    if absent:
        message = f"No row has the label {', '.join(map(echo, absent[:FIRST]))}."
        raise Problem.of([Fault(code="unknown_label", message=message, param="labels")])
    return frame.with_columns(pl.col("label").replace(step.labels))


Apply = Callable[[Rows, Step], Rows]

APPLY: dict[str, Apply] = {
    "normalise_unicode": _normalised,
    "repair_mojibake": _rewriting(ftfy.fix_encoding, mojibake),
    "strip_html": _rewriting(_shown, marked_up),
    "collapse_whitespace": _collapsed,
    "mask_personal_data": _rewriting(personal.masked, lambda texts: texts.str.contains(personal.SUSPICIOUS)),
    "drop_duplicates": _without_duplicates,
    "drop_conflicts": _without_conflicts,
    "drop_rows": _without_rows,
    "relabel": _relabelled,
}
