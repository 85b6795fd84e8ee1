"""Endpoints: made under a name that is the tenant's own, found by id or name, deleted."""

import re

from django.db.models import Q, QuerySet

from api.errors import Conflict, NotFound
from contracts import ids
from contracts.problems import Problem, echo
from inference.models import Endpoint
from inference.models.endpoint import LONGEST_NAME
from tenants import audit

NAME = re.compile(rf"[a-z0-9][a-z0-9-]{{0,{LONGEST_NAME - 1}}}")  # never an id, which holds an underscore


class NameTaken(Conflict):
    def __init__(self, name: str) -> None:
        message = f"There is an endpoint named {echo(name)} already; release to it, or choose another name."
        super().__init__("name_taken", message, param="name")


def create(*, by: str, name: str, metadata: dict[str, str] | None = None, livemode: bool = True) -> Endpoint:
    """An endpoint without a release. Raises `Problem` for a name out of shape, `NameTaken`."""
    endpoint, made = find_or_create(by=by, name=name, metadata=metadata, livemode=livemode)
    if not made:
        raise NameTaken(name)
    return endpoint


def find_or_create(
    *, by: str, name: str, metadata: dict[str, str] | None = None, livemode: bool = True
) -> tuple[Endpoint, bool]:
    """The endpoint of that name and whether it was made now; of two calls at once, one makes it. Raises `Problem`."""
    if not NAME.fullmatch(name):
        message = f"An endpoint's name has 1 to {LONGEST_NAME} of a-z, 0-9 and -, and begins with a letter or digit."
        raise Problem("invalid_name", message, param="name")
    defaults = {"metadata": metadata or {}, "livemode": livemode}
    endpoint, made = Endpoint.objects.get_or_create(name=name, defaults=defaults)
    if made:
        audit.record(by=by, action="endpoint.created", target=endpoint.id, name=name)
    return endpoint, made


def listed() -> QuerySet[Endpoint]:
    rows: QuerySet[Endpoint] = Endpoint.objects.select_related("release")
    return rows


def find(key: str) -> Endpoint:
    """By id or name. Raises `NotFound`, for a foreign one too."""
    row = listed().filter(named(key)).first()
    if row is None:
        raise NotFound("endpoint", key)
    return row


def named(key: str) -> Q:
    """What a path's `{id}` means: an id, a name, or nothing that could be either."""
    if ids.well_formed(key, "ep"):
        return Q(id=key)
    return Q(name=key) if NAME.fullmatch(key) else Q(pk__in=[])


def delete(*, by: str, endpoint: Endpoint) -> None:
    """With its releases. The models stay; predictions are refused within the runtime's memory of two seconds."""
    locked = Endpoint.objects.select_for_update().filter(id=endpoint.id).first()
    if locked is None:
        raise NotFound("endpoint", endpoint.id)
    audit.record(by=by, action="endpoint.deleted", target=endpoint.id, name=locked.name)
    locked.delete()
