"""What others may do with jobs. The worker's side is in `claims`, `lease`, `ending` and `reconciling`."""

from jobs.services.pausing import pause, resume
from jobs.services.submitting import admit, cancel, hold, refuse, submit

__all__ = ["admit", "cancel", "hold", "pause", "refuse", "resume", "submit"]
