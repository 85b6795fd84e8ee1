"""report.html of a data set version: whether it can be trusted, what to do first, and what is in it.

Every customer's word is escaped. What a finding's step would be asked for stands there to be copied.
"""

import json
from collections.abc import Sequence
from html import escape

from contracts.ingestion import SPLITS, DatasetReport, Finding
from training import paper
from training.ingest.report import drawing
from training.paper import name, section

SEVERITIES = {"error": "Wrong", "warning": "Look at this", "info": "Good to know"}
OPEN = 20  # classes shown at once; the smaller ones of a longer list lie behind a click
CELL = 160  # characters of a cell shown
ROWS = 12  # rows shown


def page(title: str, kind: str, report: DatasetReport, rows: Sequence[dict[str, object]]) -> str:
    """`title`: what the customer calls the file; `rows`: the first ones, as a preview has them."""
    legend = " · ".join(f'<span class="key {split}">{split}</span>' for split in SPLITS)
    parts = [_tiles(report), section("What was found", _found(report.findings), _findings(report.findings))]
    if report.labels:
        parts.append(section("Classes", _balance(report), f'<p class="legend">{legend}</p>{_classes(report)}'))
    for drawn in report.histograms:
        body = f'<p class="legend">{legend}</p>{drawing.histogram(drawn)}'
        parts.append(section(drawn.title, "Rows by range; hover over a bar for its numbers.", body))
    parts += [
        section("The first rows", "As the version holds them, long cells cut.", _preview(rows)),
        section("How it was made", "The same file, options and seed give the same version.", _made(report)),
    ]
    return paper.document(
        title=title, kicker=f"{kind} · {report.form} · {title}", headline=headline(report), parts=parts,
        footer=f"SHA-256 of the content: {report.sha256}",
    )  # fmt: skip


def headline(report: DatasetReport) -> str:
    total = report.rows["total"]
    wrong = sum(finding.severity == "error" for finding in report.findings)
    doubtful = sum(finding.severity == "warning" for finding in report.findings)
    if wrong:
        return f"{total:,} rows, and {_things(wrong)} to put right before anything is learnt from them"
    if doubtful:
        return f"{total:,} rows ready to learn from; {_things(doubtful)} to look at first"
    return f"{total:,} rows ready to learn from"


def _things(count: int) -> str:
    return "one thing" if count == 1 else f"{count} things"


def _tiles(report: DatasetReport) -> str:
    pairs = [(f"{report.rows[split]:,}", f"rows of {split}") for split in SPLITS]
    if report.labels:
        pairs.append((f"{len(report.labels):,}", "classes"))
    return paper.tiles([*pairs, (report.format, f"read in {report.encoding}")])


def _found(findings: Sequence[Finding]) -> str:
    if not findings:
        return "Nothing. That is rare; look at the rows all the same."
    return (
        "Rows are numbered as in the file, from 1, without its header. Findings refuse nothing: the version is ready."
    )


def _findings(findings: Sequence[Finding]) -> str:
    ordered = sorted(findings, key=lambda finding: list(SEVERITIES).index(finding.severity))
    return "".join(map(_finding, ordered))


def _finding(finding: Finding) -> str:
    rows = ", ".join(f"{row:,}" for row in finding.rows)
    more = f" … ({finding.count:,} in all)" if finding.count > len(finding.rows) else ""
    where = f'<p class="rows">Rows {rows}{more}</p>' if finding.rows else ""
    return (
        f'<article class="{finding.severity}"><h3><b>{SEVERITIES[finding.severity]}</b> '
        f"<code>{escape(finding.code)}</code></h3><p>{name(finding.message)}</p>{where}{_fix(finding)}</article>"
    )


def _fix(finding: Finding) -> str:
    if finding.fix is None:
        return ""
    options: dict[str, dict[str, object]] = {
        "drop_rows": {"rows": list(finding.rows)}, "keep_language": {"languages": ["en"]},
    }  # fmt: skip
    asked = json.dumps({"steps": [{"name": finding.fix, **options.get(finding.fix, {})}]}, ensure_ascii=False)
    return f'<p class="fix">Mended by <code>POST …/derive {escape(asked)}</code></p>'


def _balance(report: DatasetReport) -> str:
    totals = [sum(counts.values()) for counts in report.labels.values()]
    return f"{len(totals):,} classes, the largest of {max(totals):,}, the smallest of {min(totals):,}."


def _classes(report: DatasetReport) -> str:
    ordered = sorted(report.labels.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    most = sum(ordered[0][1].values())
    lines = [
        f"<tr><td>{name(label)}</td>{''.join(f'<td>{counts.get(split, 0):,}</td>' for split in SPLITS)}"
        f'<td class="drawn">{drawing.shares(counts, most)}</td></tr>'
        for label, counts in ordered
    ]
    head = f"<tr><th>class</th>{''.join(f'<th>{split}</th>' for split in SPLITS)}<th></th></tr>"
    shown = f"<table>{head}{''.join(lines[:OPEN])}</table>"
    if len(lines) <= OPEN:
        return shown
    rest = f"<summary>The other {len(lines) - OPEN:,} classes</summary><table>{head}{''.join(lines[OPEN:])}</table>"
    return f"{shown}<details>{rest}</details>"


def _preview(rows: Sequence[dict[str, object]]) -> str:
    if not rows:
        return "<p>No rows.</p>"
    columns = [column for column in rows[0] if column != "pieces"]
    head = "".join(f'<th class="text">{name(column)}</th>' for column in columns)
    lines = "".join(f"<tr>{_cells(row, columns)}</tr>" for row in rows[:ROWS])
    return f'<table class="preview"><tr>{head}</tr>{lines}</table>'


def _cells(row: dict[str, object], columns: Sequence[str]) -> str:
    return "".join(f'<td class="text">{_cell(row.get(column))}</td>' for column in columns)


def _cell(value: object) -> str:
    if isinstance(value, dict) and "path" in value:  # a picture or a sound
        value = value["path"]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return escape(text if len(text) <= CELL else f"{text[: CELL - 1]}…")


def _made(report: DatasetReport) -> str:
    split = report.split
    how = f"{split.get('method', 'ratio')}" + (f" by {split['column']}" if split.get("column") else "")
    pairs = [(role, ", ".join([names] if isinstance(names, str) else names)) for role, names in report.columns.items()]
    lines = [(f"{role} from", names) for role, names in pairs]
    lines.append(("split", f"{how}, seed {split.get('seed', 0)}"))
    lines += [(step.name, f"{step.changed:,} rows changed, {step.dropped:,} dropped") for step in report.steps]
    rows = "".join(f'<tr><td>{name(one)}</td><td class="text">{name(other)}</td></tr>' for one, other in lines)
    return f"<table>{rows}</table>"
