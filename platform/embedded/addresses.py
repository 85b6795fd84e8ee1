"""Where the running stack is reached and with which keys, as a value and as `.landfall/env`."""

import json
from dataclasses import dataclass
from pathlib import Path

from embedded import ports, private


@dataclass(frozen=True, kw_only=True)
class Addresses:
    base_url: str
    api_key: str  # of the example tenant acme
    other_api_key: str  # of globex, who must never see what is acme's
    console_url: str
    staff_user: str
    staff_password: str


VARIABLES = {
    "LANDFALL_BASE_URL": "base_url",
    "LANDFALL_API_KEY": "api_key",
    "LANDFALL_OTHER_API_KEY": "other_api_key",
    "LANDFALL_CONSOLE_URL": "console_url",
    "LANDFALL_STAFF_USER": "staff_user",
    "LANDFALL_STAFF_PASSWORD": "staff_password",
}


def read(folder: Path) -> Addresses:
    """Of an installation that has been started once."""
    base_url = f"http://127.0.0.1:{ports.read(folder / 'ports.json')['web']}"
    seed = json.loads((folder / "seed.json").read_text())
    return Addresses(
        base_url=base_url,
        api_key=seed["acme_key"],
        other_api_key=seed["globex_key"],
        console_url=f"{base_url}/console/",
        staff_user=seed["staff_user"],
        staff_password=seed["staff_password"],
    )


def write(folder: Path, found: Addresses) -> Path:
    """KEY=value lines for `set -a; . .landfall/env`, readable by the owner alone."""
    path = folder / "env"
    private.write(path, "".join(f"{variable}={getattr(found, name)}\n" for variable, name in VARIABLES.items()))
    return path
