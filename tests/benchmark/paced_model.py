"""A model that answers at known times."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from minillm.chat_model import EventStream
from minillm.errors import RateLimitError
from minillm.types import (
    ChatRequest,
    ChatResponse,
    Finish,
    FinishReason,
    MessageEnd,
    MessageStart,
    PartStart,
    StreamEvent,
    TextDelta,
    TextPart,
    Usage,
    UsageUpdate,
)


class PacedModel:
    """After ``first`` seconds a token, then one every ``each`` seconds.

    Args:
        tokens: of the answer; that is also what its usage tells, beside 1000 prompt tokens.
        stalls: from when to when the whole model stands still, on the loop's clock.
        refuses: every so many requests is refused at once.
        usage: whether it tells its usage.
    """

    def __init__(
        self,
        *,
        first: float = 0.2,
        each: float = 0.05,
        tokens: int = 5,
        stalls: tuple[float, float] | None = None,
        refuses: int = 0,
        usage: bool = True,
    ) -> None:
        self.first, self.each, self.tokens, self.stalls = first, each, tokens, stalls
        self.refuses, self.usage = refuses, usage
        self.requests: list[ChatRequest] = []
        self.under_way = self.most_under_way = 0

    async def complete(self, request: ChatRequest) -> ChatResponse:
        async with self.stream(request) as stream:
            return await stream.collect()

    @asynccontextmanager
    async def stream(self, request: ChatRequest) -> AsyncIterator[EventStream]:
        self.requests.append(request)
        if self.refuses and len(self.requests) % self.refuses == 0:
            raise RateLimitError("too fast", status=429)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            stream = EventStream(self._reader())
            await stream.peek()
            yield stream
            stream.end(None)
        finally:
            self.under_way -= 1

    def _reader(self):
        left: list[Sequence[StreamEvent]] = [
            [MessageStart("1", "paced"), PartStart(0, TextPart("")), TextDelta(0, "a")],
            *([TextDelta(0, " b")] for _ in range(self.tokens - 1)),
        ]
        end: list[StreamEvent] = [Finish(0, FinishReason.STOP, "stop"), MessageEnd()]
        if self.usage:
            end.insert(0, UsageUpdate(Usage(uncached_tokens=600, cache_read_tokens=400, output_tokens=self.tokens)))
        left.append(end)
        wait = self.first

        async def read() -> Sequence[StreamEvent] | None:
            nonlocal wait
            if not left:
                return None
            events = left.pop(0)
            if left:
                await self._sleep(wait)
                wait = self.each
            return events

        return read

    async def _sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if self.stalls is not None:
            now = asyncio.get_running_loop().time()
            begin, end = self.stalls
            if begin <= now < end:
                await asyncio.sleep(end - now)
