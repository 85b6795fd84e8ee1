"""The sections about answers of one class a row."""

from training import paper
from training.engine.judging.classes import Classes
from training.engine.judging.metrics import Scores, interval
from training.engine.report import importance, plots
from training.engine.report.pieces import by_class, folded, minutes, table, versus
from training.paper import name, section

CONFUSED = 12  # pairs of classes listed as most often confused

_CLASSES = "The weakest first, in percent of the test split. The mark on a bar is where {name} stands on the same rows."
_FAULTLESS = "<p>No test row was answered wrongly.</p>"
_SUREST = (
    "Test rows answered wrongly with most confidence, by their number in the source. Look at these first: often it is "
    "the label that is wrong."
)


def opening(found: Classes, *, seconds: float) -> list[str]:
    """What is read first. `seconds`: of training."""
    said = found.task.decision.label_descriptions
    weakest = by_class(("class", "classes"), found.task.labels, found.model.classes, found.baseline.classes, said)
    return [
        _overview(found, seconds),
        *_decisions(found),
        *_thresholds(found),
        section("Class by class", _CLASSES.format(name=found.compared.name), weakest),
    ]


def closing(found: Classes) -> list[str]:
    """What is looked up."""
    labels = found.task.labels
    return [
        section("How far its confidence can be trusted", _trusted(found), _sureness(found)),
        *_ranking(found),
        *importance.worth(found.importance, found.compared.metric),
        *_doubts(found),
        section("Most often confused", "Test rows, from the most frequent.", _confused(found.model, labels)),
        section("Surest mistakes", _SUREST, _surest(found)),
        section("What is mistaken for what", _mistaken(len(labels)), plots.confusion(found.model, labels)),
    ]


def _overview(found: Classes, seconds: float) -> str:
    """Accuracy beside what it must beat, each with how far another test split as large might move it."""
    lines = [
        (what, one.accuracy, interval(one.accuracy, one.rows))
        for what, one in (
            ("the model", found.model),
            (found.compared.name, found.baseline),
            ("always the commonest class", found.majority),
        )
    ]
    words = (
        f"On {found.model.rows:,} test rows. The marks are the 95 % interval: how far chance in which rows these "
        "are may have moved a figure."
    )
    right = sum(row[index] for index, row in enumerate(found.model.confusion))
    low, high = (100 * bound for bound in found.macro_f1_intervals[0])
    macro = f"macro F1 ({low:.1f} – {high:.1f}); the baseline's is {100 * found.baseline.macro.f1:.1f} %"
    figures = [
        (f"{100 * found.model.macro.f1:.1f} %", macro),
        (f"{right:,}", f"of {found.model.rows:,} test rows answered rightly"),
        (minutes(seconds), "of training"),
    ]
    return section("Accuracy", words, versus(lines)) + paper.tiles(figures)


def _decisions(found: Classes) -> list[str]:
    """What the task's own rule is worth; nothing where it has none."""
    decided = found.decided
    if decided is None:
        return []
    pairs = [
        (f"{100 * decided.coverage:.1f} %", "of test rows answered"),
        (f"{100 * decided.accuracy:.1f} %", "of these rightly"),
    ]
    if decided.cost is not None and decided.constant_cost is not None:
        pairs.append(
            (f"{decided.cost:.3g}", f"cost of an answer; always {decided.constant_label}: {decided.constant_cost:.3g}")
        )
    if decided.positive is not None:
        one = decided.positive
        pairs.append(
            (
                f"{100 * one.f1:.1f} %",
                f"F1 of {one.label}: precision {100 * one.precision:.1f}, recall {100 * one.recall:.1f}",
            )
        )
        pairs.append((f"{100 * one.average_precision:.1f} %", f"average precision of {one.label}, at any threshold"))
    words = "Costs, thresholds and abstention are the task's own; the endpoint answers by the same rule."
    return [section("As the task decides", words, paper.tiles(pairs))]


def _thresholds(found: Classes) -> list[str]:
    """What every threshold costs; nothing where the task says no costs, or several labels leave none to look at."""
    looked = found.thresholds
    if looked is None:
        return []
    low, high = looked.interval
    pairs = [
        (f"{looked.chosen:.2f}", f"the probability from which answering {looked.label} costs least on validation"),
        (f"{looked.cost:.3g}", f"a test row then costs; {low:.3g} to {high:.3g} (95 %)"),
        (f"{looked.ruled:.3g}", "by the rule of least expected cost"),
        (f"{looked.halved:.3g}", "where it is answered from one half on"),
    ]
    words = (
        f"The mean cost of a row where {looked.label} is answered from a threshold on, in the task's own unit. The "
        "threshold was chosen on validation; the test says what it is worth. To answer by it, give the task this "
        "threshold instead of costs."
    )
    return [section("What a threshold costs", words, plots.costs(looked)), paper.tiles(pairs)]


def _doubts(found: Classes) -> list[str]:
    doubts = found.doubts
    words = (
        f"{doubts.found:,} of {doubts.rows:,} rows of test and validation, by their number in the source: another "
        "label is as probable as it is in the mean of its own rows (confident learning). The model did not learn these "
        "rows. Correct the labels that are wrong and train again."
    )
    rows = [
        f'<tr><td>row {one.row:,}</td><td class="text">{one.split}</td><td class="text">{name(one.given)}</td>'
        f'<td class="text">{name(one.suggested)}</td><td>{100 * one.confidence:.1f} %</td></tr>'
        for one in doubts.listed
    ]
    heads = ("row", "split", "labelled", "suggested", "confidence")
    body = folded(heads, rows, "rows", texts=(1, 2, 3)) if rows else "<p>No label is doubted.</p>"
    return [section("Labels that are likely wrong", words, body)]


def _trusted(found: Classes) -> str:
    fitted = found.calibration
    return (
        "Left: of all answers given with 80 % confidence, 80 % should be right; a point below the line is "
        f"over-confident. Confidence and accuracy lie {100 * fitted.error:.1f} points apart (expected calibration "
        f"error); logits divided by {fitted.temperature:.2f}, fitted on validation, leave "
        f"{100 * fitted.scaled_error:.1f}. "
        "Right: what is right of the answers when only the surest are given, which is what the task's "
        "abstain_below does."
    )


def _sureness(found: Classes) -> str:
    drawing = plots.sureness(found.calibration.bins, found.abstention)
    rows = "".join(
        f"<tr><td>{one.confidence:.3f}</td><td>{100 * one.coverage:.1f} %</td><td>{100 * one.accuracy:.1f} %</td></tr>"
        for one in found.abstention
    )
    figures = table(("abstain_below", "answered", "of these right"), rows)
    return f"{drawing}<details><summary>The figures</summary>{figures}</details>"


def _ranking(found: Classes) -> list[str]:
    """How well rows are put in order; nothing where the test split holds one class only."""
    ranked = found.ranking
    if ranked is None:
        return []
    worst = "" if len(ranked.curves) == len(ranked.classes) else f" Drawn are the {len(ranked.curves)} ranked worst."
    words = (
        "How well probabilities put a class's rows before all others, whatever threshold is chosen. Mean of the "
        f"classes: ROC AUC {ranked.roc_auc:.3f}, average precision {ranked.average_precision:.3f}.{worst}"
    )
    rows = "".join(
        f"<tr><td>{name(one.label)}</td><td>{one.roc_auc:.3f}</td><td>{one.average_precision:.3f}</td>"
        f"<td>{one.share:.3f}</td></tr>"
        for one in ranked.classes
    )
    figures = table(("class", "ROC AUC", "average precision", "by chance"), rows)
    body = f"{plots.ranking(ranked.curves)}<details><summary>Class by class</summary>{figures}</details>"
    return [section("At any threshold", words, body)]


def _surest(found: Classes) -> str:
    if not found.mistakes:
        return _FAULTLESS
    rows = "".join(
        f'<tr><td>row {one.row:,}</td><td class="text">{name(one.true)}</td><td class="text">{name(one.answered)}</td>'
        f"<td>{100 * one.confidence:.1f} %</td></tr>"
        for one in found.mistakes
    )
    return table(("row", "labelled", "answered", "confidence"), rows, texts=(1, 2))


def _mistaken(classes: int) -> str:
    words = "Each row is a true class, each column an answer: test rows, blue where right, red where wrong."
    if classes <= plots.DRAWN:
        return words
    return f"{words} Of {classes} classes, the {plots.DRAWN} mixed up most; metrics.json holds the whole table."


def _confused(scores: Scores, labels: tuple[str, ...]) -> str:
    pairs = sorted(
        (
            (count, true, answer)
            for true, row in enumerate(scores.confusion)
            for answer, count in enumerate(row)
            if count and true != answer
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )[:CONFUSED]
    if not pairs:
        return _FAULTLESS
    rows = "".join(
        f'<tr><td>{name(labels[true])}</td><td class="text">{name(labels[answer])}</td><td>{count:,}</td></tr>'
        for count, true, answer in pairs
    )
    return table(("true", "answered", "rows"), rows, texts=(1,))
