"""report.html: one file without outside assets, readable in ten years. Every customer's word in it is escaped."""

from html import escape
from pathlib import Path

from training.engine import baseline
from training.engine.metrics import Scores
from training.engine.report import plots
from training.engine.report.findings import Findings

CONFUSED = 12  # pairs of classes listed as most often confused
STYLE = Path(__file__).with_name("style.css")


def page(findings: Findings) -> str:
    """The whole document."""
    labels, title = findings.task.labels, f"Fine-tuned from {findings.base}"
    parts = [
        _numbers(findings),
        _section(
            "How it learnt", _how(findings), plots.learning_curves(findings.standing.history, findings.task.metric)
        ),
        _section("Class by class", _shown(len(labels)), plots.per_class(findings.model, findings.baseline, labels)),
        _section("What is mistaken for what", _MISTAKEN, plots.confusion(findings.model, labels)),
        _section("Most often confused", "Test rows, from the most frequent.", _confused(findings.model, labels)),
        _section("Every class", "Precision, recall and F1 in percent, on the test split.", _classes(findings)),
        _section("Settings", "With these, the same data and machine give the same model.", _settings(findings)),
    ]
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{escape(title)}</title>
<style>
{STYLE.read_text(encoding="utf-8")}</style>
</head>
<body>
<main>
<header>
<p class="kind">{escape(findings.task.kind)} · {escape(title)}</p>
<h1>{escape(findings.sentence)}</h1>
</header>
{"".join(parts)}
<footer>The test split was seen neither in training nor in choosing the epoch.</footer>
</main>
</body>
</html>
"""


_MISTAKEN = "Each row is a true class, each column an answer; the darker a cell, the larger its share of the row."


def _section(heading: str, words: str, body: str) -> str:
    return f"<section>\n<h2>{escape(heading)}</h2>\n<p>{escape(words)}</p>\n{body}\n</section>\n"


def _numbers(findings: Findings) -> str:
    model, plain = findings.model, findings.baseline
    tiles = (
        ("accuracy", model.accuracy, ""),
        ("macro F1", model.macro.f1, ""),
        (f"accuracy of {baseline.NAME}", plain.accuracy, "theirs"),
        ("accuracy of the commonest class", findings.majority.accuracy, "theirs"),
    )
    boxes = "".join(
        f"<div><strong>{100 * value:.1f} %</strong><span>{escape(name)}</span>"
        f'<p class="bar {kind}"><i style="width:{100 * value:.1f}%"></i></p></div>'
        for name, value, kind in tiles
    )
    return f'<div class="numbers">{boxes}</div>\n'


def _how(findings: Findings) -> str:
    standing, rows = findings.standing, findings.rows
    return (
        f"{rows['train']:,} rows trained on, {rows['validation']:,} validated on, {rows['test']:,} kept for the test. "
        f"Epoch {standing.best_epoch} of {len(standing.history)} was the best on validation and is the model; "
        f"training took {standing.seconds:.0f} s."
    )


def _shown(classes: int) -> str:
    which = "all classes" if classes <= plots.SHOWN else f"the {plots.SHOWN} weakest of {classes} classes"
    return f"F1 in percent of {which}, the weakest first, beside {baseline.NAME} on the same rows."


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
        return "<p>No test row was answered wrongly.</p>"
    rows = "".join(
        f'<tr><td>{escape(labels[true])}</td><td class="text">{escape(labels[answer])}</td><td>{count}</td></tr>'
        for count, true, answer in pairs
    )
    return f'<table><tr><th>true</th><th class="text">answered</th><th>rows</th></tr>{rows}</table>'


def _classes(findings: Findings) -> str:
    rows = "".join(
        f"<tr><td>{escape(label)}</td><td>{ours.support}</td><td>{100 * ours.precision:.1f}</td>"
        f"<td>{100 * ours.recall:.1f}</td><td>{100 * ours.f1:.1f}</td><td>{100 * theirs.f1:.1f}</td></tr>"
        for label, ours, theirs in zip(
            findings.task.labels, findings.model.classes, findings.baseline.classes, strict=True
        )
    )
    head = "<tr><th>class</th><th>rows</th><th>precision</th><th>recall</th><th>F1</th><th>baseline F1</th></tr>"
    return f'<div class="scroll"><table>{head}{rows}</table></div>'


def _settings(findings: Findings) -> str:
    settings = findings.document()["settings"]
    rows = "".join(
        f"<tr><td>{escape(name.replace('_', ' '))}</td><td>{escape(_plain(value))}</td></tr>"
        for name, value in settings.items()
        if value is not None
    )
    return f"<table>{rows}</table>"


def _plain(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
