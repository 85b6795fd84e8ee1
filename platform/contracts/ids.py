"""Ids as customers see them: `<prefix>_<ULID>`, lower case, sortable by the moment of creation (ULID spec)."""

import re

from ulid import ULID

PATTERN = re.compile(r"[a-z]{2,10}_[0-9a-hjkmnp-tv-z]{26}")  # Crockford's base 32, lower case
LENGTH = 40  # characters a column for ids needs: ten of prefix, the underscore, 26 of ULID, and room
ULID_LENGTH = 26  # characters after the underscore


def new(prefix: str) -> str:
    return f"{prefix}_{str(ULID()).lower()}"


def well_formed(value: str, prefix: str) -> bool:
    """Whether `value` could be an id of that kind; a malformed one is answered like an absent one."""
    return PATTERN.fullmatch(value) is not None and value.startswith(f"{prefix}_")
