"""How a data set version was cleaned: named steps in order, recorded with it, so that it can be made again.

A finding of the data doctor names the step that mends it. What each step does: `training.ingest.cleaning`.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field

from contracts.problems import Fault, echo

STEPS = {
    "normalise_unicode": "Characters spelled in several ways are spelled in one (Unicode NFC).",
    "repair_mojibake": "Text that was read in the wrong encoding ('schÃ¶n') is read in the right one.",
    "strip_html": "Tags are removed and entities become the characters they stand for.",
    "collapse_whitespace": "Runs of whitespace become one space; none stays at the ends.",
    "mask_personal_data": "Mail addresses and phone, card, account and identity numbers become [mail], [phone] ...",
    "drop_duplicates": "Of rows with the same text and label the first stays.",
    "drop_near_duplicates": "Of rows with the same label whose texts are nearly equal the first stays.",
    "keep_language": "Rows whose text is clearly in a language other than those of `languages` go.",
    "drop_conflicts": "Rows whose text occurs under several labels go.",
    "drop_rows": "The rows listed in `rows` go.",
    "relabel": "Labels are renamed or merged: `labels` maps old to new.",
}
MOST_STEPS, MOST_ENTRIES = 20, 10_000  # of one request; rows or labels of one step


@dataclass(frozen=True, kw_only=True)
class Step:
    """`rows` (source row numbers from 1) belongs to drop_rows, `labels` (old -> new) to relabel, `languages` (ISO 639
    codes) to keep_language."""

    name: str
    rows: tuple[int, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Applied:
    """What a step did to the rows it met."""

    name: str
    dropped: int
    changed: int


def faults_of(steps: Sequence[Step], *, prefix: str) -> list[Fault]:
    """Every step that is unknown, or lacks or exceeds what it needs."""
    faults = []
    if len(steps) > MOST_STEPS:
        message = f"{prefix} holds {len(steps)} steps; at most {MOST_STEPS} are allowed."
        faults.append(Fault(code="too_many_items", message=message, param=prefix))
    for at, step in enumerate(steps[:MOST_STEPS]):
        faults += _step_faults(step, f"{prefix}.{at}")
    return faults


def _step_faults(step: Step, param: str) -> list[Fault]:
    if step.name not in STEPS:
        near = difflib.get_close_matches(step.name, STEPS, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"Steps: {', '.join(STEPS)}."
        message = f"There is no cleaning step {echo(step.name)}. {hint}"
        return [Fault(code="unknown_step", message=message, param=f"{param}.name")]
    faults = []
    options = (
        ("rows", "drop_rows", step.rows), ("labels", "relabel", step.labels),
        ("languages", "keep_language", step.languages),
    )  # fmt: skip
    for name, needing, entries in options:
        if (step.name == needing) != bool(entries):
            message = f"{step.name} needs '{name}'." if step.name == needing else f"'{name}' belongs to {needing}."
            faults.append(Fault(code="wrong_step_options", message=message, param=f"{param}.{name}"))
        if len(entries) > MOST_ENTRIES:
            message = f"'{name}' holds {len(entries):,} entries; at most {MOST_ENTRIES:,} are allowed."
            faults.append(Fault(code="too_many_items", message=message, param=f"{param}.{name}"))
    return faults
