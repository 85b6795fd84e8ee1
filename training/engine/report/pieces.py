"""What the sections of every kind are built of: bars, tables, numbers as a person reads them. Every word is escaped."""

from collections.abc import Sequence
from html import escape

from training.engine.judging.compared import Compared, Interval, shown, spelt
from training.engine.judging.metrics import ClassScore
from training.paper import name

OPEN = 20  # rows of a long table shown at once; the rest lies behind a click

Line = tuple[str, float, Interval | None]  # what, share, its interval


def versus(lines: Sequence[Line]) -> str:
    """Shares as bars below each other, the first of them ours; the marks are the interval."""
    drawn = "".join(_line(*line, kind="theirs" if at else "") for at, line in enumerate(lines))
    return f'<div class="versus">{drawn}</div>'


def _line(what: str, share: float, interval: Interval | None, *, kind: str) -> str:
    whisker, bounds = "", ""
    if interval is not None:
        low, high = (100 * bound for bound in interval)
        whisker = f'<u style="left:{low:.1f}%;width:{high - low:.1f}%"></u>'
        bounds = f"{low:.1f} – {high:.1f}"
    return (
        f"<div><span>{escape(what)}</span>{bar(share, kind, whisker)}"
        f"<strong>{100 * share:.1f} %</strong><small>{bounds}</small></div>"
    )


def bar(share: float, kind: str, mark: str) -> str:
    return f'<div class="bar {kind}"><i style="width:{100 * share:.1f}%"></i>{mark}</div>'


def table(names: Sequence[str], rows: str, *, texts: tuple[int, ...] = ()) -> str:
    """`rows`: HTML; `texts`: the columns that hold words."""
    heads = "".join(
        f'<th class="text">{name}</th>' if at in texts else f"<th>{name}</th>" for at, name in enumerate(names)
    )
    return f"<table><tr>{heads}</tr>{rows}</table>"


def figure(one: Compared, constant: float | None) -> str:
    """A line of a table: the metric, ours and the baseline's with their intervals, its name, the constant answer's."""
    ours, theirs = (
        f"{shown(one.metric, value)} <small>({shown(one.metric, low)} – {shown(one.metric, high)})</small>"
        for value, (low, high) in zip((one.model, one.baseline), one.intervals, strict=True)
    )
    rest = "" if constant is None else shown(one.metric, constant)
    return (
        f'<tr><td>{spelt(one.metric)}</td><td>{ours}</td><td>{theirs}</td><td class="text">{escape(one.name)}</td>'
        f"<td>{rest}</td></tr>"
    )


def folded(names: Sequence[str], rows: Sequence[str], counted: str, *, texts: tuple[int, ...] = ()) -> str:
    """A table whose first `OPEN` rows are shown at once. `counted`: what a row is."""
    shown = table(names, "".join(rows[:OPEN]), texts=texts)
    if len(rows) <= OPEN:
        return shown
    rest = table(names, "".join(rows[OPEN:]), texts=texts)
    return f"{shown}<details><summary>The other {len(rows) - OPEN:,} {counted}</summary>{rest}</details>"


def minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"


def by_class(
    noun: tuple[str, str],
    labels: Sequence[str],
    ours: Sequence[ClassScore],
    theirs: Sequence[ClassScore],
    said: dict[str, str],
    counted: str = "rows",
) -> str:
    """A line a class, the weakest first. `noun`: what one and several are called; `said`: the customer's sentences
    about labels; `counted`: what a class's support counts."""
    ordered = sorted(zip(labels, ours, theirs, strict=True), key=lambda one: one[1].f1)
    rows = [_class(label, mine, other, said.get(label, "")) for label, mine, other in ordered]
    heads = (noun[0], counted, "precision", "recall", "F1", "", "baseline F1")
    return folded(heads, rows, noun[1])


def _class(label: str, ours: ClassScore, theirs: ClassScore, said: str) -> str:
    about = f"<br><small>{escape(said)}</small>" if said else ""
    mark = bar(ours.f1, "", f'<b style="left:{100 * theirs.f1:.1f}%"></b>')
    shares = "".join(f"<td>{100 * share:.1f}</td>" for share in (ours.precision, ours.recall, ours.f1))
    return (
        f"<tr><td>{name(label)}{about}</td><td>{ours.support:,}</td>{shares}"
        f'<td class="drawn">{mark}</td><td>{100 * theirs.f1:.1f}</td></tr>'
    )
