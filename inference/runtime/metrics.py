"""What the process did, in Prometheus' text format 0.0.4. Carries no tenant: the page is open to whoever scrapes.

Four series do not earn a client library; its format is a dozen lines.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Histogram:
    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def lines(self, name: str) -> list[str]:
        lines, total = [f"# TYPE {name} histogram"], 0
        for bound, count in zip((*self._bounds, "+Inf"), self._counts, strict=True):
            total += count
            lines.append(f'{name}_bucket{{le="{bound}"}} {total}')
        return [*lines, f"{name}_sum {self._sum}", f"{name}_count {total}"]


class Metrics:
    def __init__(self) -> None:
        self.requests: Counter[tuple[str, int]] = Counter()  # surface and status; 499: the client went away
        self.seconds = Histogram(SECONDS)
        self.batch_size = Histogram(SIZES)

    def answered(self, surface: str, status: int, seconds: float) -> None:
        self.requests[surface, status] += 1
        self.seconds.observe(seconds)

    def text(self, gauges: Mapping[str, float]) -> bytes:
        lines = ["# TYPE landfall_runtime_requests_total counter"]
        for (surface, status), count in sorted(self.requests.items()):
            lines.append(f'landfall_runtime_requests_total{{surface="{surface}",status="{status}"}} {count}')
        lines += self.seconds.lines("landfall_runtime_request_seconds")
        lines += self.batch_size.lines("landfall_runtime_batch_size")
        for name, value in gauges.items():
            lines += [f"# TYPE landfall_runtime_{name} gauge", f"landfall_runtime_{name} {value}"]
        return ("\n".join(lines) + "\n").encode()
