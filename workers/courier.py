"""Delivers webhooks: `python -m workers.courier`. Run as many as wanted; each delivery is leased to one at a time.

One event loop holds every connection, so that a slow or dead receiver costs a socket and delays nobody; how many
attempts one endpoint or one tenant may have in the air is decided where they are picked. The database is spoken to in
threads. It may restart at any time: what was picked falls due again when its lease ends, under the same event id.
"""

import argparse
import asyncio
import logging
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import ParamSpec, TypeVar

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import psycopg  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import Error, connections  # noqa: E402

from webhooks import signing  # noqa: E402
from webhooks.sending import TIMEOUT_S, Outcome, Sender  # noqa: E402
from webhooks.services import deliveries, endpoints  # noqa: E402
from webhooks.services.events import CHANNEL  # noqa: E402

logger = logging.getLogger("workers.courier")

AWAY = (Error, psycopg.Error)  # the database, whichever layer notices
IN_THE_AIR = 128  # attempts at once
POLL_S = 2.0  # between looks without a notification; retries fall due by the clock alone
LEASE_S = 60.0  # longer than an attempt and the patience of its recording together
GRACE_S = 8.0  # for attempts under way when told to stop; below the ten seconds that Docker allows
DATABASE_PAUSE_S = 1.0
RECORD_TRIES = 20

P = ParamSpec("P")
R = TypeVar("R")


class Courier:
    """Picks, sends, records, until told to stop."""

    def __init__(self, *, sender: Sender, lease_s: float, poll_s: float, grace_s: float) -> None:
        self._sender, self._lease, self._poll_s, self._grace_s = sender, timedelta(seconds=lease_s), poll_s, grace_s
        self._flying: dict[asyncio.Task[None], deliveries.Picked] = {}
        self._wake, self._stopping = asyncio.Event(), False

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        listener = asyncio.create_task(self._listen())
        while not self._stopping:
            self._wake.clear()
            if await self._pick() == 0:
                await self._rest()
        listener.cancel()
        await self._land()

    async def _pick(self) -> int:
        room = IN_THE_AIR - len(self._flying)
        if room == 0:
            return 0
        try:
            found = await _in_database(
                deliveries.pick, room=room, lease=self._lease, flying=list(self._flying.values())
            )
        except AWAY as error:
            logger.warning("the database does not answer: %s", error)
            await asyncio.sleep(DATABASE_PAUSE_S)
            return 0
        for picked in found:
            task = asyncio.create_task(self._deliver(picked))
            self._flying[task] = picked
            task.add_done_callback(self._landed)
        return len(found)

    async def _rest(self) -> None:
        """Until a notification, an attempt's end (which makes room) or the next look."""
        try:
            async with asyncio.timeout(self._poll_s):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _deliver(self, picked: deliveries.Picked) -> None:
        try:
            headers = signing.headers(
                message=picked.event, body=picked.payload, at=datetime.now(UTC), seeds=picked.seeds
            )
            outcome = await self._sender.send(picked.url, headers=headers, body=picked.payload)
        except asyncio.CancelledError:
            outcome = Outcome(duration_ms=0, error=deliveries.INTERRUPTED)
        except Exception:
            logger.exception("attempt %s of %s failed on our side", picked.number, picked.delivery)
            outcome = Outcome(duration_ms=0, error="internal_error")
        await self._record(picked, outcome)

    async def _record(self, picked: deliveries.Picked, outcome: Outcome) -> None:
        """Patient with a restarting database; when patience ends, the lease does too, and it is sent again."""
        for _ in range(RECORD_TRIES):
            try:
                return await _in_database(deliveries.record, picked, outcome)
            except AWAY as error:
                logger.warning("attempt %s of %s not recorded yet: %s", picked.number, picked.delivery, error)
                await asyncio.sleep(DATABASE_PAUSE_S)
        return logger.error("attempt %s of %s not recorded; it is made again", picked.number, picked.delivery)

    def _landed(self, task: asyncio.Task[None]) -> None:
        picked = self._flying.pop(task)
        self._wake.set()
        if not task.cancelled() and (error := task.exception()):
            logger.error("attempt %s of %s lost its record", picked.number, picked.delivery, exc_info=error)

    async def _land(self) -> None:
        """Lets attempts under way end; what does not in time is handed back to be made at once by another courier."""
        if not self._flying:
            return
        _, late = await asyncio.wait(self._flying, timeout=self._grace_s)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    async def _listen(self) -> None:
        """Turns NOTIFY into a wake-up. Losing the connection costs promptness, never a delivery."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    str(settings.LISTEN_URL), autocommit=True, connect_timeout=3
                ) as listener:
                    await listener.execute(f"LISTEN {CHANNEL}".encode())
                    async for _ in listener.notifies():
                        self._wake.set()
            except psycopg.Error as error:
                logger.warning("not listening to %s: %s", CHANNEL, error)
            await asyncio.sleep(DATABASE_PAUSE_S)


async def _in_database(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Runs in a thread and gives its connections back, so that a broken one is never met twice."""

    def tidy() -> R:
        try:
            return work(*args, **kwargs)
        finally:
            connections.close_all()

    return await asyncio.to_thread(tidy)


async def _serve(courier: Courier) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, courier.stop)
    logger.info("courier ready")
    await courier.run()


def main() -> None:
    parser = argparse.ArgumentParser(prog="workers.courier", description=__doc__.splitlines()[0])
    parser.add_argument("--timeout-s", type=float, default=TIMEOUT_S, help="of one attempt, in total")
    parser.add_argument("--lease-s", type=float, default=LEASE_S, help="after which a lost attempt is made again")
    parser.add_argument("--poll-s", type=float, default=POLL_S, help="between looks without a notification")
    parser.add_argument("--grace-s", type=float, default=GRACE_S, help="for attempts under way when told to stop")
    arguments = parser.parse_args()
    if "system" not in settings.DATABASES:
        raise SystemExit("The courier needs DATABASE_SYSTEM_URL: it delivers for every tenant.")
    sender = Sender(endpoints.policy(), timeout_s=arguments.timeout_s)
    courier = Courier(sender=sender, lease_s=arguments.lease_s, poll_s=arguments.poll_s, grace_s=arguments.grace_s)
    asyncio.run(_serve(courier))


if __name__ == "__main__":
    main()
