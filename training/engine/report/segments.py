"""The sections about answers that are a class for every pixel. They show a few test pictures."""

from training import paper
from training.engine.judging.segments import ClassPixels, Segments, View
from training.engine.report import sights
from training.engine.report.pieces import OPEN, bar, minutes, table, versus
from training.paper import name, section

Colours = list[str | None]


def opening(found: Segments, *, seconds: float) -> list[str]:
    """What is read first. `seconds`: of training."""
    compared, model = found.compared, found.model
    by_iou = compared.metric == "mean_iou"
    lines = [
        ("the model", model.mean_iou, compared.intervals[0] if by_iou else None),
        (compared.name, found.baseline.mean_iou, compared.intervals[1] if by_iou else None),
        ("each place's commonest class", found.constant.mean_iou, None),
    ]
    figures = [
        (f"{100 * model.accuracy:.1f} %", f"of pixels right; {compared.name}: {100 * found.baseline.accuracy:.1f} %"),
        (f"{model.rows:,}", "test pictures"),
        (minutes(seconds), "of training"),
    ]
    colours = _colours(found)
    views = sights.gallery(half for one in found.views for half in _halves(one, colours))
    return [
        section("Pixels told apart", _IOU.format(rows=model.rows), versus(lines)) + paper.tiles(figures),
        section("Class by class", _CLASSES.format(name=compared.name), _classes(found, colours)),
        section("In pictures", _PICTURES, views),
    ]


def closing(found: Segments) -> list[str]:
    """What is looked up."""
    rows = "".join(f"<tr><td>row {one.row:,}</td><td>{100 * one.accuracy:.1f} %</td></tr>" for one in found.worst)
    worst = table(("row", "of pixels right"), rows) if rows else ""
    return [section("Pictures with most mistakes", _WORST if rows else "Every pixel is right.", worst)]


def _colours(found: Segments) -> Colours:
    """Of each class; the one that most pixels are of stays clear."""
    most = max(range(len(found.task.labels)), key=lambda at: found.model.classes[at].share)
    return [None if at == most else sights.COLOURS[at % len(sights.COLOURS)] for at in range(len(found.task.labels))]


def _classes(found: Segments, colours: Colours) -> str:
    """A line a class, the weakest first; those without a pixel last."""
    each = sorted(
        zip(found.task.labels, colours, found.model.classes, found.baseline.classes, strict=True),
        key=lambda one: 2.0 if one[2].iou is None else one[2].iou,
    )
    rows = [_class(*one) for one in each]
    heads = ("class", "of all pixels", "IoU", "", "baseline IoU", "precision", "recall")
    if len(rows) <= OPEN:
        return table(heads, "".join(rows))
    rest = f"<summary>The other {len(rows) - OPEN:,} classes</summary>{table(heads, ''.join(rows[OPEN:]))}"
    return f"{table(heads, ''.join(rows[:OPEN]))}<details>{rest}</details>"


def _class(label: str, colour: str | None, ours: ClassPixels, theirs: ClassPixels) -> str:
    mine, other = ours.iou or 0.0, theirs.iou or 0.0
    mark = bar(mine, "", f'<b style="left:{100 * other:.1f}%"></b>')
    after = "".join(f"<td>{100 * one:.1f}</td>" for one in (other, ours.precision, ours.recall))
    return (
        f"<tr><td>{sights.key(colour)}{name(label)}</td><td>{100 * ours.share:.1f} %</td><td>{100 * mine:.1f}</td>"
        f'<td class="drawn">{mark}</td>{after}</tr>'
    )


def _halves(one: View, colours: Colours) -> tuple[str, str]:
    """What is true and what was found, side by side."""
    titles = (f"row {one.row:,}, true", f"found: {100 * one.accuracy:.1f} % of pixels right")
    true, said = (
        sights.figure(title, one.picture, one.size, sights.mask(places, colours, one.size))
        for title, places in zip(titles, (one.true, one.found), strict=True)
    )
    return true, said


_IOU = (
    "Mean IoU on {rows:,} test pictures: of the pixels that are of a class or were said to be, how many are both; the "
    "mean of the classes. The marks are the 95 % interval, from pictures drawn anew."
)
_CLASSES = (
    "The weakest first, in percent of the test split. A class is called by its grey in the masks; its colour is that "
    "of the pictures below. The mark on a bar is where {name} stands on the same pictures."
)
_PICTURES = (
    "Test pictures, from the one with most mistakes to one with fewest, each twice: as it is, and as the model says. "
    "The commonest class is left clear."
)
_WORST = "By their number in the source. Look at these first: often it is the mask that is wrong."
