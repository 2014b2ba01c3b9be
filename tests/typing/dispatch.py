"""What type checkers make of calls without a tree. Read by mypy and pyright, never run."""

from collections.abc import Mapping
from typing import Any, assert_type

from minillm import ChatRequest, ChatResponse, GeneratorInfo, RoutePlan
from minillm.dispatch import (
    DispatchedBytes,
    DispatchedEvents,
    collect_stream_events,
    dispatch_request,
    dispatch_stream_events,
    dispatch_stream_with_fallback,
    dispatch_with_fallback,
    encode_reply,
)
from minillm.types import StreamEvent

WIRE = "anthropic_messages"


async def whole(request: ChatRequest, body: Mapping[str, Any], gen: GeneratorInfo, plan: RoutePlan) -> None:
    """Neutral in, neutral out; JSON in or asked for, JSON out."""
    assert_type(await dispatch_request(request, gen, temperature=0, retry=2, output=int), ChatResponse)
    assert_type(await dispatch_request(request, plan, reply_wire=WIRE), dict[str, Any])
    assert_type(await dispatch_request(body, gen, wire=WIRE), dict[str, Any])
    assert_type(await dispatch_with_fallback(request, [gen, plan], retry=0), ChatResponse)
    assert_type(await dispatch_with_fallback(body, plan, wire=WIRE), dict[str, Any])
    assert_type(encode_reply(ChatResponse(), WIRE), dict[str, Any])
    await dispatch_request(body, gen)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    await dispatch_request(request, gen, attach=False)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]


async def streamed(request: ChatRequest, body: Mapping[str, Any], gen: GeneratorInfo) -> None:
    """Events of a neutral request, bytes of a wire's."""
    async with dispatch_stream_events(request, gen) as events:
        assert_type(events, DispatchedEvents)
        assert_type([event async for event in events], list[StreamEvent])
    async with dispatch_stream_events(body, gen, wire=WIRE) as said:
        assert_type(said, DispatchedBytes)
        assert_type([piece async for piece in said], list[bytes])
        assert_type(await said.finish(), ChatResponse)
    assert_type(dispatch_stream_events(request, gen, reply_wire=WIRE), DispatchedBytes)
    assert_type(dispatch_stream_with_fallback(body, [gen], wire=WIRE), DispatchedBytes)
    assert_type(dispatch_stream_with_fallback(request, [gen]), DispatchedEvents)
    assert_type(await collect_stream_events(request, gen), list[StreamEvent])
