"""Puts metrics.json, report.html, README.md and TensorBoard's events into an artifact's folder."""

from pathlib import Path

from contracts.codec import to_json
from training.engine.report import board
from training.engine.report.findings import Findings


def write_report(folder: Path, findings: Findings, *, hub: str | None) -> None:
    """`hub`: the base's id at a hub, if it is there."""
    from training.engine.report.card import card
    from training.engine.report.page import page

    (folder / "metrics.json").write_bytes(to_json(findings.document()))
    (folder / "report.html").write_text(page(findings), encoding="utf-8")
    (folder / "README.md").write_text(card(findings, hub=hub), encoding="utf-8")
    board.write(folder, findings.standing)
