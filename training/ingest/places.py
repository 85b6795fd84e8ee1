"""Where something is wrong: row or line numbers, all of them counted, the first twenty kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field

FIRST = 20  # numbers a fault or a finding lists; the count says how many there are


@dataclass
class Tally:
    count: int = 0
    first: list[int] = field(default_factory=list)

    def add(self, number: int) -> None:
        self.count += 1
        if len(self.first) < FIRST:
            self.first.append(number)


def numbered(noun: str, first: Sequence[int], count: int) -> str:
    """`row 3`, `rows 3, 5 and 9`, `rows 1, 2, ... and 20 (the first 20 of 312)`."""
    if count == 1:
        return f"{noun} {first[0]}"
    words = f"{noun}s {', '.join(map(str, first[:-1]))} and {first[-1]}"
    return words if count == len(first) else f"{words} (the first {len(first)} of {count:,})"


def capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
