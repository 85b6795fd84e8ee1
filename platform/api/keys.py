"""API keys as strings: minting, the checksum that spares the database a query, the digest that is stored.

`lf_live_` or `lf_test_`, 32 random characters, 6 characters of CRC-32. 190 bits of chance make a slow hash needless
(NIST SP 800-63B asks for one where people choose the secret): a plain SHA-256 is kept, never the secret.
"""

import hashlib
import secrets
import string
import zlib

ALPHABET = string.digits + string.ascii_letters
BODY, CHECK = 32, 6  # characters
PREFIXES = {True: "lf_live_", False: "lf_test_"}
SHOWN_PREFIX = 12  # characters of a key that stay readable in lists, with the last four


def mint(*, live: bool) -> str:
    body = PREFIXES[live] + "".join(secrets.choice(ALPHABET) for _ in range(BODY))
    return body + _checksum(body)


def well_formed(secret: str) -> bool:
    """Prefix, length, alphabet and checksum agree; says nothing about whether the key exists."""
    prefix = next((prefix for prefix in PREFIXES.values() if secret.startswith(prefix)), None)
    if prefix is None or len(secret) != len(prefix) + BODY + CHECK or not secret.isascii():
        return False
    return _checksum(secret[:-CHECK]) == secret[-CHECK:]


def digest(secret: str) -> str:
    """Hex SHA-256, the only form of the secret that is ever stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _checksum(body: str) -> str:
    number, characters = zlib.crc32(body.encode()), []
    for _ in range(CHECK):
        number, digit = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[digit])
    return "".join(characters)
