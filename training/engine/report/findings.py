"""Everything a finished training has to tell, and the sentence that sums it up. Knows no kind of task and no HTML."""

from dataclasses import dataclass
from typing import Any

from contracts.codec import to_data
from contracts.task import OBJECTIVES, TaskSpec
from training.engine.checkpoint import Standing
from training.engine.compress.contract import Compressed
from training.engine.judging.compared import Compared, Detail, Summary
from training.engine.judging.learning import Learning
from training.engine.judging.slicing import Slices
from training.engine.search.explored import Explored
from training.engine.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Findings:
    """`rows`: split -> rows; `detail`: what the kind's answers on the test split show; `slices`: of that split, where
    its answers can be looked at in parts; `learning`: None where no curve was drawn; `compressed` and `explored`: None
    where that was not asked for; `made`: from its base, how."""

    task: TaskSpec
    base: str
    layers: int
    settings: Settings
    standing: Standing
    rows: dict[str, int]
    detail: Detail
    slices: Slices | None = None
    learning: Learning | None = None
    compressed: Compressed | None = None
    explored: Explored | None = None
    made: str = "Fine-tuned"

    @property
    def title(self) -> str:
        """Where the model comes from."""
        how = "Pre-trained" if self.task.kind in OBJECTIVES else self.made
        return f"{how} from {self.base}"

    @property
    def compared(self) -> Compared:
        return self.detail.compared

    def summary(self) -> Summary:
        """What lists show, and what the manifest says about the model."""
        history = self.standing.history  # none, of a model that was only compressed
        return {
            **self.detail.summary(),
            "beats_baseline": self.compared.gain > 0,
            "test_rows": self.compared.rows,
            "train_rows": self.rows["train"],
            "train_seconds": round(self.standing.seconds, 2),
            "epochs": len(history),
            "best_epoch": self.standing.best_epoch,
            **({"best_step": int(history[self.standing.best_epoch - 1]["step"])} if history else {}),
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
            "slices": to_data(self.slices),
            "learning": to_data(self.learning),
            "compression": self.compressed.document() if self.compressed else None,
            "search": self.explored.document() if self.explored else None,
            "history": self.standing.history,
        }
