"""Serializer fields that take no guess: a string is a string, a number a number, an unknown field a fault."""

import difflib
from typing import Any

from rest_framework import serializers

from contracts.problems import echo

METADATA_PAIRS, METADATA_KEY, METADATA_VALUE = 16, 64, 512  # OpenAI's limits


class Text(serializers.CharField):
    default_error_messages = {"wrong_type": "Must be a string."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("wrong_type")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    default_error_messages = {"wrong_type": "Must be a whole number."}

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("wrong_type")
        return super().to_internal_value(data)


class Number(serializers.FloatField):
    default_error_messages = {"wrong_type": "Must be a number."}

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("wrong_type")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    default_error_messages = {"wrong_type": "Must be true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("wrong_type")
        return data


class Metadata(serializers.DictField):
    """Up to sixteen pairs of strings, kept with the object and returned with it."""

    child = Text(max_length=METADATA_VALUE, allow_blank=True)
    default_error_messages = {
        "too_many_items": f"May hold at most {METADATA_PAIRS} pairs.",
        "too_long": f"Keys may have at most {METADATA_KEY} characters.",
    }

    def to_internal_value(self, data: Any) -> dict[str, str]:
        pairs: dict[str, str] = super().to_internal_value(data)
        if len(pairs) > METADATA_PAIRS:
            self.fail("too_many_items")
        if any(len(key) > METADATA_KEY for key in pairs):
            self.fail("too_long")
        return pairs


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know, naming the nearest one it does, together with every other fault."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise serializers.ValidationError("Must be an object.", code="wrong_type")
        unknown = {key: [self._unknown(key)] for key in data if key not in self.fields}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if unknown and isinstance(error.detail, dict):
                raise serializers.ValidationError({**error.detail, **unknown}) from error
            raise
        if unknown:
            raise serializers.ValidationError(unknown)
        return value

    def _unknown(self, key: str) -> serializers.ErrorDetail:
        near = difflib.get_close_matches(key, self.fields.keys(), n=1)
        hint = f" Did you mean '{near[0]}'?" if near else f" Known fields: {', '.join(self.fields)}."
        return serializers.ErrorDetail(f"There is no field {echo(key)} here.{hint}", code="unknown_field")


def checked(serializer: type[StrictSerializer], data: Any) -> dict[str, Any]:
    """Validated input as a plain dict; raises DRF's ValidationError with every fault."""
    instance = serializer(data=data)
    instance.is_valid(raise_exception=True)
    validated: dict[str, Any] = dict(instance.validated_data)
    return validated
