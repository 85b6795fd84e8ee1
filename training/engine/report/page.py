"""report.html of a model: what every kind tells, around the sections of its own. Every customer's word is escaped."""

from html import escape
from typing import Any

from training import paper
from training.engine.checkpoint import Standing
from training.engine.judging.answers import Answers
from training.engine.judging.classes import Classes
from training.engine.judging.compared import shown, spelt
from training.engine.judging.detections import Detections
from training.engine.judging.entities import Entities
from training.engine.judging.foretold import Foretelling
from training.engine.judging.labels import Labels
from training.engine.judging.nexts import Nexts
from training.engine.judging.numbers import Numbers
from training.engine.judging.outcomes import Outcomes
from training.engine.judging.ranks import Ranks
from training.engine.judging.segments import Segments
from training.engine.judging.writings import Writings
from training.engine.report import (
    answers,
    classes,
    detections,
    entities,
    foretold,
    labels,
    learning,
    nexts,
    numbers,
    outcomes,
    plots,
    ranks,
    segments,
    slices,
    trials,
    writings,
)
from training.engine.report.findings import Findings
from training.engine.report.pieces import table
from training.paper import section

# Of each family of answers the module that draws it: `opening` is what is read first, `closing` what is looked up.
SECTIONS: dict[type, Any] = {
    Answers: answers, Classes: classes, Detections: detections, Entities: entities, Foretelling: foretold,
    Labels: labels, Nexts: nexts, Numbers: numbers, Outcomes: outcomes, Ranks: ranks, Segments: segments,
    Writings: writings,
}  # fmt: skip
LEARNT_AGAIN = "After the cut it was trained on the same rows, by their answers and by what the original says to them."


def page(findings: Findings) -> str:
    """The whole document."""
    title, own = findings.title, SECTIONS[type(findings.detail)]
    parts = [
        *own.opening(findings.detail, seconds=findings.standing.seconds),
        *_learning("How it learnt", _how(findings), findings.standing, findings.task.metric),
        *(trials.sections(findings.explored) if findings.explored else []),
        *_compression(findings),
        *slices.weaker(findings.slices),
        *learning.curve(findings.learning),
        *own.closing(findings.detail),
        section("Settings", "With these, the same data and machine give the same model.", _settings(findings)),
    ]
    return paper.document(
        title=title,
        kicker=f"{findings.task.kind} · {title}",
        headline=findings.compared.sentence,
        parts=parts,
        footer="The test split was seen neither in training nor in choosing the epoch.",
    )


def _learning(title: str, words: str, standing: Standing, metric: str) -> list[str]:
    """Nothing where nothing was trained."""
    if not standing.history:
        return []
    best = f"Epoch {standing.best_epoch} of {len(standing.history)} was the best on validation and is the model."
    curves = plots.learning_curves(standing.history, metric, kept=standing.best_epoch)
    return [section(title, f"{words} {best}", curves)]


def _how(findings: Findings) -> str:
    rows = findings.rows
    return (
        f"{rows['train']:,} rows trained on, {rows['validation']:,} validated on, {rows['test']:,} kept for the test. "
        "The training loss is the mean over an epoch, while the model still improves."
    )


def _compression(findings: Findings) -> list[str]:
    """Before and after; nothing where it was not asked for."""
    found = findings.compressed
    if found is None:
        return []
    metric, sides = findings.task.metric, (found.before, found.after)
    intervals = [" – ".join(shown(metric, bound) for bound in one.compared.intervals[0]) for one in sides]
    lines = (
        (spelt(metric), [shown(metric, one.compared.model) for one in sides]),
        ("95 % interval", intervals),
        ("size of the weights", [f"{one.bytes / 1e6:.3g} MB" for one in sides]),
        ("one text, median", [f"{one.cost.p50_ms:.1f} ms" for one in sides]),
        ("one text, 99 of 100 within", [f"{one.cost.p99_ms:.1f} ms" for one in sides]),
        ("in batches", [f"{one.cost.per_s:,.0f} texts a second" for one in sides]),
    )
    rows = "".join(f"<tr><td>{what}</td>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>" for what, cells in lines)
    figures = table(("", "original", f"as {escape(found.form)}"), rows)
    again: list[str] = []
    if found.recovery is not None and found.recovery is not findings.standing:
        again = _learning("How it learnt again", LEARNT_AGAIN, found.recovery, metric)
    return [section("Compressed", found.sentence, figures), *again]


def _settings(findings: Findings) -> str:
    settings = vars(findings.settings)
    rows = "".join(
        f"<tr><td>{escape(name.replace('_', ' '))}</td><td>{escape(_plain(value))}</td></tr>"
        for name, value in settings.items()
        if value is not None and (name, value) != ("max_length", 0)  # of what is no text
    )
    return f"<table>{rows}</table>"


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
