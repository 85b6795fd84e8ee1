"""Puts metrics.json and report.html into an artifact's folder."""

from pathlib import Path

from contracts.codec import to_json
from training.engine.report.findings import Findings


def write_report(folder: Path, findings: Findings) -> None:
    from training.engine.report.page import page

    (folder / "metrics.json").write_bytes(to_json(findings.document()))
    (folder / "report.html").write_text(page(findings), encoding="utf-8")
