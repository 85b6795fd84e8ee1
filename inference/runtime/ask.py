"""One internal request and one internal answer, whatever protocol they travel by."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.prediction import Parameters, Prediction


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    texts: Sequence[str]
    parameters: Parameters


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One prediction for each text, in order, and the version of the model that made them."""

    predictions: Sequence[Prediction]
    model: str
