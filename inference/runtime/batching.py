"""From single requests to the device's batches. Knows no model kind, no HTTP, no tenant: models and token counts.

There is no waiting timer: a batch is whatever queued while the engines were busy. Models take turns of `batch_tokens`
each, so a flood for one delays another by a turn. A turn is sorted by length and cut into micro-batches of
near-equal length, so that little padding is computed; every engine takes the next one as it becomes free.

All state belongs to the event loop; only `model.core` runs elsewhere, in the engines' threads.
"""

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from inference.runtime.model import Encoded, Model, Output
from inference.runtime.refusal import Refusal, retry_after

logger = logging.getLogger(__name__)


class Overloaded(Refusal):
    def __init__(self) -> None:
        message = "Too many inputs are waiting for this endpoint; send fewer at a time or try again shortly."
        super().__init__(429, "overloaded", message, headers=retry_after(1))


@dataclass(eq=False, slots=True)
class Ticket:
    """One request's inputs on their way through; `done` is cancelled when the client is gone."""

    items: Sequence[Encoded]
    done: asyncio.Future[list[Output]]
    taken: int = 0  # items that left the queue
    outputs: dict[int, Output] = field(default_factory=dict)

    def give(self, position: int, output: Output) -> None:
        self.outputs[position] = output
        if len(self.outputs) == len(self.items) and not self.done.done():
            self.done.set_result([self.outputs[place] for place in range(len(self.items))])

    def fail(self, error: BaseException) -> None:
        if not self.done.done():
            self.done.set_exception(error)


@dataclass(frozen=True, slots=True)
class Item:
    ticket: Ticket
    position: int

    @property
    def encoded(self) -> Encoded:
        return self.ticket.items[self.position]


@dataclass(frozen=True, slots=True)
class MicroBatch:
    model: Model
    items: list[Item]


class Batcher:
    """`observe` hears the size of every batch that reaches a model."""

    def __init__(
        self,
        *,
        engines: int,
        batch_tokens: int,
        micro_tokens: int,
        queue_inputs: int,
        queue_inputs_total: int,
        observe: Callable[[int], None] = lambda size: None,
    ) -> None:
        self._threads = ThreadPoolExecutor(engines, thread_name_prefix="engine")
        self._engines = self._idle = engines
        self._batch_tokens, self._micro_tokens = batch_tokens, micro_tokens
        self._queue_inputs, self._queue_inputs_total = queue_inputs, queue_inputs_total
        self._observe = observe
        self._queues: OrderedDict[Model, deque[Ticket]] = OrderedDict()  # whose turn it is comes first
        self._turn: deque[MicroBatch] = deque()  # what is left of the turn that was taken last
        self._pumping = False

    def check_room(self, model: Model, inputs: int) -> None:
        """Raises `Overloaded` where the queue has no room; an empty queue takes any request."""
        ahead = _waiting(self._queues.get(model, ()))
        if ahead and (ahead + inputs > self._queue_inputs or self.waiting + inputs > self._queue_inputs_total):
            raise Overloaded

    @property
    def waiting(self) -> int:
        """Inputs in all queues."""
        return sum(_waiting(queue) for queue in self._queues.values())

    async def run(self, model: Model, items: Sequence[Encoded]) -> list[Output]:
        """One output an item, in order. Raises `Overloaded`, or whatever `model.core` raised for one of these items."""
        self.check_room(model, len(items))
        loop = asyncio.get_running_loop()
        ticket = Ticket(items, loop.create_future())
        self._queues.setdefault(model, deque()).append(ticket)
        if not self._pumping:
            self._pumping = True
            loop.call_soon(self._pump)  # after the requests that arrived in the same breath
        try:
            return await ticket.done
        finally:
            if ticket.taken < len(items):
                self._forget(model, ticket)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _forget(self, model: Model, ticket: Ticket) -> None:
        self._queues[model].remove(ticket)
        if not self._queues[model]:
            del self._queues[model]

    def _pump(self) -> None:
        """Gives every idle engine its next micro-batch."""
        self._pumping = False
        while self._idle and (batch := self._next()):
            self._idle -= 1
            self._observe(len(batch.items))
            encoded = [item.encoded for item in batch.items]
            future = asyncio.get_running_loop().run_in_executor(self._threads, batch.model.core, encoded)
            future.add_done_callback(partial(self._finished, batch))

    def _next(self) -> MicroBatch | None:
        while True:
            while self._turn:
                batch = self._turn.popleft()
                items = [item for item in batch.items if not item.ticket.done.done()]  # clients that stayed
                if items:
                    return MicroBatch(batch.model, items)
            if not self._queues:
                return None
            self._take_turn()

    def _take_turn(self) -> None:
        """Moves the next model's oldest inputs, up to `batch_tokens`, from its queue into micro-batches."""
        model, queue = next(iter(self._queues.items()))
        items: list[Item] = []
        tokens = 0
        while queue and (not items or tokens < self._batch_tokens):
            ticket = queue[0]
            items.append(Item(ticket, ticket.taken))
            tokens += ticket.items[ticket.taken].tokens
            ticket.taken += 1
            if ticket.taken == len(ticket.items):
                queue.popleft()
        if queue:
            self._queues.move_to_end(model)
        else:
            del self._queues[model]
        cut = micro_batches(items, cells=self._micro_tokens, rows=-(-len(items) // self._engines))
        self._turn.extend(MicroBatch(model, part) for part in cut)

    def _finished(self, batch: MicroBatch, future: asyncio.Future[Sequence[Output]]) -> None:
        self._idle += 1
        if future.cancelled():
            return  # the batcher was closed
        error = future.exception()
        if error is None:
            self._pump()  # first the engine, then the answers
            for item, output in zip(batch.items, future.result(), strict=True):
                item.ticket.give(item.position, output)
            return
        if len(batch.items) == 1:
            batch.items[0].ticket.fail(error)
        else:  # one input may be to blame, or memory: each gets its own try
            logger.warning("a batch of %d failed and is tried one by one", len(batch.items), exc_info=error)
            self._turn.extendleft(MicroBatch(batch.model, [item]) for item in batch.items)
        self._pump()


def micro_batches(items: list[Item], *, cells: int, rows: int) -> list[list[Item]]:
    """Items of near-equal length together: at most `rows` of them and, padded to the longest, at most `cells` tokens.

    The longest come first: they take longest, and the engines finish together. A single item may exceed `cells`.
    """
    parts: list[list[Item]] = []
    longest = 0
    for item in sorted(items, key=lambda item: item.encoded.tokens, reverse=True):
        if not parts or len(parts[-1]) == rows or (len(parts[-1]) + 1) * longest > cells:
            parts.append([])
            longest = item.encoded.tokens
        parts[-1].append(item)
    return parts


def _waiting(queue: Sequence[Ticket] | deque[Ticket]) -> int:
    return sum(len(ticket.items) - ticket.taken for ticket in queue)
