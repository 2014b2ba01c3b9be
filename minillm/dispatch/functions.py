"""Requests answered without a tree."""

from collections.abc import Mapping
from typing import Any, Unpack, overload

from ..report import Report
from ..stack import Model
from ..types import ChatRequest, ChatResponse, StreamEvent
from .asked import asked
from .call import DispatchedCall
from .options import DispatchOptions
from .reply import encode_reply
from .stream import DispatchedBytes, DispatchedEvents

__all__ = ["collect_stream_events", "dispatch_request", "dispatch_stream_events"]


@overload
async def dispatch_request(
    request: ChatRequest,
    gen: Model,
    *,
    wire: str | None = None,
    reply_wire: None = None,
    report: Report | None = None,
    **options: Unpack[DispatchOptions],
) -> ChatResponse: ...
@overload
async def dispatch_request(
    request: ChatRequest,
    gen: Model,
    *,
    wire: str | None = None,
    reply_wire: str,
    report: Report | None = None,
    **options: Unpack[DispatchOptions],
) -> dict[str, Any]: ...
@overload
async def dispatch_request(
    request: Mapping[str, Any],
    gen: Model,
    *,
    wire: str,
    reply_wire: str | None = None,
    report: Report | None = None,
    **options: Unpack[DispatchOptions],
) -> dict[str, Any]: ...
async def dispatch_request(
    request: ChatRequest | Mapping[str, Any],
    gen: Model,
    *,
    wire: str | None = None,
    reply_wire: str | None = None,
    report: Report | None = None,
    **options: Unpack[DispatchOptions],
) -> ChatResponse | dict[str, Any]:
    """The whole answer to a request.

    Args:
        request: a neutral request, or the JSON object of any wire. Whether it asks for a stream is not heeded. The
            model is the generator's, whatever the request names.
        gen: whatever can answer: a generator, a plan, a model.
        wire: the protocol of the JSON object; of a neutral request, that it was read from.
        reply_wire: the protocol of the answer; None is ``wire`` for a JSON object, and neutral for a neutral request.
        report: collects what the host could not be told and what the answer could not say; ``Report(strict=True)``
            refuses to lose anything, before anything is sent where that is known by then. None leaves it to
            ``unsupported``, which warns.

    Raises:
        BadRequestError: the body is no request of its wire (status 400, nothing was sent), or the host refused it.
        MiniLLMError: what ``node.complete`` raises. ``get_codec(wire).encode_error(error)`` says any in a wire's form.
    """
    call = DispatchedCall(asked(request, gen, wire, reply_wire, report, options))
    response = await call.run()
    call.report(response.losses)
    if call.asked.reply is None:
        return response
    told = Report.ignore() if report is None and call.asked.options.unsupported == "drop" else report
    return encode_reply(response, call.asked.reply, report=told)


@overload
def dispatch_stream_events(
    request: ChatRequest,
    gen: Model,
    *,
    wire: str | None = None,
    reply_wire: None = None,
    report: Report | None = None,
    **options: Unpack[DispatchOptions],
) -> DispatchedEvents: ...
@overload
def dispatch_stream_events(
    request: ChatRequest,
    gen: Model,
    *,
    wire: str | None = None,
    reply_wire: str,
    report: Report | None = None,
    **options: Unpack[DispatchOptions],
) -> DispatchedBytes: ...
@overload
def dispatch_stream_events(
    request: Mapping[str, Any],
    gen: Model,
    *,
    wire: str,
    reply_wire: str | None = None,
    report: Report | None = None,
    **options: Unpack[DispatchOptions],
) -> DispatchedBytes: ...
def dispatch_stream_events(
    request: ChatRequest | Mapping[str, Any],
    gen: Model,
    *,
    wire: str | None = None,
    reply_wire: str | None = None,
    report: Report | None = None,
    **options: Unpack[DispatchOptions],
) -> DispatchedEvents | DispatchedBytes:
    """The answer as it comes: events for a neutral request, the bytes of server-sent events for a wire's JSON.

    It is a context manager, and no bare async iterator: of such a one that is left early (``break``, an error, a
    cancelled task) Python closes what is behind it some time later, in another task. Leaving this closes the
    connection at once, by whatever way.

    Args: as :func:`dispatch_request`. What a stream loses of its answer stands in ``report`` as it comes.

    Raises: as :func:`dispatch_request`; what is wrong with the request at once, all else when it is entered.

    Example:
        >>> async with dispatch_stream_events(request, gen) as stream:
        ...     async for event in stream:
        ...         print(event)
    """
    settled = asked(request, gen, wire, reply_wire, report, options)
    call = DispatchedCall(settled, streamed=True)
    return DispatchedEvents(call) if settled.reply is None else DispatchedBytes(call)


async def collect_stream_events(
    request: ChatRequest,
    gen: Model,
    *,
    wire: str | None = None,
    report: Report | None = None,
    **options: Unpack[DispatchOptions],
) -> list[StreamEvent]:
    """All events of the streamed answer to a neutral request; ``minillm.types.collect`` makes the whole of them.

    Raises: as :func:`dispatch_request`; of a stream that fails, ``error.partial`` is what came.
    """
    async with dispatch_stream_events(request, gen, wire=wire, report=report, **options) as stream:
        return [event async for event in stream]
