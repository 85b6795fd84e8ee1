"""Drawings of a report as inline SVG: bars that say what they are to whoever cannot see them. No library."""

from html import escape

from contracts.ingestion import SPLITS, Histogram

WIDTH, HEIGHT = 860, 220  # of a histogram, in units of its own
LEFT, BOTTOM, TOP = 52, 34, 10
TICKS = 4


def histogram(drawn: Histogram) -> str:
    """Bars of rows, the splits of a range one upon another."""
    ranges = len(drawn.edges)
    totals = [sum(drawn.counts[split][at] for split in SPLITS) for at in range(ranges)]
    top = _ceiling(max(totals, default=1))
    step = (WIDTH - LEFT) / max(ranges, 1)
    marks = [_tick(top * at // TICKS, top) for at in range(TICKS + 1)]
    bars = [_bar(drawn, at, step, top) for at in range(ranges)]
    every = max(1, -(-ranges // 12))
    names = [
        f'<text class="axis" x="{LEFT + at * step:.1f}" y="{HEIGHT - BOTTOM + 16}">{_short(edge)}</text>'
        for at, edge in enumerate(drawn.edges)
        if at % every == 0
    ]
    unit = f'<text class="axis end" x="{WIDTH}" y="{HEIGHT - 4}">{escape(drawn.unit)}</text>'
    label = f"{drawn.title}: {sum(totals):,} rows in {ranges} ranges"
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" style="--width:{WIDTH}px" role="img" aria-label="{escape(label)}">'
        f"<title>{escape(drawn.title)}</title>{''.join(marks)}{''.join(bars)}{''.join(names)}{unit}</svg>"
    )


def _bar(drawn: Histogram, at: int, step: float, top: int) -> str:
    scale = (HEIGHT - BOTTOM - TOP) / top
    y, parts = float(HEIGHT - BOTTOM), []
    for split in SPLITS:
        rows = drawn.counts[split][at]
        if rows:
            y -= rows * scale
            parts.append(
                f'<rect class="{split}" x="{LEFT + at * step + 1:.1f}" y="{y:.1f}" width="{max(step - 2, 1):.1f}" '
                f'height="{rows * scale:.1f}"><title>{_range(drawn, at)}: {rows:,} {split}</title></rect>'
            )
    return "".join(parts)


def _range(drawn: Histogram, at: int) -> str:
    upper = f" to {_short(drawn.edges[at + 1])}" if at + 1 < len(drawn.edges) else " and more"
    return f"{_short(drawn.edges[at])}{upper} {escape(drawn.unit)}".strip()


def _tick(value: int, top: int) -> str:
    y = HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top
    line = f'<line class="grid" x1="{LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
    return f'{line}<text class="axis end" x="{LEFT - 8}" y="{y + 4:.1f}">{value:,}</text>'


def _ceiling(most: int) -> int:
    """The next number that parts evenly: 1, 2 or 5 times a power of ten, times the ticks."""
    size = 1
    while True:
        for by in (1, 2, 5):
            if size * by * TICKS >= most:
                return size * by * TICKS
        size *= 10


def _short(number: float) -> str:
    if number >= 1_000 and number % 100 == 0:
        return f"{number / 1_000:g}k"
    return f"{number:g}"


def shares(counts: dict[str, int], most: int) -> str:
    """One bar of a class: its rows by split, as long as its share of the largest class."""
    parts = "".join(
        f'<i class="{split}" style="width:{100 * counts.get(split, 0) / max(most, 1):.2f}%"></i>' for split in SPLITS
    )
    return f'<div class="bar parts">{parts}</div>'
