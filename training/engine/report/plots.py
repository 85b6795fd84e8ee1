"""The report's drawings as inline SVG, by matplotlib. Knows numbers and labels; knows no page."""

import io
import warnings
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from training.engine.metrics import Scores

INK, FAINT, GRID = "#2b3440", "#8a94a3", "#e6e9ee"
OURS, THEIRS, SECOND = "#2f6f8f", "#c9b28a", "#b4637a"
CALM = LinearSegmentedColormap.from_list("calm", ["#ffffff", "#cfe1e8", "#6fa5bd", "#1f5673"])
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
SHOWN = 60  # bars drawn; of more classes, those with the lowest F1
WRITTEN = 20  # classes up to which the confusion matrix carries its numbers
NAMED = 100  # classes up to which its axes carry their labels
NAME = 32  # characters of a label on an axis


def learning_curves(history: Sequence[dict[str, float]], metric: str) -> str:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8.2, 2.9), layout="constrained")
        left, right = figure.subplots(1, 2)
        epochs = [one["epoch"] for one in history]
        for key, label, colour in (("train_loss", "training", OURS), ("valid_loss", "validation", SECOND)):
            left.plot(epochs, [one[key] for one in history], color=colour, label=label, marker="o", markersize=3)
        left.legend(frameon=False)
        left.set_title("Loss", loc="left", fontsize=10)
        values = [100 * one[f"valid_{metric}"] for one in history]
        right.plot(epochs, values, color=OURS, marker="o", markersize=3)
        right.set_title(f"Validation {metric.replace('_', ' ')}, %", loc="left", fontsize=10)
        for axes in (left, right):
            _calm(axes)
            axes.set_xlabel("epoch")
            axes.xaxis.get_major_locator().set_params(integer=True)
        return _svg(figure)


def per_class(model: Scores, baseline: Scores, labels: Sequence[str]) -> str:
    """F1 of each class, the baseline's beside it, the worst at the top."""
    order = sorted(range(len(labels)), key=lambda index: model.classes[index].f1)[:SHOWN]
    places = np.arange(len(order))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8.2, 0.7 + 0.27 * len(order)), layout="constrained")
        axes = figure.subplots()
        for offset, scores, colour, name in ((-0.19, model, OURS, "model"), (0.19, baseline, THEIRS, "baseline")):
            values = [100 * scores.classes[index].f1 for index in order]
            axes.barh(places + offset, values, height=0.34, color=colour, label=name)
        axes.set_yticks(places, [_short(labels[index]) for index in order])
        axes.set_ylim(len(order) - 0.4, -0.6)
        axes.set_xlim(0, 100)
        axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.2)
        _calm(axes, grid="x")
        return _svg(figure)


def confusion(scores: Scores, labels: Sequence[str]) -> str:
    """Rows: the true class; columns: the answer; shade: share of the row."""
    counts = np.array(scores.confusion)
    shares = counts / np.maximum(1, counts.sum(1, keepdims=True))
    count = len(labels)
    side = min(9.5, max(3.6, 1.8 + 0.42 * count if count <= WRITTEN else 9.5))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(side, side), layout="constrained")
        axes = figure.subplots()
        axes.imshow(shares, cmap=CALM, vmin=0, vmax=1, interpolation="none")
        if count <= WRITTEN:
            for (row, column), cell in np.ndenumerate(counts):
                if cell:
                    shade = "white" if shares[row, column] > 0.55 else INK
                    axes.text(column, row, f"{cell}", ha="center", va="center", color=shade, fontsize=8)
        if count <= NAMED:
            names, size = [_short(label) for label in labels], 8 if count <= WRITTEN else 4.6
            axes.set_xticks(range(count), names, rotation=90, fontsize=size)
            axes.set_yticks(range(count), names, fontsize=size)
        axes.set_xlabel("answered")
        axes.set_ylabel("true")
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        return _svg(figure)


def _calm(axes: Axes, grid: str = "both") -> None:
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.grid(axis="x" if grid == "x" else "both", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)


def _short(label: str) -> str:
    return label if len(label) <= NAME else f"{label[: NAME - 1]}…"


def _svg(figure: Figure) -> str:
    """The <svg> element alone, without XML prolog, date or generator."""
    stream = io.StringIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # the browser has the font
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    text = stream.getvalue()
    return text[text.index("<svg") :]
