"""Encodings: UTF-8 is taken, everything else is named and asked for, and what was confirmed must be true."""

import pytest

from contracts.child import DONE
from tests.training.ingest.child import csv_of, good_rows, ingest

FRENCH = csv_of(
    (f"Où est ma carte n° {number} ? Je ne l'ai pas reçue", ("reçue", "débit")[number % 2]) for number in range(20)
)
RUSSIAN = csv_of((f"Купить машину недорого {number}", ("авто", "погода")[number % 2]) for number in range(20))
JAPANESE = csv_of((f"カードが届きません {number}", ("カード", "残高")[number % 2]) for number in range(20))
POLISH = csv_of(
    (f"Dlaczego płatność została odrzucona {number}", ("zwrot", "płatność")[number % 2]) for number in range(20)
)


def test_a_byte_order_mark_is_accepted_and_removed() -> None:
    outcome = ingest("\ufeff" + csv_of(good_rows()))
    assert outcome.told.columns == {"text": "text", "label": "label"}
    assert outcome.told.encoding == "utf-8"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (FRENCH, "cp1252"),
        (RUSSIAN, "cp1251"),
        (JAPANESE, "cp932"),
        (POLISH, "cp1250"),
        (FRENCH, "utf-16"),
        (FRENCH, "utf-32"),
        (FRENCH, "utf-16-le"),
        (FRENCH, "utf-16-be"),
    ],
)
def test_another_encoding_is_named_and_accepted_once_confirmed(content: str, encoding: str) -> None:
    raw = content.encode(encoding)
    fault = ingest(raw).faults["encoding_unconfirmed"]
    assert f'Send "encoding": "{encoding}" to confirm' in fault.message
    confirmed = ingest(raw, encoding=encoding)
    assert confirmed.code == DONE
    assert confirmed.told.encoding == encoding
    assert confirmed.frame.equals(ingest(content).frame)
    assert confirmed.told.sha256 == ingest(content).told.sha256


def test_the_question_shows_how_a_foreign_line_would_read() -> None:
    message = ingest(FRENCH.encode("cp1252")).faults["encoding_unconfirmed"].message
    assert "Où est ma carte n° 0" in message


def test_a_foreign_byte_far_behind_the_head_is_found() -> None:
    content = csv_of(good_rows(60_000)).encode() + "Où est la carte,card\r\n".encode("cp1252")
    assert len(content) > 1 << 20
    assert "'Où est la carte,card'" in ingest(content).faults["encoding_unconfirmed"].message


def test_damaged_utf_8_is_told_by_line_not_taken_for_another_encoding() -> None:
    raw = FRENCH.encode().replace(b" 3 ?", b" \xff3 ?").replace(b" 7 ?", b" \xe9 7 ?")
    assert ingest(raw).faults["invalid_encoding"].message.startswith("Lines 5 and 9: not valid utf-8")


@pytest.mark.parametrize(
    ("encoding", "damage"), [("utf-8", b"\xff"), ("ascii", "é".encode()), ("utf-16-le", b"\x00\xd8")]
)
def test_bytes_that_contradict_the_stated_encoding_are_refused_by_line(encoding: str, damage: bytes) -> None:
    lines = csv_of(good_rows()).splitlines()
    raw = "\n".join(lines[:3]).encode(encoding) + damage + "\n".join(["", *lines[3:]]).encode(encoding)
    assert ingest(raw, encoding=encoding).faults["invalid_encoding"].message.startswith("Line 3: not valid")


def test_a_half_character_at_the_end_is_refused() -> None:
    assert "invalid_encoding" in ingest("text,label\na,é".encode("utf-16")[:-1], encoding="utf-16").faults


def test_invalid_bytes_and_nul_come_together() -> None:
    raw = b"text,label\na\0,b\n\xff,c\n"
    assert set(ingest(raw, encoding="utf-8").faults) == {"invalid_encoding", "nul_not_allowed"}


def test_a_mark_is_removed_whatever_was_stated() -> None:
    raw = ("\ufeff" + csv_of(good_rows())).encode("utf-16-le")
    assert ingest(raw, encoding="utf-16-le").told.columns["text"] == "text"


@pytest.mark.parametrize("name", ["klingon", "rot13", "unicode_escape", "utf-7", "hex", "idna", "a\0b", ""])
def test_a_name_that_is_no_text_encoding_is_refused(name: str) -> None:
    assert "utf-8" in ingest(csv_of(good_rows()), encoding=name).faults["unknown_encoding"].message


@pytest.mark.parametrize("name", ["UTF8", "utf-8-sig", "latin1", "ISO-8859-1", "Windows-1252"])
def test_an_encoding_may_be_stated_under_any_of_its_names(name: str) -> None:
    assert ingest(csv_of(good_rows()), encoding=name).code == DONE
