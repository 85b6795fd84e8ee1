"""report.html of an evaluation: one model on a test split, or two on the same. Every customer's word is escaped."""

from html import escape

from training import paper
from training.engine.judging.compared import IN_PERCENT, shown, spelt
from training.engine.judging.contest import Contest, Gain, amount, between
from training.engine.judging.evaluated import Evaluated, Row
from training.engine.report import plots
from training.engine.report.pieces import folded, table, versus
from training.engine.report.plots import Span
from training.paper import name, section

_PARTS = (
    "Rows that have something in common, and by how much the first model is the better one there, with the 95 % "
    "interval. Left of the line it is the worse one. One part in twenty lies beside the line by chance alone."
)
_LISTED = "By their number in the source. Of each sort at most a hundred are listed."


def page(found: Evaluated) -> str:
    """The whole document."""
    names = " and ".join(side.name for side in found.sides)
    parts = [_figures(found)]
    if found.contest is not None:
        parts += [_contest(found.contest), *_parts(found.contest), *_disagreements(found)]
    else:
        parts.append(section("Answered worst", _LISTED, _rows(found.listed, tuple(s.name for s in found.sides))))
    return paper.document(
        title=f"Evaluation of {names}",
        kicker=f"{found.kind} · evaluation of {names}",
        headline=found.sentence,
        parts=parts,
        footer=_unseen(found),
    )


def _figures(found: Evaluated) -> str:
    heading = spelt(found.metric)
    heading = heading[0].upper() + heading[1:]
    words = f"On {found.rows:,} test rows. The marks are the 95 % interval. {_unseen(found)}"
    if found.metric in IN_PERCENT:
        return section(heading, words, versus([(side.name, side.value, side.interval) for side in found.sides]))
    rows = "".join(
        f"<tr><td>{name(side.name)}</td><td>{shown(found.metric, side.value)}</td>"
        f"<td>{' – '.join(shown(found.metric, bound) for bound in side.interval)}</td></tr>"
        for side in found.sides
    )
    return section(heading, words, table(("", spelt(found.metric), "95 % interval"), rows))


def _unseen(found: Evaluated) -> str:
    if not found.left_out:
        return "None of these rows was used to train a model that is judged here."
    counts = ", ".join(f"{count:,} of {label}" for label, count in found.left_out.items())
    return f"Rows that a model was trained on are left out: {counts}."


def _contest(found: Contest) -> str:
    first, second = found.names
    pairs = [
        (
            amount(found.metric, found.gain.value),
            f"{first} is better by; {between(found.metric, *found.gain.interval)} (95 %)",
        ),
        (f"{100 * found.chance:.1f} %", "chance that equally good models differ so"),
    ]
    if found.needed is not None:
        pairs.append((f"{found.needed:,}", "test rows would show such a difference, four times in five"))
    if found.counts is not None:
        _, ours, theirs, neither = found.counts
        pairs += [
            (f"{ours:,}", f"rows only {first} has right"),
            (f"{theirs:,}", f"rows only {second} has right"),
            (f"{neither:,}", "rows both have wrong"),
        ]
    return paper.tiles(pairs)


def _parts(found: Contest) -> list[str]:
    """Nothing where nothing parts the rows."""
    if not found.parts:
        return []
    rows = "".join(
        f"<tr><td>{name(part.by)}: {name(part.value)}</td><td>{part.rows:,}</td>"
        f"{''.join(f'<td>{shown(found.partwise, one)}</td>' for one in part.models)}"
        f"<td>{amount(found.partwise, part.gain.value)}</td>"
        f"<td>{between(found.partwise, *part.gain.interval)}</td></tr>"
        for part in found.parts
    )
    heads = ("rows with", "rows", *map(escape, found.names), "better by", "95 % interval")
    drawn = plots.spans(_spans(found), metric=found.partwise, zero=True, what=f"{found.names[0]} is better by")
    body = f"{drawn}<details><summary>The figures</summary>{table(heads, rows)}</details>"
    return [section(f"Part by part: {spelt(found.partwise)}", _PARTS, body)]


def _spans(found: Contest) -> list[Span]:
    """Of all rows first, where that is the same metric."""
    parts = [(f"{one.by}: {one.value}", one.rows, one.gain) for one in found.parts]
    if found.partwise == found.metric:
        parts = [("all rows", found.rows, found.gain), *parts]
    return [
        Span(label=label, rows=rows, value=gain.value, interval=gain.interval, sign=_sign(gain))
        for label, rows, gain in parts
    ]


def _sign(gain: Gain) -> int:
    low, high = gain.interval
    return 1 if low > 0 else -1 if high < 0 else 0


def _disagreements(found: Evaluated) -> list[str]:
    names = tuple(side.name for side in found.sides)
    sorts = ((0, f"{names[0]} is nearer"), (1, f"{names[1]} is nearer"), (None, "neither is nearer"))
    body = "".join(
        f"<details open><summary>{escape(which)}</summary>{_rows(rows, names)}</details>"
        for nearer, which in sorts
        if (rows := tuple(row for row in found.listed if row.nearer == nearer))
    )
    words = f"{found.differing:,} of {found.rows:,} rows. {_LISTED if body else ''}"
    return [section("Answered differently", words, body)]


def _rows(rows: tuple[Row, ...], names: tuple[str, ...]) -> str:
    if not rows:
        return "<p>No test row was answered wrongly.</p>"
    lines = [
        f'<tr><td>row {row.row:,}</td><td class="text">{name(row.truth)}</td>'
        f"{''.join(f'<td class=text>{name(answer)}</td>' for answer in row.answers)}</tr>"
        for row in rows
    ]
    heads, texts = ("row", "right", *map(escape, names)), tuple(range(1, 2 + len(names)))
    return folded(heads, lines, "rows", texts=texts)
