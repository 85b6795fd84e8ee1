"""The courier as it runs: its own process, a real database, real receivers. W1, W2, W4."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connections
from django.db.models.functions import Now
from standardwebhooks import Webhook

from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.webhooks import receiver as answers
from tests.webhooks.receiver import Handler, Receiver, receiving, status
from webhooks.models import Attempt, Delivery, WebhookEndpoint
from webhooks.services.deliveries import PER_ENDPOINT
from webhooks.services.endpoints import create, rotate_secret
from webhooks.services.events import emit

ROOT = Path(__file__).resolve().parents[2]
QUICK = ["--timeout-s", "2", "--lease-s", "3", "--poll-s", "0.2"]


@pytest.fixture(autouse=True)
def _tidy(database: None) -> None:
    """Every test here needs the database."""


def start(*arguments: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "workers.courier", *(arguments or QUICK)],
        cwd=ROOT,
        env={**os.environ, "LANDFALL_WEBHOOKS_ALLOW_LOOPBACK": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "courier ready" in line:
            return process
    raise AssertionError("the courier did not start")


def stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 0


@contextmanager
def courier(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = start(*arguments)
    try:
        yield process
    finally:
        if process.poll() is None:
            stop(process)


def endpoint(person: Person, receiver: Receiver) -> str:
    """Returns the secret."""
    with tenant_context(person.tenant.id):
        return str(create(by="key:x", url=receiver.url, event_types=["*"]).secret)


def emitted(person: Person) -> str:
    with tenant_context(person.tenant.id):
        return str(emit(type="fine_tuning.job.succeeded", data={"id": "ftjob_1"}, livemode=True).id)


def states(person: Person) -> set[str]:
    with tenant_context(person.tenant.id):
        return set(Delivery.objects.values_list("state", flat=True))


def test_an_event_arrives_signed_and_its_delivery_is_recorded(alice: Person) -> None:
    with receiving() as receiver, courier() as process:
        secret, event = endpoint(alice, receiver), emitted(alice)
        (request,) = receiver.wait_for(1)
        stop(process)  # which waits for the record
    assert request.headers["webhook-id"] == event
    assert Webhook(secret).verify(request.body, request.headers)["data"] == {"id": "ftjob_1"}
    assert states(alice) == {"succeeded"}


def test_a_rotated_secret_and_the_old_one_both_verify(alice: Person) -> None:
    with receiving() as receiver, courier():
        old = endpoint(alice, receiver)
        with tenant_context(alice.tenant.id):
            new = rotate_secret(by="key:x", endpoint=WebhookEndpoint.objects.get(), keep_old=True).secret
        emitted(alice)
        (request,) = receiver.wait_for(1)
    for secret in (old, new):
        Webhook(secret).verify(request.body, request.headers)


def test_a_failed_delivery_is_tried_again_with_the_same_bytes_under_the_same_id(alice: Person) -> None:
    with receiving(status(500), status(200)) as receiver, courier() as process:
        endpoint(alice, receiver)
        emitted(alice)
        first, second = receiver.wait_for(2)
        stop(process)
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] <= second.headers["webhook-timestamp"]
    assert states(alice) == {"succeeded"}


def test_dead_slow_and_flooding_receivers_delay_nobody_else(alice: Person, charlie: Person) -> None:
    """W4. More is due for the bad receivers than the courier has room for, and none of it will end in time."""
    endless = ("--timeout-s", "300", "--lease-s", "600", "--poll-s", "0.2", "--grace-s", "0.2")
    with (
        receiving(answers.hang) as dead,
        receiving(answers.trickle) as slow,
        receiving() as good,
        courier(*endless),
    ):
        for bad in (dead, slow):
            endpoint(alice, bad)
        with tenant_context(alice.tenant.id):
            for _ in range(80):
                emit(type="model.ready", data={"id": "mdl_1"}, livemode=True)
        dead.wait_for(4)
        slow.wait_for(4)
        endpoint(charlie, good)
        event = emitted(charlie)
        (request,) = good.wait_for(1)
        assert request.headers["webhook-id"] == event
    assert (len(dead.requests), len(slow.requests)) == (PER_ENDPOINT, PER_ENDPOINT)


def test_a_courier_killed_between_sending_and_recording_sends_again_under_the_same_id(alice: Person) -> None:
    """W1: at least once, with a stable id."""
    victims: list[subprocess.Popen[str]] = []

    def kill_the_sender(handler: Handler) -> None:
        victims[0].kill()
        status(200)(handler)

    with receiving(kill_the_sender, status(200)) as receiver:
        endpoint(alice, receiver)
        victims.append(start())
        event = emitted(alice)
        receiver.wait_for(1)
        victims[0].communicate(timeout=30)
        assert states(alice) == {"pending"}
        with courier() as second:
            first, again = receiver.wait_for(2)
            stop(second)
    assert first.headers["webhook-id"] == again.headers["webhook-id"] == event
    assert first.body == again.body
    assert states(alice) == {"succeeded"}
    with tenant_context(alice.tenant.id):
        assert list(Attempt.objects.order_by("number").values_list("number", "status")) == [(1, None), (2, 200)]


def test_told_to_stop_it_hands_back_what_hangs(alice: Person) -> None:
    with receiving(answers.hang) as receiver:
        endpoint(alice, receiver)
        process = start("--timeout-s", "60", "--lease-s", "600", "--poll-s", "0.2", "--grace-s", "0.5")
        emitted(alice)
        receiver.wait_for(1)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 0
    with tenant_context(alice.tenant.id):
        assert Attempt.objects.get().error == "interrupted"
        assert Delivery.objects.filter(state="pending", next_attempt_at__lte=Now()).count() == 1


def test_it_survives_the_loss_of_every_database_connection(alice: Person) -> None:
    with receiving() as receiver, courier():
        endpoint(alice, receiver)
        emitted(alice)
        receiver.wait_for(1)
        for role in ("default", "system"):
            with connections[role].cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()"
                )
        event = emitted(alice)
        assert event in [request.headers["webhook-id"] for request in receiver.wait_for(2)]


def test_two_couriers_share_the_work_without_doubling_it(alice: Person) -> None:
    with receiving() as receiver, courier() as one, courier() as two:
        endpoint(alice, receiver)
        sent = {emitted(alice) for _ in range(40)}
        received = [request.headers["webhook-id"] for request in receiver.wait_for(40)]
        stop(one)
        stop(two)
    assert len(receiver.requests) == 40
    assert set(received) == sent
