"""What a customer may be told when something is wrong with what they sent.

A `Problem` is the only exception whose words reach a customer. Everything else is logged in full and told as
`internal_error`. A `Fault` names the field or row and says how to mend it; a problem carries all faults at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

ECHO_LIMIT = 100  # characters of a customer's own input that an error may repeat


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong: a machine-readable `code`, a sentence, and the field (`param`) or row it sits in."""

    code: str
    message: str
    param: str | None = None


class Problem(Exception):
    """A failure the customer caused or can mend. `code` is stable; `message` is a sentence for them."""

    def __init__(self, code: str, message: str, *, param: str | None = None, faults: Sequence[Fault] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.param = param
        self.faults = tuple(faults) or (Fault(code=code, message=message, param=param),)

    @classmethod
    def of(cls, faults: Sequence[Fault]) -> "Problem":
        """One problem out of several faults; the first gives code, sentence and param."""
        first = faults[0]
        return cls(first.code, first.message, param=first.param, faults=faults)


class Unavailable(Exception):
    """A part that this one depends on (store, broker, runtime) is away. Nothing was accepted; trying again may help."""


def echo(value: object) -> str:
    """A customer's input as an error may repeat it: printable, quoted, at most `ECHO_LIMIT` characters."""
    text = "".join(character if character.isprintable() else "�" for character in str(value))
    return f"'{text if len(text) <= ECHO_LIMIT else text[: ECHO_LIMIT - 1] + '…'}'"
