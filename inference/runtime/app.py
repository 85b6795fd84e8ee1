"""The runtime's ASGI application: routes, asks who calls, and turns whatever happens into an answer of the surface.

Knows no Django, no store and no model kind; `build` is given the house's answers (`Directory`), a way to fetch an
artifact, and the sizes and times of `Settings`.
"""

import asyncio
import logging
import time
from urllib.parse import unquote

from contracts import ids, strict_json
from contracts.prediction import Placement, Principal
from contracts.problems import Problem, echo
from contracts.task import form_of
from inference.runtime.access import admitted
from inference.runtime.ask import Answer
from inference.runtime.batching import Batcher
from inference.runtime.directory import CachedDirectory, Directory
from inference.runtime.disk import Artifacts, Fetch
from inference.runtime.host import Host
from inference.runtime.http import ClientGone, Receive, Response, Scope, Send, read_json, respond, unless_gone
from inference.runtime.loading import loader
from inference.runtime.metrics import CONTENT_TYPE, Metrics
from inference.runtime.model import Load
from inference.runtime.pool import Pool
from inference.runtime.predicting import Predictor
from inference.runtime.refusal import Refusal, internal, refusal_of, retry_after
from inference.runtime.settings import Settings
from inference.runtime.surfaces.huggingface import HUGGINGFACE
from inference.runtime.surfaces.native import NATIVE
from inference.runtime.surfaces.openai import EMBEDDINGS
from inference.runtime.surfaces.surface import Surface

logger = logging.getLogger(__name__)

SURFACES = (NATIVE, HUGGINGFACE, EMBEDDINGS)
GONE = 499  # nginx's number for a client that hung up; only metrics and logs see it
HEADER_IDS = 64  # prediction ids a header holds; proxies cut headers of several KiB
PARSE_US = 0.02  # microseconds a byte of JSON
WRITE_US = 0.1  # microseconds a label, an entity or a number of a vector


def build(directory: Directory, fetch: Fetch, settings: Settings, *, load: Load | None = None) -> "App":
    """The application for one process. `load` replaces the way an artifact's folder becomes a model."""
    metrics = Metrics()
    batcher = Batcher(
        engines=settings.engines,
        batch_tokens=settings.batch_tokens,
        micro_tokens=settings.micro_tokens,
        queue_inputs=settings.queue_inputs,
        queue_inputs_total=settings.queue_inputs_total,
        observe=metrics.batch_size.observe,
    )
    pool = Pool(
        Artifacts(settings.cache, fetch, limit_bytes=settings.disk_bytes),
        load or loader(settings),
        memory_bytes=settings.memory_bytes,
        loaders=settings.loaders,
        loading_s=settings.loading_s,
        loading_requests=settings.loading_requests,
        broken_s=settings.broken_s,
    )
    return App(CachedDirectory(directory, ttl_s=settings.directory_s), pool, batcher, metrics, settings)


class App:
    """An ASGI 3 callable."""

    def __init__(
        self, directory: CachedDirectory, pool: Pool, batcher: Batcher, metrics: Metrics, settings: Settings
    ) -> None:
        self._directory, self._pool, self._batcher, self._metrics = directory, pool, batcher, metrics
        self._settings = settings
        self._host = Host()
        self._predictor = Predictor(pool, batcher, self._host)
        self._ready = False
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._exchange(scope, receive, send)
        else:
            raise ValueError(f"this runtime speaks no {scope['type']}")

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()  # lifespan.startup
        self._ready = True
        await send({"type": "lifespan.startup.complete"})
        await receive()  # lifespan.shutdown
        self._ready = False
        deadline = time.monotonic() + self._settings.drain_s
        while self._under_way and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        for part in (self._batcher, self._pool, self._host):
            part.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _exchange(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id, started = ids.new("req"), time.perf_counter()
        surface, endpoint = _routed(scope)
        self._under_way += 1
        status = GONE
        try:
            response = await self._answer(surface, endpoint, scope, receive, request_id)
            status = response.status
            headers = {"X-Request-Id": request_id, **response.headers}
            await respond(send, Response(status, response.body, headers, response.content_type))
        except ClientGone:
            logger.info("request %s: the client went away", request_id)
        finally:
            self._under_way -= 1
            self._metrics.answered(surface.name if surface else "other", status, time.perf_counter() - started)

    async def _answer(
        self, surface: Surface | None, endpoint: str, scope: Scope, receive: Receive, request_id: str
    ) -> Response:
        try:
            if surface is None:
                return self._page(scope)
            return await self._predict(surface, endpoint, scope, receive)
        except ClientGone:
            raise
        except Problem as problem:
            refusal = refusal_of(problem)
        except Exception:
            logger.exception("request %s failed, %s", request_id, scope["path"][:200])
            refusal = internal()
        body = (surface or NATIVE).refuse(refusal, request_id)
        return Response(refusal.status, body, refusal.headers)

    async def _predict(self, surface: Surface, endpoint: str, scope: Scope, receive: Receive) -> Response:
        if scope["method"] != "POST":
            raise Refusal(405, "method_not_allowed", "Use POST.", headers={"Allow": "POST"})
        principal = await admitted(self._directory, scope)
        placement = None if surface.endpoint else await self._placed(principal, endpoint)  # before the body is read
        raw = await read_json(scope, receive, limit=self._settings.body_bytes, seconds=self._settings.body_s)
        body = await self._host.run(PARSE_US * len(raw), strict_json.parse, raw)
        if placement is None:
            placement = await self._placed(principal, surface.endpoint(body) if surface.endpoint else endpoint)
        request = surface.read(body, form_of(placement.task_kind, placement.task_form), self._settings.inputs)
        try:
            async with asyncio.timeout(self._settings.answer_s):
                answer = await unless_gone(receive, self._predictor.predict(placement, request.ask))
        except TimeoutError as error:
            message = f"No answer within {self._settings.answer_s:g} s; send fewer inputs at a time or try again."
            raise Refusal(504, "timeout", message, headers=retry_after(5)) from error
        estimate = WRITE_US * sum(prediction.outcome.size for prediction in answer.predictions)
        return Response(200, await self._host.run(estimate, request.write, answer), _headers(answer))

    async def _placed(self, principal: Principal, endpoint: str) -> Placement:
        placement = await self._directory.resolve(principal.tenant, endpoint)
        if placement is None:
            raise Refusal(404, "not_found", f"There is no endpoint {echo(endpoint)}.", param="id")
        return placement

    def _page(self, scope: Scope) -> Response:
        """Health and metrics; anything else is 404."""
        path = scope["path"]
        if path == "/livez":
            return Response(200, b'{"status":"ok"}')
        if path == "/readyz":
            return Response(200, b'{"status":"ok"}') if self._ready else Response(503, b'{"status":"draining"}')
        if path == "/metrics":
            gauges = {
                "models": len(self._pool),
                "model_bytes": self._pool.bytes,
                "waiting_inputs": self._batcher.waiting,
                "requests_under_way": self._under_way,
            }
            return Response(200, self._metrics.text(gauges), content_type=CONTENT_TYPE)
        raise Refusal(404, "not_found", "There is nothing at this address; see /docs.")


def _routed(scope: Scope) -> tuple[Surface | None, str]:
    """The surface and its endpoint. Paths are matched raw: an encoded slash belongs to the name."""
    path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
    for surface in SURFACES:
        if found := surface.path.fullmatch(path):
            return surface, unquote(found[1]) if surface.endpoint is None else ""
    return None, ""


def _headers(answer: Answer) -> dict[str, str]:
    """Past `HEADER_IDS` inputs the header holds the first ids only."""
    names = ",".join(prediction.id for prediction in answer.predictions[:HEADER_IDS])
    return {"X-Prediction-Id": names, "X-Model-Version": answer.model}
