"""The demo's webhook address over real HTTP: it believes the reference library's signatures and nothing else."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from embedded.demo.receiver import Receiver

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
OTHER_SECRET = "whsec_" + base64.b64encode(b"o" * 32).decode()
BODY = json.dumps({"id": "evt_1", "type": "fine_tuning.job.succeeded", "data": {"id": "ftjob_1"}}).encode()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as one:
        one.secret = SECRET
        yield one


def deliver(receiver: Receiver, body: bytes, *, secret: str = SECRET, signed: bytes | None = None) -> int:
    now = datetime.now(UTC)
    signature = Webhook(secret).sign(msg_id="evt_1", timestamp=now, data=(signed or body).decode())
    headers = {"webhook-id": "evt_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
    return httpx.post(receiver.url, content=body, headers=headers, trust_env=False).status_code


def test_a_valid_signature_is_believed(receiver: Receiver) -> None:
    assert deliver(receiver, BODY) == 204
    event = receiver.wait_for("fine_tuning.job.succeeded", "ftjob_1", limit_s=5)
    assert event is not None
    assert event.id == "evt_1"


def test_another_secret_and_a_changed_body_are_refused(receiver: Receiver) -> None:
    assert deliver(receiver, BODY, secret=OTHER_SECRET) == 401
    assert deliver(receiver, BODY.replace(b"ftjob_1", b"ftjob_2"), signed=BODY) == 401
    assert (receiver.received, receiver.refused) == ([], 2)


@pytest.mark.parametrize("signature", ["", "v1", "v1,not base64!", "v9,AAAA"])
def test_a_malformed_signature_is_refused(receiver: Receiver, signature: str) -> None:
    headers = {"webhook-id": "evt_1", "webhook-timestamp": str(int(datetime.now(UTC).timestamp()))}
    answer = httpx.post(receiver.url, content=BODY, headers=headers | {"webhook-signature": signature}, trust_env=False)
    assert answer.status_code == 401


def test_before_the_secret_is_known_the_sender_is_asked_to_come_back(receiver: Receiver) -> None:
    receiver.secret = None
    assert deliver(receiver, BODY) == 503


def test_waiting_for_another_job_s_event_ends_without_one(receiver: Receiver) -> None:
    assert deliver(receiver, BODY) == 204
    assert receiver.wait_for("fine_tuning.job.succeeded", "ftjob_2", limit_s=0.05) is None
