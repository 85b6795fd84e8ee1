"""Keys as strings, and how the Authorization header is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import keys
from tests.conftest import Person


def test_a_minted_key_is_well_formed_and_says_its_mode() -> None:
    for live, prefix in ((True, "lf_live_"), (False, "lf_test_")):
        minted = keys.mint(live=live)
        assert minted.startswith(prefix)
        assert keys.well_formed(minted)
    assert keys.mint(live=True) != keys.mint(live=True)


@given(st.data())
def test_one_mistyped_character_is_seen_without_a_query(data: st.DataObject) -> None:
    """CRC-32 finds every error within 32 bits."""
    minted = keys.mint(live=True)
    place = data.draw(st.integers(len("lf_live_"), len(minted) - 1))
    other = data.draw(st.sampled_from([letter for letter in keys.ALPHABET if letter != minted[place]]))
    assert not keys.well_formed(minted[:place] + other + minted[place + 1 :])


@given(st.text())
def test_any_other_text_is_no_key(text: str) -> None:
    assert not keys.well_formed(text)


@pytest.mark.parametrize("header", ["", "Basic {key}", "{key}", "Bearer", "Bearer {key}, Bearer {key}", "Bearer  "])
def test_a_header_that_names_no_single_key_is_401_with_a_challenge(alice: Person, header: str) -> None:
    answer = Person(tenant=alice.tenant, key="").get("/v1/files", Authorization=header.format(key=alice.key))
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_key_in_the_address_is_refused_and_not_repeated(alice: Person) -> None:
    answer = alice.get(f"/v1/files?api_key={alice.key}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "key_in_url")
    assert alice.key not in answer.content.decode()
