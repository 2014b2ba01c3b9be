"""What an answer cost whose exchange ended before it said so: looked up at the host, in the background.

OpenRouter keeps a record of each generation (https://openrouter.ai/docs/api-reference/get-a-generation). It appears
some ten seconds after the generation has ended, also after one that was left: most models are not stopped by that.
The connection is closed at once all the same, and whoever left waits for nothing; the bill says ``pending`` until the
record is there. ``await minillm.aclose()`` waits for lookups under way; a loop that ends without it cancels them.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from .. import loop_local
from ..errors import MiniLLMError
from ..generator import GeneratorInfo
from ..json import serialization
from ..providers import Secret, SecretHeaders, ask_key, key_headers
from ..transport import HTTPRequest, Timeouts
from ..types import Attempt, Usage
from ..wire.billed import as_dollars, billed
from ..wire.fields import as_count, as_object
from .exchange import key_of, prepare_host

__all__ = ["GenerationLookup", "read_record"]

Settle = Callable[[Usage | None], None]

#: Seconds before each question, 27 in all: the record may lag, and is a 404 until then.
WAITS: tuple[float, ...] = (1, 2, 4, 5, 5, 5, 5)
#: Seconds that closing waits for lookups under way.
PATIENCE = 10.0

_PREFIX = "gen-"
_TIMEOUTS = Timeouts(connect=10, first_byte=10, idle=10)
_MOST_BYTES = 1024 * 1024
_AGAIN = frozenset({404, 408, 425, 429, 500, 502, 503, 504, 524, 529})  # not there yet, or not now


class GenerationLookup:
    """Asks a generator's host for the record of an exchange.

    Args:
        path: of the record, under the host's address.
    """

    def __init__(self, generator: GeneratorInfo, path: str) -> None:
        self._generator = generator
        self._path = path

    def __call__(self, attempt: Attempt, answer_id: str, settle: Settle) -> bool:
        """Begin, and give what was found to ``settle``, once; None where nothing was.

        Args:
            answer_id: the id that the answer told, for hosts that send none in their headers.

        Returns:
            False where the exchange has no record; ``settle`` is not called then.
        """
        number = next((id for id in (attempt.request_id, answer_id) if id and id.startswith(_PREFIX)), None)
        if number is None:
            return False
        try:
            running = loop_local.get("minillm.client.generation", _Lookups, _Lookups.drain)
        except RuntimeError:
            return False  # the stream was left behind after its loop had ended
        running.begin(self, number, settle)
        return True

    async def find(self, number: str) -> Usage | None:
        """The usage in the record; None where there is none in time, or the host will not tell."""
        for wait in WAITS:
            await asyncio.sleep(wait)
            try:
                status, body = await self._ask(number)
            except MiniLLMError as error:
                if not getattr(error, "retryable", False):
                    return None
                continue
            usage = read_record(body) if status == 200 else None
            if usage is not None:
                return usage
            if status != 200 and status not in _AGAIN:
                return None
        return None

    async def _ask(self, number: str) -> tuple[int, Any]:
        generator = self._generator
        host = prepare_host(generator)
        given = generator.api_key
        if given is not None and not isinstance(given, Secret):
            given = await ask_key(generator.provider, given)
        key = key_of(generator, given)
        headers = SecretHeaders(host.headers)
        if key is not None:
            headers.update(key_headers(generator.endpoint.auth, key))
        url = f"{host.base_url}{self._path}?id={quote(number, safe='')}"
        answer = await host.transport.send(HTTPRequest("GET", url, headers, None, _TIMEOUTS, _MOST_BYTES))
        try:
            if answer.status != 200:
                return answer.status, None
            return 200, serialization.loads(await answer.read())
        finally:
            answer.close()


class _Lookups:
    """Those under way in one loop."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()  # asyncio itself holds tasks weakly

    def begin(self, lookup: GenerationLookup, number: str, settle: Settle) -> None:
        task = asyncio.get_running_loop().create_task(_settled(lookup, number, settle), name="minillm bill lookup")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # A task that is cancelled before its first step runs none of its own code.
        task.add_done_callback(lambda done: settle(None) if done.cancelled() else None)

    async def drain(self) -> None:
        if self._tasks:
            _, late = await asyncio.wait([*self._tasks], timeout=PATIENCE)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)


async def _settled(lookup: GenerationLookup, number: str, settle: Settle) -> None:
    usage = None
    try:
        usage = await lookup.find(number)
    except Exception as error:
        import logging

        # Its class only: what a host or a key's callable says may hold a key.
        logging.getLogger("minillm").warning("the record of a generation was not read: %s", type(error).__name__)
    settle(usage)


def read_record(body: Any) -> Usage | None:
    """The usage that a record tells, None while it tells no sum.

    ``native_tokens_*`` are what is billed, ``tokens_*`` are counts by one tokenizer for all models. With a key of
    one's own at the model's host, ``total_cost`` is the fee alone.
    """
    record: Mapping[str, Any] = as_object((as_object(body) or {}).get("data")) or {}
    if as_dollars(record.get("total_cost")) is None:
        return None
    cost = billed(
        {"cost": record["total_cost"], "is_byok": record.get("is_byok"), "cost_details": dict(record)},
    )
    prompt = _count(record, "native_tokens_prompt", "tokens_prompt")
    output = _count(record, "native_tokens_completion", "tokens_completion")
    cached, reasoning = _count(record, "native_tokens_cached"), _count(record, "native_tokens_reasoning")
    if prompt is None or (cached or 0) > prompt:
        cached = None
    if output is None or (reasoning or 0) > output:
        reasoning = None
    return Usage(
        uncached_tokens=None if prompt is None else prompt - (cached or 0),
        cache_read_tokens=cached,
        output_tokens=output,
        reasoning_tokens=reasoning,
        cost_usd=cost,
    )


def _count(record: Mapping[str, Any], *names: str) -> int | None:
    return next((count for name in names if (count := as_count(record.get(name))) is not None), None)
