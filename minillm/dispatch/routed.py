"""The same over several routes; the rules are those of :func:`minillm.fallback`."""

from collections.abc import Iterable, Mapping
from typing import Any, Unpack, overload

from ..report import Report
from ..routing import RoutePlan, fallback
from ..stack import Model
from ..types import ChatRequest, ChatResponse
from .functions import dispatch_request, dispatch_stream_events
from .options import DispatchOptions
from .stream import DispatchedBytes, DispatchedEvents

__all__ = ["dispatch_stream_with_fallback", "dispatch_with_fallback"]

Routes = RoutePlan | Iterable[Model]


@overload
async def dispatch_with_fallback(
    request: ChatRequest,
    routes: Routes,
    *,
    wire: str | None = None,
    reply_wire: None = None,
    report: Report | None = None,
    **options: Unpack[DispatchOptions],
) -> ChatResponse: ...
@overload
async def dispatch_with_fallback(
    request: ChatRequest,
    routes: Routes,
    *,
    wire: str | None = None,
    reply_wire: str,
    report: Report | None = None,
    **options: Unpack[DispatchOptions],
) -> dict[str, Any]: ...
@overload
async def dispatch_with_fallback(
    request: Mapping[str, Any],
    routes: Routes,
    *,
    wire: str,
    reply_wire: str | None = None,
    report: Report | None = None,
    **options: Unpack[DispatchOptions],
) -> dict[str, Any]: ...
async def dispatch_with_fallback(request: Any, routes: Routes, **options: Any) -> ChatResponse | dict[str, Any]:
    """The whole answer of the first route that gives one; ``response.attempts`` tells who that was, and what the
    others cost.

    Args:
        request, wire, reply_wire, report, options: as :func:`dispatch_request`.
        routes: generators, models or plans, asked in this order with the rules of :func:`minillm.fallback`; for others,
            a plan made with them.

    Raises:
        AllRoutesFailed: none gave one; ``errors`` and ``routes`` name each.
        MiniLLMError: the first error that no other route would do better with, such as BadRequestError.
        ConfigurationError: there is no route.
    """
    made: ChatResponse | dict[str, Any] = await dispatch_request(request, _plan(routes), **options)
    return made


@overload
def dispatch_stream_with_fallback(
    request: ChatRequest,
    routes: Routes,
    *,
    wire: str | None = None,
    reply_wire: None = None,
    report: Report | None = None,
    **options: Unpack[DispatchOptions],
) -> DispatchedEvents: ...
@overload
def dispatch_stream_with_fallback(
    request: ChatRequest,
    routes: Routes,
    *,
    wire: str | None = None,
    reply_wire: str,
    report: Report | None = None,
    **options: Unpack[DispatchOptions],
) -> DispatchedBytes: ...
@overload
def dispatch_stream_with_fallback(
    request: Mapping[str, Any],
    routes: Routes,
    *,
    wire: str,
    reply_wire: str | None = None,
    report: Report | None = None,
    **options: Unpack[DispatchOptions],
) -> DispatchedBytes: ...
def dispatch_stream_with_fallback(request: Any, routes: Routes, **options: Any) -> DispatchedEvents | DispatchedBytes:
    """The streamed answer of the first route that gives content. From there on the stream is that route's: a failure
    behind it is raised (or said in the stream of a wire), unless the plan's ``commit`` and ``midstream`` say otherwise.

    Args and errors: as :func:`dispatch_with_fallback` and :func:`dispatch_stream_events`. ``midstream="restart"`` is
    for events alone: in a wire's stream what was sent cannot be taken back.
    """
    made: DispatchedEvents | DispatchedBytes = dispatch_stream_events(request, _plan(routes), **options)
    return made


def _plan(routes: Routes) -> RoutePlan:
    return routes if isinstance(routes, RoutePlan) else fallback(routes)
