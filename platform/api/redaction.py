"""Keeps secrets out of logs: API keys, webhook secrets, bearer headers and passwords in URLs."""

import logging
import re

SECRETS = re.compile(
    r"(?P<key>lf_(?:live|test)_)[0-9A-Za-z]+|(?P<hook>whsec_)[A-Za-z0-9+/=]+|(?P<bearer>[Bb]earer )\S+|(?P<url>://[^:/@\s]*:)[^@/\s]+(?=@)"
)


def redact(text: str) -> str:
    return SECRETS.sub(lambda match: f"{match.group(match.lastgroup or 0)}[redacted]", text)


class SecretFilter(logging.Filter):
    """Rewrites the finished message, so that arguments are covered too."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        clean = redact(message)
        if clean != message:
            record.msg, record.args = clean, ()
        return True
