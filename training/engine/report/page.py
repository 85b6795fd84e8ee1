"""report.html of a model. Every customer's word in it is escaped."""

from html import escape

from training import paper
from training.engine import baseline
from training.engine.metrics import ClassScore, Scores, interval
from training.engine.report import plots
from training.engine.report.findings import Findings
from training.paper import name, section

CONFUSED = 12  # pairs of classes listed as most often confused
OPEN = 20  # classes shown at once; the stronger ones of a longer list lie behind a click


def page(findings: Findings) -> str:
    """The whole document."""
    labels, title = findings.task.labels, f"Fine-tuned from {findings.base}"
    standing = findings.standing
    curves = plots.learning_curves(standing.history, findings.task.metric, kept=standing.best_epoch)
    parts = [
        _overview(findings),
        *_decisions(findings),
        section("Class by class", _CLASSES.format(name=baseline.NAME), _classes(findings)),
        section("How it learnt", _how(findings), curves),
        section("How far its confidence can be trusted", _trusted(findings), _sureness(findings)),
        *_ranking(findings),
        section("Short texts and long ones", _SLICES.format(name=baseline.NAME), _slices(findings)),
        section("Most often confused", "Test rows, from the most frequent.", _confused(findings.model, labels)),
        section("Surest mistakes", _SUREST, _surest(findings)),
        section("What is mistaken for what", _mistaken(len(labels)), plots.confusion(findings.model, labels)),
        section("Settings", "With these, the same data and machine give the same model.", _settings(findings)),
    ]
    return paper.document(
        title=title,
        kicker=f"{findings.task.kind} · {title}",
        headline=findings.sentence,
        parts=parts,
        footer="The test split was seen neither in training nor in choosing the epoch.",
    )


_CLASSES = "The weakest first, in percent of the test split. The mark on a bar is where {name} stands on the same rows."

_SLICES = "Test rows in quarters by length, tokens as the base model reads them; beside each {name} on the same rows."
_FAULTLESS = "<p>No test row was answered wrongly.</p>"
_SUREST = (
    "Test rows answered wrongly with most confidence, by their number in the source. Look at these first: often it is "
    "the label that is wrong."
)


def _overview(findings: Findings) -> str:
    """Accuracy beside what it must beat, each with how far another test split as large might move it."""
    compared = (("the model", findings.model, ""), (baseline.NAME, findings.baseline, "theirs"))
    lines = "".join(_compared(name, scores, kind) for name, scores, kind in compared)
    lines += _compared("always the commonest class", findings.majority, "theirs")
    words = (
        f"On {findings.model.rows:,} test rows. The marks are the 95 % interval: how far chance in which rows these "
        "are may have moved a figure."
    )
    body = f'<div class="versus">{lines}</div>'
    return section("Accuracy", words, body) + _tiles(findings)


def _compared(name: str, scores: Scores, kind: str) -> str:
    low, high = (100 * bound for bound in interval(scores.accuracy, scores.rows))
    whisker = f'<u style="left:{low:.1f}%;width:{high - low:.1f}%"></u>'
    return (
        f"<div><span>{escape(name)}</span>{_bar(scores.accuracy, kind, whisker)}"
        f"<strong>{100 * scores.accuracy:.1f} %</strong><small>{low:.1f} – {high:.1f}</small></div>"
    )


def _bar(share: float, kind: str, mark: str) -> str:
    return f'<div class="bar {kind}"><i style="width:{100 * share:.1f}%"></i>{mark}</div>'


def _tiles(findings: Findings) -> str:
    model, seconds = findings.model, findings.standing.seconds
    right = sum(row[index] for index, row in enumerate(model.confusion))
    tiles = (
        (f"{100 * model.macro.f1:.1f} %", _macro(findings)),
        (f"{right:,}", f"of {model.rows:,} test rows answered rightly"),
        (f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s", "of training"),
    )
    return paper.tiles(list(tiles))


def _macro(findings: Findings) -> str:
    low, high = (100 * bound for bound in findings.macro_f1_intervals[0])
    return f"macro F1 ({low:.1f} – {high:.1f}); the baseline's is {100 * findings.baseline.macro.f1:.1f} %"


def _decisions(findings: Findings) -> list[str]:
    """What the task's own rule is worth; nothing where it has none."""
    decided = findings.decided
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


def _how(findings: Findings) -> str:
    standing, rows = findings.standing, findings.rows
    return (
        f"{rows['train']:,} rows trained on, {rows['validation']:,} validated on, {rows['test']:,} kept for the test. "
        f"Epoch {standing.best_epoch} of {len(standing.history)} was the best on validation and is the model. "
        "The training loss is the mean over an epoch, while the model still improves."
    )


def _trusted(findings: Findings) -> str:
    found = findings.calibration
    return (
        "Left: of all answers given with 80 % confidence, 80 % should be right; a point below the line is "
        f"over-confident. Confidence and accuracy lie {100 * found.error:.1f} points apart (expected calibration "
        f"error); logits divided by {found.temperature:.2f}, fitted on validation, leave "
        f"{100 * found.scaled_error:.1f}. "
        "Right: what is right of the answers when only the surest are given, which is what the task's "
        "abstain_below does."
    )


def _sureness(findings: Findings) -> str:
    drawing = plots.sureness(findings.calibration.bins, findings.abstention)
    rows = "".join(
        f"<tr><td>{one.confidence:.3f}</td><td>{100 * one.coverage:.1f} %</td><td>{100 * one.accuracy:.1f} %</td></tr>"
        for one in findings.abstention
    )
    table = _table(("abstain_below", "answered", "of these right"), rows)
    return f"{drawing}<details><summary>The figures</summary>{table}</details>"


def _ranking(findings: Findings) -> list[str]:
    """How well rows are put in order; nothing where the test split holds one class only."""
    found = findings.ranking
    if found is None:
        return []
    worst = "" if len(found.curves) == len(found.classes) else f" Drawn are the {len(found.curves)} ranked worst."
    words = (
        "How well probabilities put a class's rows before all others, whatever threshold is chosen. Mean of the "
        f"classes: ROC AUC {found.roc_auc:.3f}, average precision {found.average_precision:.3f}.{worst}"
    )
    rows = "".join(
        f"<tr><td>{name(one.label)}</td><td>{one.roc_auc:.3f}</td><td>{one.average_precision:.3f}</td>"
        f"<td>{one.share:.3f}</td></tr>"
        for one in found.classes
    )
    table = _table(("class", "ROC AUC", "average precision", "by chance"), rows)
    body = f"{plots.ranking(found.curves)}<details><summary>Class by class</summary>{table}</details>"
    return [section("At any threshold", words, body)]


def _slices(findings: Findings) -> str:
    rows = "".join(
        f"<tr><td>{one.shortest:,} – {one.longest:,}</td><td>{one.rows:,}</td><td>{100 * one.accuracy:.1f} %</td>"
        f"<td>{100 * one.interval[0]:.1f} – {100 * one.interval[1]:.1f}</td><td>{100 * one.baseline:.1f} %</td></tr>"
        for one in findings.slices
    )
    return _table(("tokens", "rows", "accuracy", "95 % interval", "baseline"), rows)


def _table(names: tuple[str, ...], rows: str) -> str:
    return f"<table><tr>{''.join(f'<th>{name}</th>' for name in names)}</tr>{rows}</table>"


def _surest(findings: Findings) -> str:
    if not findings.mistakes:
        return _FAULTLESS
    rows = "".join(
        f'<tr><td>row {one.row:,}</td><td class="text">{name(one.true)}</td><td class="text">{name(one.answered)}</td>'
        f"<td>{100 * one.confidence:.1f} %</td></tr>"
        for one in findings.mistakes
    )
    names = '<th>row</th><th class="text">labelled</th><th class="text">answered</th><th>confidence</th>'
    return f"<table><tr>{names}</tr>{rows}</table>"


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
    return f'<table><tr><th>true</th><th class="text">answered</th><th>rows</th></tr>{rows}</table>'


def _classes(findings: Findings) -> str:
    scored = zip(findings.task.labels, findings.model.classes, findings.baseline.classes, strict=True)
    said = findings.task.decision.label_descriptions
    ordered = sorted(scored, key=lambda one: one[1].f1)
    rows = [_class(label, ours, theirs, said.get(label, "")) for label, ours, theirs in ordered]
    if len(rows) <= OPEN:
        return _table_of_classes(rows)
    rest = f"<summary>The other {len(rows) - OPEN:,} classes</summary>{_table_of_classes(rows[OPEN:])}"
    return f"{_table_of_classes(rows[:OPEN])}<details>{rest}</details>"


def _class(label: str, ours: ClassScore, theirs: ClassScore, said: str) -> str:
    """`said`: the customer's sentence about the label, or none."""
    about = f"<br><small>{escape(said)}</small>" if said else ""
    bar = _bar(ours.f1, "", f'<b style="left:{100 * theirs.f1:.1f}%"></b>')
    shares = "".join(f"<td>{100 * share:.1f}</td>" for share in (ours.precision, ours.recall, ours.f1))
    return (
        f"<tr><td>{name(label)}{about}</td><td>{ours.support:,}</td>{shares}"
        f'<td class="drawn">{bar}</td><td>{100 * theirs.f1:.1f}</td></tr>'
    )


def _table_of_classes(rows: list[str]) -> str:
    names = ("class", "rows", "precision", "recall", "F1", "", "baseline F1")
    return f'<table class="classes"><tr>{"".join(f"<th>{name}</th>" for name in names)}</tr>{"".join(rows)}</table>'


def _settings(findings: Findings) -> str:
    settings = vars(findings.settings)
    rows = "".join(
        f"<tr><td>{escape(name.replace('_', ' '))}</td><td>{escape(_plain(value))}</td></tr>"
        for name, value in settings.items()
        if value is not None
    )
    return f"<table>{rows}</table>"


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
