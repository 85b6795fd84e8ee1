"""A ceiling on requests a key may make a minute, told in the RateLimit headers (IETF draft-ietf-httpapi-ratelimit).

Counted in this process's memory: a frozen or lost Redis must never hang or open the API. With n web processes a key
reaches at most n times the ceiling.
"""

import time
from threading import Lock
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from api.authentication import principal_of

WINDOW_S = 60
_lock = Lock()
_windows: dict[str, tuple[int, int]] = {}  # key id -> (window number, requests in it)


class KeyThrottle(BaseThrottle):
    """A fixed window a key; requests without a key are refused before they come here."""

    def allow_request(self, request: Request, view: Any) -> bool:
        limit: int = settings.REQUESTS_PER_MINUTE
        key = principal_of(request).key
        now = time.time()
        window = int(now // WINDOW_S)
        with _lock:
            number, used = _windows.get(key, (window, 0))
            used = used + 1 if number == window else 1
            if len(_windows) > 10_000:  # keys of past windows are forgotten before they add up
                _windows.clear()
            _windows[key] = (window, used)
        self.reset_s = WINDOW_S - now % WINDOW_S
        view.rate_limit = {
            "RateLimit-Limit": str(limit),
            "RateLimit-Remaining": str(max(0, limit - used)),
            "RateLimit-Reset": str(round(self.reset_s)),
        }
        return used <= limit

    def wait(self) -> float:
        return self.reset_s
