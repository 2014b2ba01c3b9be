"""An answer as the JSON list that a stream is when it was asked for without ``alt=sse``."""

from collections.abc import Sequence
from typing import Any

from ...json.serialization import dumps
from ...types import ChatResponse, collect
from ..sse import ServerSentEvent
from .stream import StreamDecoder

__all__ = ["decode_list"]


def decode_list(bodies: Sequence[Any]) -> ChatResponse:
    """The chunks of the list as one answer.

    Raises:
        APIError: one of them holds an error.
        DecodeError: they are no chunks of this wire.
        StreamInterrupted: none of them says why the answer ended.
    """
    decoder = StreamDecoder(keep_native=False)
    events = decoder.feed_many(ServerSentEvent("", dumps(body)) for body in bodies)
    return collect([*events, *decoder.finish()])
