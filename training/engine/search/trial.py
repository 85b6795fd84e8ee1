"""One trial from spec to its value on validation: the steps of a fine-tuning up to the training, and no further.

No baseline, no artifact, and the test split is not looked at: it is for the model that the search ends with.
"""

from collections.abc import Callable

from contracts.child import Done
from contracts.fine_tune import FineTuneSpec
from contracts.search import Trial
from training.engine import telling
from training.engine.checkpoint import Standing
from training.engine.judging.compared import Summary, shown, spelt
from training.engine.loop import optimise
from training.engine.run import Folders, begin, course_of
from training.engine.search.pruning import pruner
from training.engine.search.settled import parameters
from training.engine.voice import Voice


def try_out(spec: FineTuneSpec, trial: Trial, folders: Folders, voice: Voice, stop: Callable[[], bool]) -> None:
    """Says `Done` with the best epoch's figures and the parameters as used. Raises `Problem`, `Interrupted`."""
    begun = begin(spec, folders, voice)
    key = f"valid_{spec.task.metric}"
    given_up = pruner(trial, spec.task.metric)

    def prune(standing: Standing) -> bool:
        return given_up([one[key] for one in standing.history])

    standing = optimise(course_of(begun, folders, voice, stop, prune=prune), begun.resumed)
    telling.tried(voice, begun.settings, standing)
    best = standing.history[standing.best_epoch - 1]
    summary: Summary = {
        "value": best[key],
        "told": f"{shown(spec.task.metric, best[key])} {spelt(spec.task.metric)}",
        "loss": best["valid_loss"],
        "pruned": standing.pruned,
        "epochs": len(standing.history),
        "best_epoch": standing.best_epoch,
        "train_seconds": round(standing.seconds, 2),
    }
    voice.say(Done(summary={**summary, **parameters(begun.spec, begun.settings, trial.search.space)}))
