"""Files and folders that only their owner reads, and the secrets of one installation."""

import json
import os
import secrets
from pathlib import Path

NAMES = (
    *("postgres", "landfall_owner", "landfall_app", "landfall_system", "landfall_staff"),  # PostgreSQL roles
    *("redis", "s3_id", "s3_secret", "secret_key"),
)


def write(path: Path, text: str) -> None:
    """Atomically, mode 0600 from the first byte on."""
    draft = path.with_name(f".{path.name}.tmp")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
    draft.replace(path)


def folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def generate(record: Path) -> dict[str, str]:
    """The installation's secrets, made once and kept in `record`; hexadecimal, so that they fit in any URL."""
    known: dict[str, str] = json.loads(record.read_text()) if record.exists() else {}
    missing = [name for name in NAMES if name not in known]
    if missing:
        known.update({name: secrets.token_hex(24) for name in missing})
        write(record, json.dumps(known, indent=1))
    return known
