"""A model that begins an answer and is interrupted: by Ctrl-C itself, or by whoever waits for its words."""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from minillm import ChatRequest, ChatResponse, TextPart
from minillm.chat_model import EventStream
from minillm.types import PartStart, StreamEvent, TextDelta

__all__ = ["Unfinished"]


class Unfinished:
    """Says ``words`` and then nothing more.

    Args:
        words: what comes; none at all is possible.
        interrupts: press Ctrl-C, once, in this process.
    """

    def __init__(self, *words: str, interrupts: bool = False) -> None:
        self._words = words
        self._interrupts = interrupts
        self.closed = 0

    async def complete(self, request: ChatRequest) -> ChatResponse:
        await self._stop()
        raise AssertionError("never comes here")

    @asynccontextmanager
    async def stream(self, request: ChatRequest) -> AsyncIterator[EventStream]:
        batches: list[list[StreamEvent]] = [[TextDelta(0, word)] for word in reversed(self._words)]
        if batches:
            batches[-1].insert(0, PartStart(0, TextPart("")))

        async def read() -> Sequence[StreamEvent] | None:
            if not batches:
                await self._stop()
            return batches.pop()

        stream = EventStream(read)
        try:
            await stream.peek()
            yield stream
        finally:
            self.closed += 1
            stream.end(None)

    async def _stop(self) -> None:
        if self._interrupts:
            self._interrupts = False  # twice would be another wish
            signal.raise_signal(signal.SIGINT)
        await asyncio.Event().wait()
