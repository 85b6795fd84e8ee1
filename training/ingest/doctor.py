"""The data doctor: what a careful colleague would remark on. Remarks refuse nothing; they are part of the report.

Each says how many rows it is about and which, and names the cleaning step that mends it, where one does.
"""

from collections.abc import Callable
from functools import reduce
from operator import or_

import polars as pl

from contracts.problems import echo
from contracts.task import AUDIO, BOXES, FEATURES, IMAGE, LABEL, LABELS, TEXT, Form
from training.ingest import cleaning, doubt, languages, near, parallel
from training.ingest.contents import CONTENTS
from training.ingest.keys import asked_with, sample
from training.ingest.media import examine as media
from training.ingest.places import FIRST
from training.ingest.remarks import Remark, counted, remark
from training.ingest.split.ratio import RARE
from training.ingest.tables.examine import examine as examine_table

LONG_TEXT = 2_000  # characters: about 500 tokens, beyond which common encoders cut
SEARCHED, READ = 10_000, 1_000  # rows that models of our own look at, characters of each: some seconds
SWAPPED = 2  # times as long and as many as the texts: labels that are none
IMBALANCE = 10  # times as many rows as the smallest label, for the largest to be remarked on


def without_blanks(frame: pl.DataFrame, form: Form) -> tuple[pl.DataFrame, list[Remark]]:
    """The rows that have every role, and remarks such as `empty_text` and `empty_label` about those left out."""
    remarks = []
    needed = [role for role in form.roles if not role.blank]
    empties = {role.name: CONTENTS[role.content].empty(pl.col(role.name)) for role in needed}
    marked = frame.select("row", **empties)
    for role in empties:
        empty = marked.filter(role)["row"]
        were = "was" if len(empty) == 1 else "were"
        message = f"{counted(len(empty), 'row has', 'rows have')} no {role} and {were} left out."
        remarks += remark(f"empty_{role}", "warning", message, empty)
    return (frame.filter(~marked.select(pl.any_horizontal(*empties)).to_series()) if remarks else frame), remarks


def examine(frame: pl.DataFrame, form: Form) -> list[Remark]:
    """`frame` has row, the form's roles, and what `keys` adds."""
    remarks = _duplicates(frame, form)
    if form.single and form.target is not None:
        remarks += _conflicts(frame, form)
    if form.of(TEXT) and form.of(LABEL):
        remarks += _swapped(frame, form.of(TEXT)[0], form.of(LABEL)[0])
    if "classes" in frame.columns:
        remarks += [*_rare_labels(frame), *_imbalance(frame)]
    remarks += [*_media(frame, form), *_unanswered(frame, form)]
    for name in form.of(FEATURES):
        remarks += examine_table(frame["row"], frame[name], frame["target_key"])
    return [*remarks, *_near(frame, form), *_long_texts(frame, form), *_damage(frame, form), *_searched(frame, form)]


def _unanswered(frame: pl.DataFrame, form: Form) -> list[Remark]:
    """Rows that stay though a role is empty, since that says something."""
    remarks = []
    for role in (role for role in form.roles if role.blank):
        empty = frame.filter(CONTENTS[role.content].empty(pl.col(role.name)))["row"]
        message = f"{counted(len(empty), 'row has', 'rows have')} no {role.name}: that there is none is what they say."
        remarks += remark(f"no_{role.name}", "info", message, empty)
    return remarks


def _duplicates(frame: pl.DataFrame, form: Form) -> list[Remark]:
    again = frame.filter(~pl.struct("input_key", "target_key").is_first_distinct())["row"]
    message = (
        f"{counted(len(again), 'row repeats', 'rows repeat')} the {' and '.join(role.name for role in form.roles)} of "
        "an earlier one (case and whitespace ignored). Repeats stay in the split of the first."
    )
    return remark("duplicate_text", "info", message, again, fix="drop_duplicates")


def _conflicts(frame: pl.DataFrame, form: Form) -> list[Remark]:
    several = frame.group_by("input_key").agg(pl.col("target_key").n_unique()).filter(pl.col("target_key") > 1)
    rows = frame.join(several, on="input_key", how="semi", maintain_order="left")["row"]
    one = form.inputs[0].name if len(form.inputs) == 1 else "input"
    target = form.target.name if form.target else ""
    message = (
        f"{counted(several.height, f'{one} has', f'{one}s have')} more than one {target}, in {len(rows):,} rows. "
        f"Decide on one {target} for each."
    )
    return remark("conflicting_labels", "warning", message, rows, fix="drop_conflicts")


def _swapped(frame: pl.DataFrame, text: str, label: str) -> list[Remark]:
    """Labels that are longer and more various than the texts: were the columns mapped the wrong way round?"""
    lengths = frame.select(pl.col(text).str.len_bytes().mean().alias("text"), pl.col(label).str.len_bytes().mean())
    longer = lengths[label][0] > SWAPPED * lengths["text"][0]
    if not longer or frame[label].n_unique() <= SWAPPED * frame[text].n_unique():
        return []
    none = pl.Series(dtype=pl.Int64)
    message = (
        f"The {label}s are longer and more various than the {text}s. Were the two columns mapped the wrong way round?"
    )
    return [Remark(code="columns_swapped", severity="warning", message=message, rows=none, count=frame.height)]


def rare(frame: pl.DataFrame) -> pl.DataFrame:
    """Classes (class, rows) with fewer than `RARE` different inputs: they stay in training, hardly measured."""
    each = frame.select("input_key", pl.col("classes").alias("class")).explode("class").drop_nulls("class")
    classes = each.group_by("class").agg(pl.col("input_key").n_unique().alias("texts"), pl.len().alias("rows"))
    return classes.filter(pl.col("texts") < RARE).sort("class")


def _rare_labels(frame: pl.DataFrame) -> list[Remark]:
    labels = rare(frame)
    rows = frame.filter(pl.col("classes").list.eval(pl.element().is_in(labels["class"].implode())).list.any())["row"]
    names = ", ".join(echo(name) for name in labels["class"].head(FIRST))
    message = (
        f"{counted(labels.height, 'label has', 'labels have')} fewer than {RARE} different texts ({names}). "
        "Their rows stay in training, so their quality is not measured. Add examples."
    )
    return remark("rare_label", "warning", message, rows)


def _imbalance(frame: pl.DataFrame) -> list[Remark]:
    counts = frame["classes"].explode().drop_nulls().value_counts(name="len").sort(["len", "classes"])
    if not counts.height or counts["len"][-1] < IMBALANCE * counts["len"][0]:
        return []
    smallest, largest = counts.row(0), counts.row(-1)
    few = counts.filter(pl.col("len") * IMBALANCE <= largest[1]).height
    none = pl.Series(dtype=pl.Int64)
    message = (
        f"Label {echo(largest[0])} has {largest[1]:,} rows, {echo(smallest[0])} only {smallest[1]:,}. "
        "Accuracy will say little about the small labels; look at macro_f1."
    )
    return [Remark(code="imbalance", severity="warning", message=message, rows=none, count=few)]


def _near(frame: pl.DataFrame, form: Form) -> list[Remark]:
    """Rows whose group holds an earlier row with another input."""
    each = frame.select("row", "group", "input_key").unique("input_key", keep="first", maintain_order=True)
    rows = each.filter(~pl.col("group").is_first_distinct())["row"]
    texts = [role.name for role in form.inputs if role.content == TEXT]
    looked = near.reach(frame, texts) if texts else frame.height
    where = "" if looked == frame.height else f" Only the first {looked:,} rows were looked through."
    message = (
        f"{counted(len(rows), 'text is', 'texts are')} nearly equal to an earlier one: a comma or a word apart, with "
        f"the same numbers. They stay in its split.{where}"
    )
    return remark("near_duplicate", "info", message, rows, fix="drop_near_duplicates")


def _searched(frame: pl.DataFrame, form: Form) -> list[Remark]:
    """What takes a model of its own to see; small sets are left to people."""
    if not form.of(TEXT) or frame.height < doubt.FEWEST_ROWS:
        return []
    chosen = sample(frame, SEARCHED)
    texts = asked_with(chosen, form).str.head(READ)
    remarks = languages.examine(chosen["row"], texts, of=frame.height)
    if form.of(LABEL):
        remarks += doubt.examine(chosen["row"], texts, chosen["stratum"])
    return remarks


def _media(frame: pl.DataFrame, form: Form) -> list[Remark]:
    remarks: list[Remark] = []
    for name in form.of(IMAGE):
        classes = frame["stratum"] if form.of(LABEL, LABELS) else None
        remarks += media.images(frame["row"], frame[name], classes)
        for boxes in form.of(BOXES):
            remarks += media.boxes(frame["row"], frame[boxes], frame[name])
    for name in form.of(AUDIO):
        remarks += media.sounds(frame["row"], frame[name])
    return remarks


def _long_texts(frame: pl.DataFrame, form: Form) -> list[Remark]:
    if not form.of(TEXT):
        return []
    texts = [pl.col(name) for name in form.of(TEXT)]
    likely = frame.filter(pl.any_horizontal(*(text.str.len_bytes() > LONG_TEXT for text in texts)))  # cheap, and enough
    rows = likely.filter(pl.any_horizontal(*(text.str.len_chars() > LONG_TEXT for text in texts)))["row"]
    message = (
        f"{counted(len(rows), 'text is', 'texts are')} longer than {LONG_TEXT:,} characters; "
        "models read the beginning of such texts only."
    )
    return remark("long_text", "info", message, rows)


# What is wrong with the characters of a text: code, severity, which texts, the sentence's end, the step that mends it.
DAMAGE: tuple[tuple[str, str, Callable[[pl.Series], pl.Series], str, str], ...] = (
    ("mojibake", "warning", cleaning.mojibake, "read in the wrong encoding somewhere before", "repair_mojibake"),
    ("markup", "info", cleaning.marked_up, "holding HTML tags or entities", "strip_html"),
    ("unnormalised_unicode", "info", cleaning.unnormalised, "not in Unicode's normal form", "normalise_unicode"),
    ("personal_data", "warning", cleaning.telling, "naming a person's address or number", "mask_personal_data"),
)


def _damage(frame: pl.DataFrame, form: Form) -> list[Remark]:
    if not form.of(TEXT):
        return []
    searches = [(search, frame[name]) for _, _, search, _, _ in DAMAGE for name in form.of(TEXT)]
    found = parallel.each(lambda one: one[0](one[1]), searches)
    remarks = []
    for at, (code, severity, _, words, fix) in enumerate(DAMAGE):
        ours = found[at * len(form.of(TEXT)) :][: len(form.of(TEXT))]
        rows = frame["row"].filter(reduce(or_, ours))
        message = f"{counted(len(rows), 'text is', 'texts are')} {words}. The cleaning step {fix} mends that."
        remarks += remark(code, severity, message, rows, fix=fix)
    return remarks
