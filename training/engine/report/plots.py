"""The report's drawings as inline SVG, by matplotlib. Knows numbers and labels; knows no page."""

import io
import unicodedata
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter
from numpy.typing import NDArray

from training.engine.judging.calibration import Bin
from training.engine.judging.compared import IN_PERCENT, Interval, spelt
from training.engine.judging.examining import Abstention
from training.engine.judging.learning import Learning
from training.engine.judging.metrics import Scores
from training.engine.judging.ranking import Curve, Curves
from training.engine.judging.thresholds import Thresholds

INK, FAINT, GRID = "#2b3440", "#8a94a3", "#e6e9ee"
OURS, SECOND = "#2f6f8f", "#b4637a"
LINES = (OURS, SECOND, "#c08a2d", "#5b8c5a", "#7a6aa8")  # a class each
HITS = LinearSegmentedColormap.from_list("hits", ["#ffffff", "#cfe1e8", "#6fa5bd", "#2f6f8f"])
MISTAKES = LinearSegmentedColormap.from_list("mistakes", ["#ffffff", "#f0d9df", "#d39aa9", "#b4637a"])
STYLE: dict[Any, Any] = {  # matplotlib types its keys as one long Literal
    "svg.fonttype": "none",  # text stays text: small, sharp, searchable
    "svg.hashsalt": "landfall",  # the same numbers give the same bytes
    "text.parse_math": False,  # a customer's "$" is a dollar
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.edgecolor": GRID,
    "axes.labelcolor": FAINT,
    "text.color": INK,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
}
DRAWN = 20  # classes of the confusion matrix; of more, those mixed up most
SPANS = 60  # lines of a drawing
NAME = 30  # characters of a label on an axis
Scale = tuple[str, Sequence[tuple[float, str]]]  # a name, and where which of its values lies, from 0 to 1
PIXELS = 105  # an inch on a wide screen: letters of 9 points are then as large as the page's small print


def learning_curves(history: Sequence[dict[str, float]], metric: str, *, kept: int) -> str:
    """`kept`: the epoch whose weights are the model."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8.2, 2.9), layout="constrained")
        left, right = figure.subplots(1, 2)
        epochs = [one["epoch"] for one in history]
        for key, label, colour in (("train_loss", "training", OURS), ("valid_loss", "validation", SECOND)):
            left.plot(epochs, [one[key] for one in history], color=colour, label=label, marker="o", markersize=3)
        left.legend(frameon=False)
        left.set_title("Loss", loc="left", fontsize=10)
        unit, times = ("%", 100) if metric in IN_PERCENT else ("", 1)
        values = [times * one[f"valid_{metric}"] for one in history]
        right.plot(epochs, values, color=SECOND, marker="o", markersize=3)
        right.plot([kept], [values[kept - 1]], "o", color=OURS, markersize=7, label="kept")
        right.legend(frameon=False)
        right.set_title(", ".join(filter(None, (f"Validation {spelt(metric)}", unit))), loc="left", fontsize=10)
        for axes in (left, right):
            _calm(axes)
            axes.set_xlabel("epoch")
            axes.set_xlim(0.7, len(history) + 0.3)
            axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        return _svg(figure)


def confusion(scores: Scores, labels: Sequence[str]) -> str:
    """Rows: the true class; columns: the answer, those of classes left out together in a last one; shade: share of
    the row, its square root, so that one mistake in fifty is still seen."""
    whole = np.array(scores.confusion)
    chosen = _mixed_up(whole)
    counts = whole[np.ix_(chosen, chosen)]
    names = [_short(labels[index]) for index in chosen]
    columns = names
    if len(chosen) < len(labels):
        counts = np.column_stack([counts, whole[chosen].sum(1) - counts.sum(1)])
        columns = [*names, "any other"]
    shades = np.sqrt(counts / np.maximum(1, whole[chosen].sum(1))[:, None])
    right = np.eye(*counts.shape, dtype=np.bool_)
    with mpl.rc_context(STYLE):
        margin = 0.5 + 0.07 * max(len(name) for name in columns)  # inches, at 8 points
        size = (margin + 0.31 * len(columns), margin + 0.31 * len(names))
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.subplots()
        for shown, colours in ((right, HITS), (~right, MISTAKES)):
            axes.imshow(np.ma.array(shades, mask=~shown), cmap=colours, vmin=0, vmax=1, interpolation="none")
        for (row, column), cell in np.ndenumerate(counts):
            if cell:
                colour = "white" if shades[row, column] > 0.6 else INK
                axes.text(column, row, f"{cell}", ha="center", va="center", color=colour, fontsize=8)
        axes.set_xticks(range(len(columns)), columns, rotation=90, fontsize=8)
        axes.set_yticks(range(len(names)), names, fontsize=8)
        axes.set_xlabel("answered")
        axes.set_ylabel("true")
        axes.tick_params(length=0, labelcolor=INK)
        axes.spines[:].set_color(GRID)
        return _svg(figure)


def sureness(bins: Sequence[Bin], kept: Sequence[Abstention]) -> str:
    """Left: confidence against accuracy, a point a bin, as large as its rows are many. Right: the abstention curve."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8.2, 2.9), layout="constrained")
        left, right = figure.subplots(1, 2)
        rows = sum(one.rows for one in bins)
        left.plot([0, 100], [0, 100], color=FAINT, linewidth=0.8, linestyle="--")
        left.scatter(
            [100 * one.confidence for one in bins],
            [100 * one.accuracy for one in bins],
            s=[12 + 240 * one.rows / rows for one in bins],
            color=OURS,
            alpha=0.85,
            linewidths=0,
        )
        left.set_xlim(0, 102)
        left.set_ylim(0, 102)
        left.set_xlabel("confidence, %")
        left.set_title("Right answers, %", loc="left", fontsize=10)
        shares, hits = [100 * one.coverage for one in kept], [100 * one.accuracy for one in kept]
        right.plot(shares, hits, color=SECOND, marker="o", markersize=3)
        right.set_xlim(0, 102)
        right.set_ylim(max(0, min(hits) - 5), 102)  # a tenth of a point must not look like a cliff
        right.set_xlabel("rows answered, %, the surest first")
        right.set_title("Of these right, %", loc="left", fontsize=10)
        for axes in (left, right):
            _calm(axes)
        return _svg(figure)


def ranking(curves: Sequence[Curves]) -> str:
    """Left: receiver operating characteristic; right: precision and recall. A line a class."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8.2, 3.4), layout="constrained")
        left, right = figure.subplots(1, 2)
        left.plot([0, 100], [0, 100], color=FAINT, linewidth=0.8, linestyle="--")
        for colour, one in zip(LINES, curves, strict=False):
            for axes, (x, y) in ((left, one.roc), (right, one.precision_recall)):
                axes.plot(100 * np.array(x), 100 * np.array(y), color=colour, label=_short(one.label), linewidth=1.4)
        left.set_xlabel("of other rows called so, %")
        left.set_title("Of the class's rows found, % (ROC)", loc="left", fontsize=10)
        right.set_xlabel("of the class's rows found, %")
        right.set_title("Right of those called so, %", loc="left", fontsize=10)
        right.legend(frameon=False, loc="lower left", fontsize=8)
        for axes in (left, right):
            _calm(axes)
            axes.set_xlim(-2, 102)
            axes.set_ylim(0, 102)
        return _svg(figure)


def nearness(points: Sequence[tuple[float, float]], *, names: tuple[str, str] = ("true", "answered")) -> str:
    """Left: answers against truth, or whatever else the two numbers are called, a point a row; right: how far off how
    many of them are."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8.2, 3.4), layout="constrained")
        left, right = figure.subplots(1, 2)
        truth, said = (np.array(one) for one in zip(*points, strict=True))
        ends = [min(truth.min(), said.min()), max(truth.max(), said.max())]
        left.plot(ends, ends, color=FAINT, linewidth=0.8, linestyle="--")
        left.scatter(truth, said, s=10, color=OURS, alpha=0.4, linewidths=0)
        left.set_xlabel(names[0])
        left.set_title(names[1].capitalize(), loc="left", fontsize=10)
        right.hist(said - truth, bins=min(40, max(5, len(truth) // 5)), color=SECOND)
        right.yaxis.set_major_locator(MaxNLocator(integer=True))
        right.axvline(0, color=FAINT, linewidth=0.8, linestyle="--")
        right.set_xlabel(f"{names[1]} less {names[0]}")
        right.set_title("Rows", loc="left", fontsize=10)
        for axes in (left, right):
            _calm(axes)
        return _svg(figure)


def detections(curves: Mapping[str, Curve], by_confidence: Mapping[str, Curve], threshold: float) -> str:
    """Left: precision and recall, a line a class, those with the lowest; right: figures by confidence."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8.2, 3.4), layout="constrained")
        left, right = figure.subplots(1, 2)
        lowest = sorted(curves.items(), key=lambda one: sum(one[1][1]))
        for axes, lines in ((left, lowest), (right, by_confidence.items())):
            for colour, (label, (x, y)) in zip(LINES, lines, strict=False):
                axes.plot(100 * np.array(x), 100 * np.array(y), color=colour, label=_short(label), linewidth=1.4)
            axes.legend(frameon=False, loc="lower left", fontsize=8)
            axes.set_xlim(-2, 102)
            axes.set_ylim(0, 102)
            _calm(axes)
        right.axvline(100 * threshold, color=FAINT, linewidth=0.8, linestyle="--")
        left.set_xlabel("of true boxes found, %")
        left.set_title("Right of those answered, %", loc="left", fontsize=10)
        right.set_xlabel("confidence, %")
        right.set_title("Precision, recall and F1, %", loc="left", fontsize=10)
        return _svg(figure)


def depth(ours: Sequence[int], *, most: int = 100) -> str:
    """How many right texts are among the first few, for any few up to `most`."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8.2, 2.9), layout="constrained")
        axes = figure.subplots()
        ranks, deep = np.array(ours), np.arange(1, most + 1)
        axes.plot(deep, [100 * (ranks <= at).mean() for at in deep], color=OURS)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))  # 10, not a power of ten in TeX
        axes.set_ylim(0, 102)
        axes.set_xlabel("among the first")
        axes.set_title("Right texts found, %", loc="left", fontsize=10)
        _calm(axes)
        return _svg(figure)


def costs(found: Thresholds) -> str:
    """A row's cost at every threshold, on validation, where it was chosen, and on the test."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8.2, 2.9), layout="constrained")
        axes = figure.subplots()
        axes.axvline(found.chosen, color=FAINT, linewidth=0.8, linestyle="--")
        for values, label, colour in ((found.validation, "validation", SECOND), (found.test, "test", OURS)):
            axes.plot(found.points, values, color=colour, label=label, linewidth=1.4)
        axes.set_ylim(bottom=0)
        axes.set_xlabel(f"probability from which {_short(found.label)} is answered")
        axes.set_title("Cost of a row", loc="left", fontsize=10)
        axes.legend(frameon=False)
        _calm(axes)
        return _svg(figure)


def learning(found: Learning) -> str:
    """The metric after more and more training rows, and where the law leads that the points follow."""
    times, unit = (100, "%") if found.metric in IN_PERCENT else (1, "")
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8.2, 2.9), layout="constrained")
        axes = figure.subplots()
        for one in found.points:
            axes.plot([one.rows] * 2, [times * bound for bound in one.interval], color=OURS, linewidth=1.4)
            axes.plot([one.rows], [times * one.value], "o", color=OURS, markersize=4)
        if found.curve:
            rows, values = (np.array(one) for one in zip(*found.curve, strict=True))
            axes.plot(rows, times * values, color=SECOND, linewidth=1.2, linestyle="--")
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.set_xlabel("training rows")
        axes.set_title(", ".join(filter(None, (spelt(found.metric), unit))), loc="left", fontsize=10)
        _calm(axes)
        return _svg(figure)


@dataclass(frozen=True, kw_only=True)
class Span:
    """A figure of some rows with its interval. `sign`: below zero it is drawn as bad, above as good."""

    label: str
    rows: int
    value: float
    interval: Interval
    sign: int


def spans(lines: Sequence[Span], *, metric: str, zero: bool = False, what: str = "") -> str:
    """A line each, the first above. `zero`: whether to draw where nothing differs; `what`: the figure is, else the
    metric itself."""
    times, unit = (100, "points" if zero else "%") if metric in IN_PERCENT else (1, "")
    kept = lines[:SPANS]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8.2, 0.7 + 0.26 * len(kept)), layout="constrained")
        axes = figure.subplots()
        if zero:
            axes.axvline(0, color=FAINT, linewidth=0.8, linestyle="--")
        for at, one in enumerate(kept):
            colour = OURS if one.sign > 0 else SECOND if one.sign < 0 else FAINT
            axes.plot([times * bound for bound in one.interval], [at, at], color=colour, linewidth=1.6)
            axes.plot([times * one.value], [at], "o", color=colour, markersize=5)
        axes.set_yticks(range(len(kept)), [f"{_short(one.label)} ({one.rows:,})" for one in kept], fontsize=8)
        axes.set_ylim(len(kept) - 0.4, -0.6)
        axes.set_xlabel(", ".join(filter(None, (what or spelt(metric), unit))))
        _calm(axes)
        return _svg(figure)


def trials(points: Sequence[tuple[int, float, bool]], title: str, *, chosen: int | None, rising: bool) -> str:
    """Of each trial its number, its value, and whether it was trained to its end; the line is the best so far."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8.2, 2.9), layout="constrained")
        axes = figure.subplots()
        whole = [(number, value) for number, value, completed in points if completed]
        if whole:
            numbers, values = (np.array(one) for one in zip(*whole, strict=True))
            best = np.maximum.accumulate(values) if rising else np.minimum.accumulate(values)
            reached = np.append(numbers, points[-1][0])  # the line goes on to the last trial
            axes.step(
                reached, np.append(best, best[-1]), where="post", color=SECOND, linewidth=1.2, label="best so far"
            )
            axes.plot(numbers, values, "o", color=OURS, markersize=4, label="completed")
            if chosen is not None and chosen in numbers:
                axes.plot([chosen], values[numbers == chosen], "o", color=SECOND, markersize=7, label="chosen")
        if early := [(number, value) for number, value, completed in points if not completed]:
            axes.plot(*zip(*early, strict=True), "o", color=FAINT, markersize=4, fillstyle="none", label="given up")
        axes.legend(frameon=False, fontsize=8, ncols=4, loc="lower right", bbox_to_anchor=(1.0, 1.0))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("trial")
        axes.set_title(title, loc="left", fontsize=10)
        _calm(axes)
        return _svg(figure)


def parallel(scales: Sequence[Scale], lines: Sequence[tuple[list[float | None], float, bool]]) -> str:
    """Parallel coordinates: `lines` have a place from 0 to 1 on each scale, None for none; a shade from 0 to 1; and
    whether they are to stand out."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(max(5.0, 1.6 * len(scales)), 3.2), layout="constrained")
        axes = figure.subplots()
        places = np.arange(len(scales))
        for heights, shade, apart in lines:
            drawn = np.array([np.nan if height is None else height for height in heights])
            colour = SECOND if apart else HITS(0.25 + 0.75 * shade)
            axes.plot(places, drawn, color=colour, linewidth=2.2 if apart else 1.1, marker="o", markersize=2.5)
        for at, (_, ticks) in enumerate(scales):
            axes.axvline(at, color=FAINT, linewidth=0.6)
            for height, text in ticks:
                axes.annotate(_short(text), (at, height), (4, 4), "data", "offset points", fontsize=7, color=FAINT)
        axes.set_xticks(places, [_short(name) for name, _ in scales])
        axes.set_xlim(-0.1, len(scales) - 0.6)
        axes.set_ylim(-0.08, 1.08)
        axes.set_yticks([])
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        return _svg(figure)


def _mixed_up(whole: NDArray[np.int64]) -> list[int]:
    """The `DRAWN` classes with most wrong rows, given or received, in the task's order."""
    wrong = whole.sum(0) + whole.sum(1) - 2 * np.diag(whole)
    return sorted(np.argsort(-wrong, kind="stable")[:DRAWN].tolist())


def _calm(axes: Axes) -> None:
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)


def _short(label: str) -> str:
    """One line; of a long label both ends, as many differ in the last word only."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in label).split())
    wide = any(unicodedata.east_asian_width(letter) in "WF" for letter in line)
    room = NAME // 2 if wide else NAME
    return line if len(line) <= room else f"{line[: room // 2 - 1]}…{line[-(room // 2) :]}"


def _svg(figure: Figure) -> str:
    """The <svg> element alone, without XML prolog, date or generator; its width is the page's to limit."""
    stream = io.StringIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # the browser has the font
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    text = stream.getvalue()
    opening = f'<svg style="--width:{PIXELS * figure.get_figwidth():.0f}px"'
    return text[text.index("<svg") :].replace("<svg", opening, 1)
