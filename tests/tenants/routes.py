"""Every route of /v1 as the URLConf has it, walked with a key: who is told what about whose things."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from inference.models import Endpoint
from jobs.models import Job
from tenants.models import ApiKey
from tenants.scoping import tenant_context
from tests.conftest import Person
from training.models import Dataset, Erasure, Export, File, FineTune, Model, Task, Upload
from webhooks.models import Event, WebhookEndpoint

VERBS = ("get", "head", "post", "put", "patch", "delete", "options", "trace")
ANSWERED_BY_THE_RUNTIME = "v1/endpoints/{}/predict"  # 503 here, whoever asks
OPEN = frozenset({"v1/openapi.json"})  # says what exists, of nobody

# What a route's first id is an id of. A route that is not listed fails the tests until it is.
NOUNS: dict[str, Any] = {
    "v1/organization/api_keys/": ApiKey,
    "v1/webhook_endpoints/": WebhookEndpoint,
    "v1/events/": Event,
    "v1/jobs/": Job,
    "v1/files/": File,
    "v1/uploads/": Upload,
    "v1/datasets/": Dataset,
    "v1/erasures/": Erasure,
    "v1/exports/": Export,
    "v1/tasks/": Task,
    "v1/fine_tuning/jobs/": FineTune,
    "v1/models/": Model,
    "v1/endpoints/": Endpoint,
}
# Bodies that pass the check of their shape, so that the id in the path is what is answered.
BODIES: dict[str, Any] = {
    "v1/webhook_endpoints/{}/recover": {"since": 0},
    "v1/uploads/{}/complete": {"part_ids": ["part_" + "0" * 26]},
    "v1/datasets/{}/derive": {"steps": [{"name": "strip_html"}]},
    "v1/datasets/{}/exports": {"format": "csv"},
    "v1/models/{}/aliases": {"name": "champion"},
    "v1/endpoints/{}/releases": {"model": "mdl_" + "0" * 26},
    "v1/endpoints/{}/predict": {"inputs": ["hello"]},
}


@dataclass(frozen=True)
class Route:
    """`path` has `{}` where an id belongs; `verbs` are those that the view answers."""

    path: str
    verbs: tuple[str, ...]

    @property
    def noun(self) -> Any:
        return NOUNS[self.path.partition("{}")[0]]


def routes(patterns: list[Any], before: str = "") -> Iterator[Route]:
    """Every route below /v1."""
    for entry in patterns:
        path = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, path)
        elif isinstance(entry, URLPattern) and path.startswith("v1/") and path not in OPEN:
            view: Any = getattr(entry.callback, "view_class", None)
            verbs = tuple(verb for verb in VERBS if hasattr(view, "get" if verb == "head" else verb))
            yield Route(_with_holes(path), verbs)


def every() -> list[Route]:
    return list(routes(get_resolver().url_patterns))


def with_an_id() -> list[Route]:
    return [route for route in every() if "{}" in route.path]


def unknown_nouns() -> set[str]:
    return {route.path for route in with_an_id() if route.path.partition("{}")[0] not in NOUNS}


def _with_holes(path: str) -> str:
    return "/".join("{}" if part.startswith("<") else part for part in path.split("/"))


def id_of(route: Route, owner: Person) -> str:
    with tenant_context(owner.tenant.id):
        key: str = route.noun.objects.values_list("pk", flat=True)[0]
        return key


def absent(key: str) -> str:
    """An id of the same kind that nobody has."""
    return key[:-26] + "0" * 26


def asked(key: str, verb: str, route: Route, name: str = "") -> HttpResponse:
    """What the bearer of `key` is answered; `name` fills the path."""
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {key}"} if key else {})
    path = "/" + route.path.replace("{}", name)
    body = (
        {"data": BODIES.get(route.path, {}), "content_type": "application/json"}
        if verb in ("post", "put", "patch")
        else {}
    )
    answer: HttpResponse = getattr(client, verb)(path, **body)
    return answer


def told(answer: HttpResponse, name: str) -> tuple[int, str, dict[str, str]]:
    """Status, body and headers without what differs from request to request: the request's id, the id asked for."""
    ours = answer.headers["X-Request-Id"]
    headers = {
        key: value for key, value in answer.headers.items() if not key.startswith(("X-Request-Id", "RateLimit-"))
    }
    return answer.status_code, answer.content.decode().replace(ours, "").replace(name, ""), headers


def leaks(owner: Person, outsider: Person) -> list[str]:
    """Verb and path wherever the outsider is told something else of the owner's thing than of an absent one."""
    found = []
    for route in with_an_id():
        if route.path in unknown_nouns():
            found += [f"{verb} {route.path}: nobody says whose ids it takes" for verb in route.verbs]
            continue
        theirs = id_of(route, owner)
        for verb in route.verbs:
            foreign, none = (told(asked(outsider.key, verb, route, key), key) for key in (theirs, absent(theirs)))
            expected = 503 if route.path == ANSWERED_BY_THE_RUNTIME else 404
            if foreign != none or (verb not in ("options", "trace") and foreign[0] != expected):
                found.append(f"{verb} {route.path}: {foreign[:2]} and {none[:2]}")
    return found


def refused_otherwise(key: str, status: int, code: str) -> list[str]:
    """Verb and path wherever the bearer of `key` is not refused just so."""
    found = []
    for route in every():
        for verb in route.verbs:
            answer: Any = asked(key, verb, route, "x")
            said = code if verb == "head" else answer.json()["error"]["code"] if answer.status_code >= 400 else None
            if (answer.status_code, said) != (status, code):
                found.append(f"{verb} {route.path}")
    return found
