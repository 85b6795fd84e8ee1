"""The sections about answers that are boxes around things. They show a few test pictures."""

from training import paper
from training.engine.judging.detections import ClassBoxes, Detections, Sight
from training.engine.report import plots, sights
from training.engine.report.pieces import OPEN, bar, minutes, table, versus
from training.paper import name, section


def opening(found: Detections, *, seconds: float) -> list[str]:
    """What is read first. `seconds`: of training."""
    compared, model = found.compared, found.model
    lines = [
        ("the model", compared.model, compared.intervals[0]),
        (compared.name, compared.baseline, compared.intervals[1]),
    ]
    figures = [
        (f"{100 * model.map_50:.1f} %", f"mAP at IoU 0.5; {compared.name}: {100 * found.baseline.map_50:.1f} %"),
        (
            f"{100 * model.recall:.1f} %",
            f"of {model.boxes:,} boxes found, from a confidence of {found.threshold:.2f} on",
        ),
        (f"{100 * model.precision:.1f} %", "of the boxes answered then are right"),
        (minutes(seconds), "of training"),
    ]
    pictures = sights.gallery(_sight(one, found.task.labels) for one in found.sights)
    return [
        section("Boxes found", _FOUND[compared.metric].format(rows=model.rows), versus(lines)) + paper.tiles(figures),
        section("In pictures", _PICTURES.format(threshold=found.threshold), pictures),
        section("Class by class", _CLASSES.format(name=compared.name), _classes(found)),
    ]


def closing(found: Detections) -> list[str]:
    """What is looked up."""
    rows = "".join(
        f"<tr><td>row {one.row:,}</td><td>{one.true:,}</td><td>{one.missed:,}</td><td>{one.wrong:,}</td></tr>"
        for one in found.worst
    )
    worst = table(("row", "true boxes", "not found", "answered wrongly"), rows) if rows else ""
    drawing = plots.detections(found.curves, found.by_confidence, found.threshold)
    return [
        section("At any confidence", _CURVES.format(threshold=found.threshold), drawing),
        section("Pictures with most mistakes", _WORST if rows else "No test picture holds one.", worst),
    ]


def _classes(found: Detections) -> str:
    """A line a class, the weakest first; those without a true box last."""
    each = sorted(
        zip(found.task.labels, found.model.classes, found.baseline.classes, strict=True),
        key=lambda one: 2.0 if one[1].average_precision is None else one[1].average_precision,
    )
    rows = [_class(*one) for one in each]
    heads = ("class", "boxes", "AP", "", "baseline AP", "AP at 0.5", "precision", "recall")
    if len(rows) <= OPEN:
        return table(heads, "".join(rows))
    rest = f"<summary>The other {len(rows) - OPEN:,} classes</summary>{table(heads, ''.join(rows[OPEN:]))}"
    return f"{table(heads, ''.join(rows[:OPEN]))}<details>{rest}</details>"


def _class(label: str, ours: ClassBoxes, theirs: ClassBoxes) -> str:
    mine, other = (one.average_precision or 0.0 for one in (ours, theirs))
    if ours.average_precision is None:
        return f"<tr><td>{name(label)}</td><td>0</td>{'<td></td>' * 6}</tr>"
    mark = bar(mine, "", f'<b style="left:{100 * other:.1f}%"></b>')
    after = "".join(f"<td>{100 * (one or 0):.1f}</td>" for one in (other, ours.average_precision_50, ours.precision))
    return (
        f"<tr><td>{name(label)}</td><td>{ours.support:,}</td><td>{100 * mine:.1f}</td>"
        f'<td class="drawn">{mark}</td>{after}<td>{100 * ours.recall:.1f}</td></tr>'
    )


def _sight(one: Sight, labels: tuple[str, ...]) -> str:
    boxes = one.found.boxes
    true = [
        sights.box("true", tuple(corners), labels[kind], one.size)
        for kind, corners in zip(one.true.classes.tolist(), one.true.corners.tolist(), strict=True)
    ]
    said = [
        sights.box("found", tuple(corners), f"{labels[kind]}, {100 * sure:.0f} %", one.size)
        for kind, corners, sure in zip(
            boxes.classes.tolist(), boxes.corners.tolist(), one.found.confidence.tolist(), strict=True
        )
    ]
    title = f"row {one.row:,}: {len(true):,} true, {len(said):,} found"
    return sights.figure(title, one.picture, one.size, "".join([*true, *said]))


_FOUND = {
    "map": (
        "COCO's mean average precision on {rows:,} test pictures: of classes, and of overlaps (IoU) from 0.5 to 0.95 "
        "that a box must reach to be right. The marks are the 95 % interval."
    ),
    "map_50": (
        "COCO's mean average precision on {rows:,} test pictures, where a box is right that overlaps the true one by "
        "half (IoU 0.5). The marks are the 95 % interval."
    ),
}
_PICTURES = (
    "Test pictures, from the one with most mistakes to one with fewest; dashed what is true, in colour what was found "
    "with a confidence of {threshold:.2f} or more. Point at a box to read its class."
)
_CLASSES = (
    "The weakest first, in percent of the test split. The mark on a bar is where {name} stands on the same pictures. "
    "Precision and recall hold from the threshold on."
)
_CURVES = (
    "On test pictures, a box being right that overlaps the true one by half. Left: what is right of the boxes answered "
    "when so many true ones are found. Right: the same by the confidence from which on boxes are answered; the line is "
    "{threshold:.2f}, the best F1 on validation, which task.json holds."
)
_WORST = (
    "By their number in the source, from the threshold on. Look at these first: often a box is missing there, or lies "
    "wrongly."
)
