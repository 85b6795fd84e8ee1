"""When a failed delivery is tried again. Pure."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

MINUTE, HOUR = 60, 3600
DELAYS_S = (5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
ATTEMPTS = len(DELAYS_S) + 1
JITTER = 0.1  # share of the delay by which it may be longer: retries of one outage do not come back as one wave
LONGEST_WAIT_S = 24 * HOUR  # that a receiver's Retry-After may ask for
PATIENCE = timedelta(days=5)  # of nothing but failure, then the endpoint is disabled
HONOURED = (429, 502, 504)  # statuses whose Retry-After counts


def delay_after(attempt: int, *, retry_after_s: int | None = None) -> timedelta | None:
    """The wait after failed attempt number `attempt` (from 1); None when it was the last."""
    if attempt >= ATTEMPTS:
        return None
    planned = DELAYS_S[attempt - 1] * (1 + random.uniform(0, JITTER))
    return timedelta(seconds=max(planned, min(retry_after_s or 0, LONGEST_WAIT_S)))


def retry_after_s(status: int, header: str | None) -> int | None:
    """Seconds a receiver asks for (RFC 9110, 10.2.3: a number or a date); None where it does not or may not."""
    if status not in HONOURED or not header:
        return None
    if header.isascii() and header.isdigit() and len(header) <= 9:
        return int(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0, round((moment - datetime.now(UTC)).total_seconds()))
