"""The heartbeat of one attempt: its own thread, its own database connection, so that nothing slow can stop it.

It prolongs the lease, hears of cancel and pause, and knows when the job may no longer be ours: once a lease's time has
passed since the last beat that reached the database, whether or not the database can be asked.
"""

import logging
import threading
import time

from django.conf import settings
from django.db import Error, connections
from psycopg_pool import PoolTimeout

from jobs.services import claims
from jobs.services.claims import ALIAS, Claim

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.7  # so that a cancel or pause reaches the child within two seconds
REST_S = 5.0


class Heart(threading.Thread):
    """Read `lost`, `cancelled` and `paused` at any time; `rest` ends it."""

    def __init__(self, claimed: Claim) -> None:
        super().__init__(name=f"heart-{claimed.job}", daemon=True)
        self._claim = claimed
        self._resting = threading.Event()
        self._reached = time.monotonic()
        self._beaten = self._reached
        self._refused = False
        self.cancelled = False
        self.paused = False  # once asked for, it stays so here: the child was told to stop

    @property
    def lost(self) -> bool:
        return self._refused or time.monotonic() - self._reached > settings.LEASE_S

    def run(self) -> None:
        try:
            while not self._resting.wait(min(LOOK_EVERY_S, settings.HEARTBEAT_S)) and not self._refused:
                self._pulse()
        finally:
            connections[ALIAS].close()

    def rest(self) -> None:
        """Ends it; a beat that hangs in a silent database is left to end by itself."""
        self._resting.set()
        self.join(timeout=REST_S)

    def _pulse(self) -> None:
        now = time.monotonic()
        due = now - self._beaten >= settings.HEARTBEAT_S
        try:
            pulse = claims.beat(self._claim) if due else claims.look(self._claim)
        except (Error, PoolTimeout) as error:
            logger.warning("heartbeat of %s did not reach the database: %s", self._claim.job, error)
            connections[ALIAS].close()
            return
        if due:
            self._reached = self._beaten = now
        self._refused, self.cancelled = not pulse.mine, pulse.cancel
        self.paused = self.paused or pulse.pause
