"""W2: the receiver's own libraries verify what we sign, with the old secret and the new."""

import base64
from datetime import UTC, datetime

import openai
import pytest
from django.test import override_settings
from standardwebhooks import Webhook, WebhookVerificationError

from webhooks import signing

BODY = '{"id":"evt_1","object":"event","type":"fine_tuning.job.succeeded","data":{"id":"ftjob_ü"}}'.encode()


def signed(*seeds: signing.Seed, body: bytes = BODY) -> dict[str, str]:
    return signing.headers(message="evt_1", body=body, at=datetime.now(UTC), seeds=seeds)


def test_a_secret_is_32_bytes_and_never_the_same_twice() -> None:
    first, second = signing.secret(signing.new_seed()), signing.secret(signing.new_seed())
    assert first.startswith("whsec_")
    assert len(base64.b64decode(first.removeprefix("whsec_"))) == 32
    assert first != second


def test_standardwebhooks_verifies_the_exact_bytes() -> None:
    seed = signing.new_seed()
    assert Webhook(signing.secret(seed)).verify(BODY, signed(seed))["id"] == "evt_1"
    with pytest.raises(WebhookVerificationError):
        Webhook(signing.secret(seed)).verify(BODY.replace(b"evt_1", b"evt_2"), signed(seed))


def test_the_openai_sdk_verifies_and_reads_the_event() -> None:
    seed = signing.new_seed()
    client = openai.OpenAI(api_key="unused", webhook_secret=signing.secret(seed))
    event = client.webhooks.unwrap(BODY, signed(seed))
    assert isinstance(event, openai.types.webhooks.FineTuningJobSucceededWebhookEvent)
    assert event.data.id == "ftjob_ü"


def test_while_rotating_either_secret_verifies_and_a_third_does_not() -> None:
    old, new, other = signing.new_seed(), signing.new_seed(), signing.new_seed()
    headers = signed(new, old)
    for seed in (old, new):
        Webhook(signing.secret(seed)).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(signing.secret(other)).verify(BODY, headers)


def test_a_secret_survives_the_replacement_of_the_services_own_key() -> None:
    with override_settings(SECRET_KEY="the first key"):
        seed = signing.new_seed()
        secret = signing.secret(seed)
    with override_settings(SECRET_KEY="the second key", SECRET_KEY_FALLBACKS=["the first key"]):
        assert signing.secret(seed) == secret
    with override_settings(SECRET_KEY="the second key"), pytest.raises(signing.SecretKeyLost):
        signing.secret(seed)


def test_what_is_stored_does_not_give_the_secret_away() -> None:
    seed = signing.new_seed()
    assert seed.salt not in signing.secret(seed)
    with override_settings(SECRET_KEY="another deployment"):
        elsewhere = signing.Seed(salt=seed.salt, fingerprint=signing.new_seed().fingerprint)
        assert signing.secret(elsewhere) != signing.secret(
            signing.Seed(salt="0" * 64, fingerprint=elsewhere.fingerprint)
        )
    assert signing.secret(seed) != signing.secret(signing.Seed(salt="0" * 64, fingerprint=seed.fingerprint))
