"""What the GPU and the CPU worker share: hearing a hint, draining the queue, stopping on a signal."""

import logging
import os
import socket
import threading
from typing import Any

import redis
from celery import Celery
from celery.signals import worker_init, worker_shutting_down
from django.conf import settings

from jobs import running
from jobs.celery import HINT
from workers.wiring import HANDLERS

logger = logging.getLogger(__name__)


def listen(app: Celery, queue: str) -> None:
    """Registers the hint for `queue`, and what must hold before this worker begins."""

    @app.task(name=HINT)
    def wake() -> None:
        worker = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"
        running.drain(queue, worker, HANDLERS)

    worker_init.connect(_refuse_wrong_start, weak=False)
    worker_shutting_down.connect(_stop, weak=False)


def _refuse_wrong_start(**kwargs: Any) -> None:
    """A worker started wrongly refuses to start, with the reason."""
    if "system" not in settings.DATABASES:
        raise SystemExit("A worker needs DATABASE_SYSTEM_URL: it claims jobs of every tenant.")
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3) as broker:
            policy = broker.config_get("maxmemory-policy").get("maxmemory-policy")
    except redis.RedisError as error:
        logger.warning("the broker's eviction policy could not be read: %s", error)
        return
    if policy != "noeviction":
        raise SystemExit(f"Redis evicts with {policy!r}; set maxmemory-policy to noeviction.")


def _stop(**kwargs: Any) -> None:
    """Children are told to checkpoint; their jobs go back to the queue uncharged."""
    running.stopping.set()
