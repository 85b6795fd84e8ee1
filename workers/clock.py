"""The dispatcher and reconciler: `python -m workers.clock`.

Hears the NOTIFY of a committed job and looks every few seconds anyway. One clock at a time does the work (advisory
lock), any number may run. Hints are disposable: no more lie in the broker than `HINTS` a queue.
"""

import logging
import os
import signal
import threading
from datetime import timedelta
from types import FrameType

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import psycopg  # noqa: E402
import redis  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import Error, connections  # noqa: E402
from django.db.models.functions import Now  # noqa: E402
from kombu.exceptions import OperationalError as BrokerError  # noqa: E402
from psycopg_pool import PoolTimeout  # noqa: E402

from jobs import scratch  # noqa: E402
from jobs.celery import HINT, app  # noqa: E402
from jobs.services import reconciling  # noqa: E402
from jobs.services.submitting import CHANNEL  # noqa: E402
from storage.blobs import StoreUnavailable  # noqa: E402
from tenants.idempotency import KEPT  # noqa: E402
from tenants.models import IdempotencyRecord  # noqa: E402
from training.services import searching, tidying  # noqa: E402
from workers.wiring import HANDLERS  # noqa: E402

logger = logging.getLogger("workers.clock")

HINTS = 8  # in the broker for one queue: more than the slots that fall free between two looks
TIDY_EVERY = 120  # looks
PAUSE_S = 0.05  # between two looks at the least: a thousand submissions a second are one burst of hints
AWAY_S = 1.0  # between two tries to reach the database

stopping = threading.Event()


def main() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    if "system" not in settings.DATABASES:
        raise SystemExit("The clock needs DATABASE_SYSTEM_URL: it looks after jobs of every tenant.")
    broker = Broker()
    logger.info("clock ready")
    while not stopping.is_set():
        try:
            with psycopg.connect(settings.LISTEN_URL, autocommit=True, connect_timeout=3) as listener:
                listener.execute(f"LISTEN {CHANNEL}")
                _look_until_stopped(listener, broker)
        except (psycopg.Error, Error, PoolTimeout) as error:
            logger.warning("the database is away: %s", error)
            connections.close_all()
            stopping.wait(AWAY_S)


def _look_until_stopped(listener: "psycopg.Connection[tuple[object, ...]]", broker: "Broker") -> None:
    looks = 0
    while not stopping.is_set():
        look(broker, tidy=looks % TIDY_EVERY == 0)
        looks += 1
        for _ in listener.notifies(timeout=float(settings.RECONCILE_S), stop_after=1):
            stopping.wait(PAUSE_S)


def look(broker: "Broker", *, tidy: bool = False) -> None:
    """One round, if no other clock has it: expired leases, searches, hints, now and then what nobody needs any more."""
    with connections["system"].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('landfall clock'))")
        if not cursor.fetchone()[0]:
            return
        try:
            reconciling.take_back(HANDLERS)
            searching.repair()
            broker.hint(reconciling.waiting())
            if tidy:
                _forget_old_answers()
                scratch.sweep()
                _tidy_store()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('landfall clock'))")


class Broker:
    """Redis as the clock sees it: wakes workers while it answers; until then waiting jobs stay where they are."""

    def __init__(self) -> None:
        self._redis = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3)
        self._away = False

    def hint(self, waiting: dict[str, int]) -> None:
        try:
            for queue, count in waiting.items():
                missing = min(count, HINTS) - int(self._redis.llen(queue))
                for _ in range(missing):
                    app.send_task(HINT, queue=queue, ignore_result=True, retry=False)
        except (redis.RedisError, BrokerError, OSError) as error:
            if not self._away:
                logger.warning("the broker is away, waiting jobs stay in the database: %s", error)
            self._away = True
        else:
            if self._away:
                logger.info("the broker is back")
            self._away = False


def _forget_old_answers() -> None:
    IdempotencyRecord.objects.unscoped(using="system").filter(created_at__lt=Now() - KEPT - timedelta(hours=1)).delete()


def _tidy_store() -> None:
    """A store that is away keeps nobody from work: what is due now is due in the next round too."""
    try:
        tidying.ended_uploads()
        tidying.expired_files()
        tidying.expired_datasets()
        tidying.erased_bytes()
        tidying.long_pauses()
        tidying.ended_checkpoints()
    except StoreUnavailable as error:
        logger.warning("the store is away, nothing was tidied: %s", error)


def _stop(number: int, frame: FrameType | None) -> None:
    stopping.set()


if __name__ == "__main__":
    main()
