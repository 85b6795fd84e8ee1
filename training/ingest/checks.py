"""What is refused once rows and roles are known. Every fault here names rows or counts; all are reported at once."""

import polars as pl

from contracts.problems import Fault, echo
from contracts.task import BOXES, ITEMS, LABEL, LABELS, MAX_LABELS, NUMBER, OUTCOMES, TAGS, TOKENS, Form
from training.ingest.contents import CONTENTS
from training.ingest.places import FIRST, capital, numbered

MIN_ROWS = 10  # with the usual shares this is one row for validation and one for the test
MIN_TRAINED = 2  # where all rows train
PAIRED = ((TOKENS, TAGS), (ITEMS, OUTCOMES))  # lists of which each element belongs to one of the other's


def unequal(frame: pl.DataFrame, form: Form, columns: dict[str, str | tuple[str, ...]]) -> list[Fault]:
    """`length_mismatch`: rows whose lists should be of the same length and are not."""
    faults = []
    for one, other in PAIRED:
        for first, second in zip(form.of(one), form.of(other), strict=False):
            differ = frame.filter(pl.col(first).list.len() != pl.col(second).list.len())
            if differ.height:
                places = capital(numbered("row", differ["row"].head(FIRST).to_list(), differ.height))
                lengths = f"{differ[first].list.len()[0]} {first} but {differ[second].list.len()[0]} {second}"
                message = f"{places}: {lengths} in the first of them. Write as many of {echo(columns[second])}."
                faults.append(Fault(code="length_mismatch", message=message, param=f"columns.{second}"))
    return faults


def unusable(frame: pl.DataFrame, form: Form, dropped: int, *, measured: bool = True) -> list[Fault]:
    """Too few rows, too few or too many classes. `frame`: complete rows; `dropped`: how many were not; `measured`:
    whether some are to be kept from training."""
    roles = " and ".join(f"a {role.name}" for role in form.roles)
    without = (
        f" ({dropped:,} without {roles.replace('a ', '').replace(' and ', ' or ')} do not count)" if dropped else ""
    )
    if not frame.height:
        both = "both " if len(form.roles) == 2 else ""
        return [Fault(code="empty_dataset", message=f"No row has {both}{roles}{without}.", param="file")]
    faults = []
    fewest = MIN_ROWS if measured else MIN_TRAINED
    if frame.height < fewest:
        message = f"{frame.height} usable rows{without}; at least {fewest} are needed."
        faults.append(Fault(code="too_few_rows", message=message, param="file"))
    target = form.target
    if target is not None and target.content == NUMBER and frame[target.name].n_unique() == 1:
        message = f"Every row has the {target.name} {frame[target.name][0]:g}. There is nothing to learn."
        faults.append(Fault(code="one_value", message=message, param=f"columns.{target.name}"))
    classes = CONTENTS[target.content].classes if target else None
    if target is not None and classes is not None:
        names = frame.select(classes(pl.col(target.name)).explode()).to_series().drop_nulls().unique()
        faults += _class_faults(names, target.name, target.content)
    return faults


def _class_faults(names: pl.Series, role: str, content: str) -> list[Fault]:
    param = f"columns.{role}"
    if not len(names):
        what = {LABELS: "label", TAGS: "entity", BOXES: "box"}.get(content, "class")
        return [Fault(code="no_class", message=f"No row has any {what}. There is nothing to learn.", param=param)]
    if len(names) == 1 and content == LABEL:
        message = f"Every row has the label {echo(names[0])}. A classifier needs at least two."
        return [Fault(code="one_class", message=message, param=param)]
    if len(names) > MAX_LABELS:
        message = (
            f"The {role} column has {len(names):,} values; at most {MAX_LABELS:,} are allowed. Is it the right one?"
        )
        return [Fault(code="too_many_labels", message=message, param=param)]
    return []
