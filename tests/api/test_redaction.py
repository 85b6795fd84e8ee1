"""A4: no secret reaches a log line, wherever in it the secret stands."""

import logging

import pytest

from api import keys
from api.redaction import SecretFilter

SECRETS = {
    "key": keys.mint(live=True),
    "test key": keys.mint(live=False),
    "webhook secret": "whsec_" + "A1b2" * 10,
    "password in an address": "postgresql://landfall:hunter2hunter2@127.0.0.1/db",
    "bearer": "Bearer abc.def.ghi",
}
HIDDEN = {"password in an address": "hunter2hunter2", "bearer": "abc.def.ghi"}


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("as_argument", [True, False])
def test_it_is_cut_out_of_the_finished_message(name: str, as_argument: bool) -> None:
    secret = SECRETS[name]
    message, arguments = ("failed for %s today", (secret,)) if as_argument else (f"failed for {secret} today", ())
    record = logging.LogRecord("test", logging.INFO, __file__, 1, message, arguments, None)
    assert SecretFilter().filter(record)
    said = record.getMessage()
    assert HIDDEN.get(name, secret.removeprefix("lf_live_").removeprefix("whsec_")) not in said
    assert said.startswith("failed for ")
    assert said.endswith(" today")


def test_other_words_stay_as_they_are() -> None:
    record = logging.LogRecord("test", logging.INFO, __file__, 1, "job %s: 50 %% done", ("ftjob_1",), None)
    SecretFilter().filter(record)
    assert record.getMessage() == "job ftjob_1: 50 % done"
