"""Ids as customers see them: `<prefix>_<ULID>`, lower case, sortable by the moment of creation (ULID spec)."""

import re

from ulid import ULID

PATTERN = re.compile(r"[a-z]{2,10}_[0-9a-hjkmnp-tv-z]{26}")  # Crockford's base 32, lower case
LENGTH = 40  # characters a column for ids needs: ten of prefix, the underscore, 26 of ULID, and room
CHECKPOINT = re.compile(r"(mdl_[0-9a-hjkmnp-tv-z]{26}):ckpt-step-([0-9]{1,9})")
ULID_LENGTH = 26  # characters after the underscore


def new(prefix: str) -> str:
    return f"{prefix}_{str(ULID()).lower()}"


def well_formed(value: str, prefix: str) -> bool:
    """Whether `value` could be an id of that kind; a malformed one is answered like an absent one."""
    return PATTERN.fullmatch(value) is not None and value.startswith(f"{prefix}_")


def checkpoint(model: str, step: int) -> str:
    """The name of a model on the way, as OpenAI spells it."""
    return f"{model}:ckpt-step-{step}"


def of_checkpoint(name: str) -> tuple[str, int] | None:
    """Model and step that such a name means; None where it is none."""
    found = CHECKPOINT.fullmatch(name)
    return (found[1], int(found[2])) if found else None
