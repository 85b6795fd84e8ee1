"""Damaged files on which a reader written in Rust gives up in panic rather than with an error."""

from collections.abc import Iterator
from contextlib import contextmanager

from contracts.problems import Problem


@contextmanager
def told_as(problem: Problem, *errors: type[Exception]) -> Iterator[None]:
    """Raises `problem` for `errors` and for a panic, which is no `Exception`, and a class of its own in each wheel."""
    try:
        yield
    except BaseException as error:
        if isinstance(error, errors) or type(error).__name__ == "PanicException":
            raise problem from error
        raise
