"""Whether a compressed model holds what was asked of it, and the sentence on it."""

from dataclasses import dataclass
from typing import Any

from contracts.codec import to_data
from contracts.compression import Compression
from contracts.task import LOWER_IS_BETTER
from training.engine.checkpoint import Standing
from training.engine.compress.measured import Cost
from training.engine.judging.compared import IN_PERCENT, Compared, Summary, shown, spelt


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two models. `compared`: its metric and interval; `bytes`: of its weights."""

    compared: Compared
    bytes: int
    cost: Cost


@dataclass(frozen=True, kw_only=True)
class Compressed:
    """What became of it, on the same test rows and processor. `recovery`: how the smaller model learnt again; None
    where it did not."""

    asked: Compression
    before: Side
    after: Side
    recovery: Standing | None = None

    @property
    def lost(self) -> float:
        """Of the task's metric: percentage points where it is a share, else its own unit. Below zero: it gained."""
        metric, before, after = self.before.compared.metric, self.before.compared.model, self.after.compared.model
        lost = after - before if metric in LOWER_IS_BETTER else before - after
        return 100 * lost if metric in IN_PERCENT else lost

    @property
    def speedup(self) -> float:
        """Texts a second, after against before."""
        return self.after.cost.per_s / self.before.cost.per_s

    @property
    def kept(self) -> bool:
        return self.lost <= self.asked.max_loss and self.speedup >= self.asked.min_speedup

    @property
    def form(self) -> str:
        """What was made of the model, in words."""
        asked = self.asked
        of = f" of {100 * asked.share:g} %" if asked.share is not None else ""
        to = f" to {asked.layers} layers" if asked.layers is not None else ""
        into = f" into {asked.student}" if asked.student is not None else ""
        then = f", then {asked.then}" if asked.then is not None else ""
        return f"{asked.method}{of}{to}{into}{then}"

    @property
    def sentence(self) -> str:
        metric = self.before.compared.metric
        before, after = (shown(metric, one.compared.model) for one in (self.before, self.after))
        sizes = " instead of ".join(f"{one.bytes / 1e6:.3g} MB" for one in (self.after, self.before))
        found = f"{after} {spelt(metric)} instead of {before}, {self.speedup:.1f} times the texts a second, {sizes}"
        unit = " points" if metric in IN_PERCENT else ""
        asked = f"at most {self.asked.max_loss:g}{unit} lost, at least {self.asked.min_speedup:g} times as fast"
        found = f"As {self.form}: {found}."
        if self.asked.method == "pruning" and self.asked.then is None:
            found += " Zeros among the weights save neither time nor bytes without a kernel made for them."
        if self.kept:
            return f"{found} That is within the contract ({asked})."
        return f"{found} That breaks the contract ({asked}), so only the original is kept."

    def summary(self) -> Summary:
        return {
            "compression": self.form,
            "compression_kept": self.kept,
            "compressed_metric": self.after.compared.model,
            "compression_speedup": round(self.speedup, 3),
        }

    def figures(self) -> Summary:
        """Everything that was measured, of both."""
        told: Summary = {"compression_sentence": self.sentence, "compression_lost": round(self.lost, 6)}
        for name, side in (("original", self.before), ("compressed", self.after)):
            low, high = side.compared.intervals[0]
            told |= {f"{name}_metric": side.compared.model, f"{name}_low": low, f"{name}_high": high}
            told |= {f"{name}_bytes": side.bytes, f"{name}_p50_ms": round(side.cost.p50_ms, 3)}
            told |= {f"{name}_p99_ms": round(side.cost.p99_ms, 3), f"{name}_per_s": round(side.cost.per_s, 1)}
        return {**self.summary(), **told}

    def document(self) -> dict[str, Any]:
        figures = {"lost": self.lost, "speedup": self.speedup, "kept": self.kept, "sentence": self.sentence}
        return {**to_data(self), **figures}
