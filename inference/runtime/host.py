"""Host work beside the event loop: small pieces at once, larger ones in a thread, so that nobody waits behind them.

A thread costs ~0.1 ms of hand-over, more than most requests need for all of their own host work.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

SMALL_US = 1_000  # microseconds of estimated work that the loop does itself


class Host:
    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="host")

    async def run(self, estimate_us: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`function(*args)`, which should take about `estimate_us` microseconds."""
        if estimate_us <= SMALL_US:
            return function(*args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: function(*args, **kwargs))

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
