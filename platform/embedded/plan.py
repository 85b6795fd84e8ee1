"""The whole one-machine stack as a plan: stores, the steps that prepare them, then our own processes.

Each process gets the database roles it needs and no other secret of the machine's environment.
"""

import sys
from collections.abc import Mapping

from embedded.parts import Part, Plan, Ready
from embedded.place import ROOT, Place
from embedded.stores import ADMIN, APP, STAFF, SYSTEM, Stores

LISTENING = ("web", "runtime")  # on a port of its own
INHERITED = (
    *("PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV", "SSL_CERT_FILE", "LD_LIBRARY_PATH"),
    *("CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "HF_HOME", "HF_HUB_OFFLINE"),
)
KEPT_OUT = ("LANDFALL_API_KEY", "LANDFALL_OTHER_API_KEY", "LANDFALL_STAFF_PASSWORD")  # of a sourced .landfall/env


def make(place: Place, stores: Stores, given: Mapping[str, str]) -> Plan:
    base = environment(place, stores, given)
    prepared = preparation(place, stores, base)
    return Plan(
        lock=str(place.folder / "supervisor.pid"), stages=(stores.parts, *prepared, processes(place, stores, base))
    )


def environment(place: Place, stores: Stores, given: Mapping[str, str]) -> dict[str, str]:
    """What every process of ours gets: `config.settings` says what each variable means."""
    wished = {name: value for name, value in given.items() if name.startswith("LANDFALL_") and name not in KEPT_OUT}
    return {
        **{name: given[name] for name in INHERITED if name in given},
        **wished,
        **stores.others,
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LANDFALL_MODE": "embedded",
        "LANDFALL_STATE": str(place.folder),
        "LANDFALL_SECRET_KEY": place.secrets["secret_key"],
        "LANDFALL_BASE_URL": address(place, "web"),
        "LANDFALL_RUNTIME_URL": address(place, "runtime"),
        "LANDFALL_RUNTIME_PORT": str(place.ports["runtime"]),
        "LANDFALL_WEBHOOKS_ALLOW_LOOPBACK": "1",
    }


def address(place: Place, part: str) -> str:
    return f"http://127.0.0.1:{place.ports[part]}"


def preparation(place: Place, stores: Stores, base: dict[str, str]) -> list[tuple[Part, ...]]:
    """Steps that need the rights of owner or superuser; each ends before anything serves."""
    steps = {
        "migrate": ("migrate", "--database", "owner", "--no-input"),
        "seed": ("seed_onebox", "--file", str(place.folder / "seed.json")),
    }
    if ADMIN in stores.databases:
        steps = {"provision": ("provision",), **steps}
    env = {**base, **stores.databases}
    return [
        (part(place, name, ("manage.py", *words), env, ready=None, within_s=120.0),) for name, words in steps.items()
    ]


def processes(place: Place, stores: Stores, base: dict[str, str]) -> tuple[Part, ...]:
    web = base | pick(stores, APP, STAFF)
    worker = base | pick(stores, APP, SYSTEM)
    return (
        part(place, "web", uvicorn(place), web, ready=Ready(url=f"{address(place, 'web')}/readyz")),
        part(
            place,
            "runtime",
            ("-m", "workers.runtime"),
            worker,
            ready=Ready(url=f"{address(place, 'runtime')}/readyz"),
        ),
        part(place, "gpu", celery("gpu", threads=1), worker, ready=Ready(line=r"gpu@\S+ ready\."), grace_s=30.0),
        part(place, "cpu", celery("cpu", threads=2), worker, ready=Ready(line=r"cpu@\S+ ready\."), grace_s=30.0),
        part(place, "courier", ("-m", "workers.courier"), worker, ready=Ready(line="courier ready")),
        part(place, "clock", ("-m", "workers.clock"), worker, ready=Ready(line="clock ready")),
    )


def part(
    place: Place,
    name: str,
    words: tuple[str, ...],
    env: dict[str, str],
    *,
    ready: Ready | None,
    within_s: float = 60.0,
    grace_s: float = 15.0,
) -> Part:
    """A program of ours: Python with `words`, run in the checkout."""
    return Part(
        name=name,
        argv=(sys.executable, *words),
        env=env,
        cwd=str(ROOT),
        log=str(place.log(name)),
        ready=ready,
        within_s=within_s,
        grace_s=grace_s,
    )


def uvicorn(place: Place) -> tuple[str, ...]:
    """No access log: an address may hold a key that a customer put there by mistake."""
    listen = ("--host", "127.0.0.1", "--port", str(place.ports["web"]))
    return ("-m", "uvicorn", "config.onebox:app", *listen, "--no-access-log", "--timeout-graceful-shutdown", "5")


def celery(queue: str, *, threads: int) -> tuple[str, ...]:
    """`-A jobs.celery` first: with `-A workers.gpu` the module would be imported before Django is set up."""
    app = ("-m", "celery", "-A", "jobs.celery", "worker", "-I", f"workers.{queue}", "-Q", queue, "-n", f"{queue}@%h")
    return (*app, "-P", "threads", "-c", str(threads), "-l", "INFO", "--without-gossip", "--without-mingle")


def pick(stores: Stores, *variables: str) -> dict[str, str]:
    return {variable: stores.databases[variable] for variable in variables}
