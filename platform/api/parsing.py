"""JSON bodies of requests: read strictly (`contracts.strict_json`), and always an object."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import BaseParser

from api.errors import ApiError
from contracts import strict_json
from contracts.problems import Problem


class StrictJSONParser(BaseParser):
    """`request.data` of every JSON endpoint: an object, UTF-8, at most DATA_UPLOAD_MAX_MEMORY_SIZE bytes."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        limit = int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise ApiError(413, "body_too_large", f"A JSON body may have at most {limit:,} bytes.")
        if not raw.strip():
            return {}
        value = strict_json.parse(raw)
        if not isinstance(value, dict):
            raise Problem("wrong_type", "The body must be a JSON object: {...}.")
        return value
