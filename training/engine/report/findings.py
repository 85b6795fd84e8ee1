"""Everything a finished training has to tell, and the sentence that sums it up. Knows no kind of task and no HTML."""

from dataclasses import dataclass
from typing import Any

from contracts.codec import to_data
from contracts.task import TaskSpec
from training.engine.checkpoint import Standing
from training.engine.compress.contract import Compressed
from training.engine.judging.compared import Compared, Detail, Summary
from training.engine.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Findings:
    """`rows`: split -> rows; `detail`: what the kind's answers on the test split show; `compressed`: None where
    that was not asked for."""

    task: TaskSpec
    base: str
    layers: int
    settings: Settings
    standing: Standing
    rows: dict[str, int]
    detail: Detail
    compressed: Compressed | None = None

    @property
    def compared(self) -> Compared:
        return self.detail.compared

    def summary(self) -> Summary:
        """What lists show, and what the manifest says about the model."""
        return {
            **self.detail.summary(),
            "beats_baseline": self.compared.gain > 0,
            "test_rows": self.compared.rows,
            "train_rows": self.rows["train"],
            "train_seconds": round(self.standing.seconds, 2),
            "epochs": len(self.standing.history),
            "best_epoch": self.standing.best_epoch,
            "best_step": int(self.standing.history[self.standing.best_epoch - 1]["step"]),
            "method": self.settings.method,
            "sentence": self.compared.sentence,
            **(self.compressed.summary() if self.compressed else {}),
        }

    def document(self) -> dict[str, Any]:
        """metrics.json."""
        return {
            "summary": self.summary(),
            "task": to_data(self.task),
            "base": self.base,
            "settings": to_data(self.settings),
            "rows": self.rows,
            "compared": to_data(self.compared),
            "chance": self.compared.chance,
            **self.detail.document(),
            "compression": self.compressed.document() if self.compressed else None,
            "history": self.standing.history,
        }
