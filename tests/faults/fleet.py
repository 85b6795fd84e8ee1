"""Real workers and clocks in processes of their own, with a Redis of their own and a store that can go away."""

import os
import signal
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import redis

from embedded import place, processes
from embedded import redis as embedded_redis
from embedded.parts import Part, Ready
from embedded.processes import Running
from jobs.models import Job
from tests.faults.proxy import Proxy
from tests.jobs import counting

IMPATIENT = {"LANDFALL_LEASE_S": "3", "LANDFALL_HEARTBEAT_S": "1", "LANDFALL_RECONCILE_S": "1"}


class Fleet:
    """Two clocks and two workers; whichever a test kills is replaced by `mend`."""

    def __init__(self, folder: Path) -> None:
        self._home = place.occupy(folder, ("redis",), durable=False)
        self.redis_url = embedded_redis.url(self._home)
        store = urlsplit(os.environ["S3_ENDPOINT_URL"])
        self.store = Proxy((str(store.hostname), int(store.port or 80)))
        self._running: dict[str, Running] = {}
        self.mend()

    def mend(self) -> None:
        """Starts what is missing and returns once all of it serves."""
        self.store.open()
        wanted = {"redis": embedded_redis.prepare(self._home)}
        wanted |= {name: self._clock(name) for name in ("clock-a", "clock-b")}
        wanted |= {name: self._worker(name) for name in ("worker-a", "worker-b")}
        missing = [name for name, part in wanted.items() if not self._serves(name)]
        started = {name: processes.start(wanted[name]) for name in missing}
        self._running |= started
        processes.wait_ready(list(started.values()))

    def stop(self) -> None:
        processes.stop(self._running.values())
        self.store.close()

    def broker(self) -> "redis.Redis":
        return redis.Redis.from_url(self.redis_url)

    def kill(self, name: str) -> None:
        self._running[name].process.kill()
        self._running[name].process.wait()

    def name_of_worker(self, job: Job) -> str:
        """Which of the workers runs the job."""
        pid = int(counting.fresh(job).worker.split(":")[1])
        return next(name for name, running in self._running.items() if pid in family(running))

    def signal(self, name: str, number: signal.Signals) -> None:
        for pid in family(self._running[name]):
            os.kill(pid, number)

    def words(self, name: str) -> str:
        """What it has logged since it was started."""
        return self._running[name].words()

    def ended(self, name: str) -> bool:
        return self._running[name].exited() is not None

    def _serves(self, name: str) -> bool:
        return name in self._running and self._running[name].exited() is None

    def _clock(self, name: str) -> Part:
        return self._part(name, ("-m", "tests.faults.clock"), r"\bready\b")

    def _worker(self, name: str) -> Part:
        celery = ("-m", "celery", "-A", "jobs.celery", "worker", "-I", "tests.faults.worker", "-Q", counting.QUEUE)
        alone = ("-P", "threads", "-c", "1", "-l", "INFO", "--without-gossip", "--without-mingle", "-n", f"{name}@%h")
        return self._part(name, (*celery, *alone), rf"{name}@\S+ ready\.")

    def _part(self, name: str, words: tuple[str, ...], ready: str) -> Part:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")} | {
            **IMPATIENT,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "REDIS_URL": self.redis_url,
            "S3_ENDPOINT_URL": f"http://127.0.0.1:{self.store.port}",
            "LANDFALL_STATE": str(self._home.folder / "state"),
            "PYTHONUNBUFFERED": "1",
        }
        return Part(
            name=name,
            argv=(sys.executable, *words),
            env=environment,
            cwd=str(place.ROOT),
            log=str(self._home.log(name)),
            ready=Ready(line=ready),
        )


def family(running: Running) -> list[int]:
    """The part's process and the celery process in it; not the jobs' children, which have sessions of their own."""
    parent = psutil.Process(running.process.pid)
    session = os.getsid(parent.pid)
    return [parent.pid, *(one.pid for one in parent.children(recursive=True) if os.getsid(one.pid) == session)]
