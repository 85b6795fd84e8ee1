"""A tenant's stable addresses for predictions, and what was placed behind them."""

from inference.models.endpoint import Endpoint
from inference.models.release import Release

__all__ = ["Endpoint", "Release"]
