"""The way of one request through the runtime: model, pre, queue, core, post. Knows no protocol and no model kind."""

from collections.abc import Sequence

from contracts import ids
from contracts.prediction import Placement, Prediction
from contracts.problems import Fault
from inference.runtime.ask import Answer, Ask, Input
from inference.runtime.batching import Batcher
from inference.runtime.host import Host
from inference.runtime.model import Encoded, Model
from inference.runtime.pool import Pool
from inference.runtime.refusal import Invalid

CHARACTERS_PER_TOKEN = 64  # texts longer than this many times the model's tokens are refused unread
PRE_US = 0.7  # microseconds a character: measured with a WordPiece tokenizer
POST_US = 1.0  # microseconds a number of the output


class Predictor:
    def __init__(self, pool: Pool, batcher: Batcher, host: Host) -> None:
        self._pool, self._batcher, self._host = pool, batcher, host

    async def predict(self, placement: Placement, ask: Ask) -> Answer:
        """Raises `Refusal` in its many forms: too long, overloaded, loading, unavailable."""
        model = await self._pool.get(placement)
        self._batcher.check_room(model, len(ask.inputs))  # before any work is done for it
        items = await self._encoded(model, ask.inputs)
        outputs = await self._batcher.run(model, items)
        estimate = POST_US * sum(output.size for output in outputs)
        outcomes = await self._host.run(estimate, model.post, items, outputs, ask.parameters)
        predictions = [Prediction(id=ids.new("pred"), outcome=one) for one in outcomes]
        return Answer(predictions=predictions, model=placement.model, tokens=sum(item.tokens for item in items))

    async def _encoded(self, model: Model, inputs: Sequence[Input]) -> Sequence[Encoded]:
        _refuse(_absurd(inputs, model.max_tokens))
        items = await self._host.run(PRE_US * sum(map(len, inputs)), model.pre, inputs)
        _refuse(_too_long(items, model.max_tokens))
        return items


def _absurd(inputs: Sequence[Input], max_tokens: int) -> list[Fault]:
    limit = CHARACTERS_PER_TOKEN * max_tokens
    return [
        _fault(index, f"has {len(one):,} characters; texts over {limit:,} characters are refused unread, and this "
               f"model reads at most {max_tokens:,} tokens. Shorten it or send it in parts.")
        for index, one in enumerate(inputs)
        if len(one) > limit
    ]  # fmt: skip


def _too_long(items: Sequence[Encoded], max_tokens: int) -> list[Fault]:
    return [
        _fault(index, f"has {item.tokens:,} tokens; this model reads at most {max_tokens:,}. "
               "Shorten it or send it in parts.")
        for index, item in enumerate(items)
        if item.tokens > max_tokens
    ]  # fmt: skip


def _fault(index: int, sentence: str) -> Fault:
    return Fault(code="input_too_long", message=f"inputs[{index}] {sentence}", param=f"inputs[{index}]")


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise Invalid(faults)
