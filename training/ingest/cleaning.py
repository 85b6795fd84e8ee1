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
from ftfy.badness import BADNESS_RE

from contracts.cleaning import Applied, Step
from contracts.problems import Fault, Problem, echo
from contracts.task import LABEL, LABELS, TAGS, TEXT, TOKENS, Form
from training.ingest import personal
from training.ingest.keys import asked_with, with_keys
from training.ingest.near import groups as near_groups
from training.ingest.near import reach
from training.ingest.places import FIRST, capital, numbered
from training.languages import languages

MARKUP = r"<[a-zA-Z/!][^<>]*>|&(?:[a-zA-Z]+|#\d+|#x[0-9a-fA-F]+);"
# ftfy's own pattern, spelled for polars' engine, which is sixteen times as fast: it knows the same signs, but skips
# spaces inside brackets too. What only ftfy's comments say goes.
UNCOMMENTED = re.sub(r"(?m)^\s*#.*$", "", BADNESS_RE.pattern)
COMBINING = r"[^\x00-\u02ff]"  # below are the characters that every normal form leaves as they are
GARBLED = "(?x)" + re.sub(r"\[[^\]]*\]", lambda found: found[0].replace(" ", r"\x20"), UNCOMMENTED)
BLOCKS = frozenset({"br", "p", "div", "li", "tr", "td", "th", "h1", "h2", "h3", "h4"})  # part words where they stand
SILENT = frozenset({"script", "style"})  # what they hold is no text

Rows = pl.DataFrame


def clean(frame: Rows, form: Form, steps: Sequence[Step]) -> tuple[Rows, list[Applied]]:
    """`frame`: row and the form's roles. Raises `Problem` where a step names a row or label that is not there."""
    applied = []
    for step in steps:
        before, frame = frame, APPLY[step.name](frame, form, step)
        applied.append(Applied(name=step.name, dropped=before.height - frame.height, changed=_changed(before, frame)))
    return frame, applied


def _changed(before: Rows, after: Rows) -> int:
    kept = before.join(after.select("row"), on="row", how="semi", maintain_order="left")
    different = [~kept[name].eq_missing(after[name]) for name in kept.columns if not kept[name].equals(after[name])]
    return pl.DataFrame(different).select(pl.any_horizontal(pl.all()).sum()).item() if different else 0


def rewritten(texts: pl.Series, rewrite: Callable[[str], str], suspicious: pl.Series) -> pl.Series:
    """`rewrite` of the suspicious texts; the others as they are."""
    if not suspicious.any():
        return texts
    changed = pl.Series([rewrite(text) for text in texts.filter(suspicious)], dtype=pl.String)
    return texts.clone().scatter(suspicious.arg_true(), changed)  # scatter writes into the series it is called on


def unnormalised(texts: pl.Series) -> pl.Series:
    maybe = texts.str.contains(COMBINING)
    some = texts.filter(maybe)
    return maybe.scatter(maybe.arg_true(), some.str.normalize("NFC") != some) if len(some) else maybe


def mojibake(texts: pl.Series) -> pl.Series:
    """Foreign characters in sequences that only a wrong encoding makes (ftfy's own measure)."""
    return texts.str.contains(GARBLED)


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
    def apply(frame: Rows, form: Form, step: Step) -> Rows:
        changed = [rewritten(frame[name], rewrite, suspicious(frame[name])) for name in form.of(TEXT)]
        return frame.with_columns(changed)

    return apply


def _normalised(frame: Rows, form: Form, step: Step) -> Rows:
    return frame.with_columns(_each(form, lambda text: text.str.normalize("NFC")))


def _collapsed(frame: Rows, form: Form, step: Step) -> Rows:
    return frame.with_columns(_each(form, lambda text: text.str.replace_all(r"\s+", " ").str.strip_chars()))


def _each(form: Form, change: Callable[[pl.Expr], pl.Expr]) -> list[pl.Expr]:
    """The change of every text and label, and of every string of a list."""
    flat = [change(pl.col(name)) for name in form.of(TEXT, LABEL)]
    return flat + [pl.col(name).list.eval(change(pl.element())) for name in form.of(LABELS, TOKENS, TAGS)]


def _without_duplicates(frame: Rows, form: Form, step: Step) -> Rows:
    keyed = with_keys(frame, form)
    return frame.filter(keyed.select(pl.struct("input_key", "target_key").is_first_distinct()).to_series())


def _without_near_duplicates(frame: Rows, form: Form, step: Step) -> Rows:
    """Compared by all texts that are asked with, in the rows that the finding was looked for in."""
    keyed = with_keys(frame, form)
    texts = [role.name for role in form.inputs if role.content == TEXT]
    near = near_groups(keyed["input_key"], asked_with(frame.head(reach(frame, texts)) if texts else frame, form))
    return frame.filter(keyed.select(pl.struct(near, "target_key").is_first_distinct()).to_series())


def _in_languages(frame: Rows, form: Form, step: Step) -> Rows:
    found = languages(asked_with(frame, form))
    return frame.filter(found.is_in(list(step.languages)).fill_null(value=True))


def _without_conflicts(frame: Rows, form: Form, step: Step) -> Rows:
    return frame.filter(
        with_keys(frame, form).select(pl.col("target_key").n_unique().over("input_key") == 1).to_series()
    )


def _without_rows(frame: Rows, form: Form, step: Step) -> Rows:
    absent = sorted(set(step.rows) - set(frame["row"]))
    if absent:
        places = capital(numbered("row", absent[:FIRST], len(absent)))
        message = f"{places}: not in this version. Name rows as its findings number them."
        raise Problem.of([Fault(code="unknown_row", message=message, param="rows")])
    return frame.filter(~pl.col("row").is_in(list(step.rows)))


def _relabelled(frame: Rows, form: Form, step: Step) -> Rows:
    keyed = with_keys(frame, form)
    known = set(keyed["classes"].explode().unique()) if "classes" in keyed.columns else set()
    absent = sorted(set(step.labels) - known)
    if absent:
        message = f"No row has the label {', '.join(map(echo, absent[:FIRST]))}."
        raise Problem.of([Fault(code="unknown_label", message=message, param="labels")])
    flat = [pl.col(name).replace(step.labels) for name in form.of(LABEL)]
    several = [
        pl.col(name).list.eval(pl.element().replace(step.labels)).list.unique().list.sort() for name in form.of(LABELS)
    ]
    types = {f"{place}-{old}": f"{place}-{new}" for old, new in step.labels.items() for place in "BI"}
    tags = [pl.col(name).list.eval(pl.element().replace(types)) for name in form.of(TAGS)]
    return frame.with_columns(*flat, *several, *tags)


Apply = Callable[[Rows, Form, Step], Rows]

APPLY: dict[str, Apply] = {
    "normalise_unicode": _normalised,
    "repair_mojibake": _rewriting(ftfy.fix_encoding, mojibake),
    "strip_html": _rewriting(_shown, marked_up),
    "collapse_whitespace": _collapsed,
    "mask_personal_data": _rewriting(personal.masked, lambda texts: texts.str.contains(personal.SUSPICIOUS)),
    "drop_duplicates": _without_duplicates,
    "drop_near_duplicates": _without_near_duplicates,
    "keep_language": _in_languages,
    "drop_conflicts": _without_conflicts,
    "drop_rows": _without_rows,
    "relabel": _relabelled,
}
