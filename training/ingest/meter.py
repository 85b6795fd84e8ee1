"""How far a compressed file may grow: refused the moment it has grown too far, not once the disk is full."""

from contracts.ingestion import Limits
from contracts.problems import Problem, echo

HARMLESS = 16 << 20  # bytes: below this no ratio is worth refusing; a short file of one repeated row reaches any


class Meter:
    """Counts the bytes that come out of `packed` bytes of a file."""

    def __init__(self, filename: str, packed: int, limits: Limits) -> None:
        self.filename = filename
        self.packed = packed
        self.limits = limits
        self.unpacked = 0

    def add(self, count: int) -> None:
        """Raises `Problem`: `unpacked_too_large`, `compression_ratio`."""
        self.unpacked += count
        if self.unpacked > self.limits.unpacked_bytes:
            message = (
                f"{echo(self.filename)} unpacks to more than {self.limits.unpacked_bytes:,} bytes, the limit. "
                "Send it in parts."
            )
            raise Problem("unpacked_too_large", message, param="file")
        if self.unpacked > max(HARMLESS, self.limits.compression_ratio * self.packed):
            message = (
                f"{echo(self.filename)} unpacks to more than {self.limits.compression_ratio} times its size, as no "
                "table of text does. Send it without compression."
            )
            raise Problem("compression_ratio", message, param="file")
