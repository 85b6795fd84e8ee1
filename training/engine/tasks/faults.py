"""What can be wrong with tasks and rows of more than one kind."""

from collections import Counter
from collections.abc import Iterable

from contracts.problems import Fault, echo
from contracts.task import FEWEST, MAX_LABELS, TaskSpec, form_of
from training.engine.data.reading import Rows


def of_labels(task: TaskSpec, *, fewest: int) -> list[Fault]:
    """A number of labels that cannot be told apart, and labels named twice."""
    found = []
    if not fewest <= len(task.labels) <= MAX_LABELS:
        message = f"The task has {len(task.labels)} label(s); between {fewest} and {MAX_LABELS} can be told apart."
        found.append(Fault(code="label_count", message=message, param="task.labels"))
    for label, count in Counter(task.labels).items():
        if count > 1:
            message = f"The task names the label {echo(label)} {count} times."
            found.append(Fault(code="duplicate_label", message=message, param="task.labels"))
    return found


def of_metric(task: TaskSpec) -> list[Fault]:
    metrics = form_of(task.kind, task.form).metrics
    if task.metric in metrics:
        return []
    message = f"The metric must be one of {', '.join(metrics)}; not {echo(task.metric)}."
    return [Fault(code="unknown_metric", message=message, param="task.metric")]


def of_sizes(splits: dict[str, Rows]) -> list[Fault]:
    """Too few rows in a split."""
    found = []
    for split, fewest in FEWEST.items():
        if len(splits[split]) < fewest:
            message = (
                f"The {split} split has {len(splits[split])} row(s) and needs {fewest}: add rows or change the split."
            )
            found.append(Fault(code="too_few_rows", message=message, param=split))
    return found


def of_unknown(task: TaskSpec, named: Iterable[tuple[int, str]], *, param: str) -> list[Fault]:
    """Labels that the task does not have. `named`: row numbers and the labels there."""
    known, where = set(task.labels), dict[str, list[int]]()
    for number, label in named:
        if label not in known:
            where.setdefault(label, []).append(number)
    found = []
    for label, numbers in where.items():
        message = (
            f"The label {echo(label)} is not one of the task's; {len(numbers)} row(s) have it, the first is row "
            f"{min(numbers)}: correct the rows or add the label to the task."
        )
        found.append(Fault(code="unknown_label", message=message, param=param))
    return found


def of_rare(task: TaskSpec, counts: Counter[str], *, fewest: int) -> list[Fault]:
    """Labels with too few training rows. `counts`: of training rows by label."""
    return [
        Fault(
            code="too_few_rows_for_label",
            message=f"The label {echo(label)} has {counts[label]} training row(s) and needs {fewest}: "
            "add examples or remove the label from the task.",
            param="label",
        )
        for label in task.labels
        if counts[label] < fewest
    ]


def of_nothing(splits: dict[str, Rows], role: str) -> list[Fault]:
    """Splits whose every row has an empty list: nothing to measure by."""
    return [
        Fault(
            code="nothing_to_find",
            message=f"No row of the {split} split has {role}: add rows that have some or change the split.",
            param=split,
        )
        for split, rows in splits.items()
        if len(rows) and not any(rows[role])
    ]


def of_blank(splits: dict[str, Rows], roles: Iterable[str]) -> list[Fault]:
    """Texts without a letter."""
    found = []
    for role in roles:
        blank = sorted(
            number
            for split in splits.values()
            for number, text in zip(split.numbers, split[role], strict=True)
            if not text.strip()
        )
        if blank:
            message = f"{len(blank)} row(s) have an empty {role}, the first is row {blank[0]}: fill or remove them."
            found.append(Fault(code="empty_text", message=message, param=role))
    return found


def of_one_text(train: Rows, role: str) -> list[Fault]:
    if train.frame[role].n_unique() != 1:
        return []
    message = f"Every training row has the same {role}: there is nothing to learn."
    return [Fault(code="one_value", message=message, param=role)]


def of_one_value(train: Rows, role: str) -> list[Fault]:
    """Nothing to learn where every row says the same."""
    if train.frame[role].n_unique() != 1:
        return []
    message = f"Every training row has the {role} {train[role][0]:g}: there is nothing to learn."
    return [Fault(code="one_value", message=message, param=role)]
