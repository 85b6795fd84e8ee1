"""Models in memory: loaded once however many ask, the least recently used dropped beyond a number of bytes.

Knows no model kind and no HTTP. A broken artifact costs its own callers a 503, nobody else anything.
"""

import asyncio
import logging
import time
from collections import Counter, OrderedDict
from concurrent.futures import ThreadPoolExecutor

from contracts.prediction import Placement
from inference.runtime.disk import Artifacts
from inference.runtime.model import Load, Model
from inference.runtime.refusal import Refusal, retry_after

logger = logging.getLogger(__name__)

Key = tuple[str, str]  # tenant and prefix of the artifact


class ModelLoading(Refusal):
    def __init__(self) -> None:
        message = "The model is still loading; nothing is wrong, try again shortly."
        super().__init__(503, "model_loading", message, headers=retry_after(5))


class ModelUnavailable(Refusal):
    """The artifact is broken or cannot be reached; the log says which. Other models are not affected."""

    def __init__(self, wait_s: float) -> None:
        message = "The model behind this endpoint cannot be loaded now and is looked at; release another or try later."
        super().__init__(503, "model_unavailable", message, headers=retry_after(wait_s))


class Pool:
    def __init__(
        self,
        artifacts: Artifacts,
        load: Load,
        *,
        memory_bytes: int,
        loaders: int,
        loading_s: float,
        loading_requests: int,
        broken_s: float,
    ) -> None:
        self._artifacts, self._load = artifacts, load
        self._memory_bytes = memory_bytes
        self._loading_s, self._loading_requests, self._broken_s = loading_s, loading_requests, broken_s
        self._threads = ThreadPoolExecutor(loaders, thread_name_prefix="loader")
        self._models: OrderedDict[Key, Model] = OrderedDict()  # least recently used first
        self._loading: dict[Key, asyncio.Task[Model | None]] = {}
        self._waiters: Counter[Key] = Counter()
        self._broken: dict[Key, float] = {}  # when to try again

    @property
    def bytes(self) -> int:
        return sum(model.bytes for model in self._models.values())

    def __len__(self) -> int:
        return len(self._models)

    async def get(self, placement: Placement) -> Model:
        """The model, loaded if need be. Raises `ModelLoading` after `loading_s`, `ModelUnavailable` where it fails."""
        key = (placement.tenant, placement.prefix)
        model = self._models.get(key)
        if model is not None:
            self._models.move_to_end(key)
            return model
        self._refuse_while_broken(key)
        if self._waiters[key] >= self._loading_requests:
            raise ModelLoading
        self._waiters[key] += 1
        try:
            return await self._wait_for(key, placement)
        finally:
            self._waiters[key] -= 1
            if not self._waiters[key]:
                del self._waiters[key]

    def _refuse_while_broken(self, key: Key) -> None:
        pause = self._broken.get(key, 0.0) - time.monotonic()
        if pause > 0:
            raise ModelUnavailable(pause)
        self._broken.pop(key, None)

    async def _wait_for(self, key: Key, placement: Placement) -> Model:
        task = self._loading.get(key)
        if task is None:
            task = self._loading[key] = asyncio.create_task(self._loaded(key, placement))
        done, _ = await asyncio.wait({task}, timeout=self._loading_s)  # loading goes on when its callers give up
        if not done:
            raise ModelLoading
        model = task.result()
        if model is None:
            raise ModelUnavailable(self._broken_s)
        return model

    async def _loaded(self, key: Key, placement: Placement) -> Model | None:
        started = time.monotonic()
        try:
            model = await asyncio.get_running_loop().run_in_executor(self._threads, self._read, placement)
        except Exception:
            logger.exception("model %s of tenant %s cannot be loaded", placement.model, placement.tenant)
            self._broken[key] = time.monotonic() + self._broken_s
            return None
        finally:
            del self._loading[key]
        self._models[key] = model
        while self.bytes > self._memory_bytes and len(self._models) > 1:
            self._models.popitem(last=False)  # requests under way still hold it; then its memory is free
        logger.info(
            "model %s of tenant %s loaded in %.2f s, %d bytes",
            placement.model, placement.tenant, time.monotonic() - started, model.bytes,
        )  # fmt: skip
        return model

    def _read(self, placement: Placement) -> Model:
        with self._artifacts.opened(placement) as (folder, manifest):
            return self._load(placement.task_kind, folder, manifest)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
