"""What happens during a call, a tool or a run, each as a small value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar

from ..types import (
    Attempt,
    ChatRequest,
    ChatResponse,
    CostInfo,
    StreamEvent,
    ToolCallPart,
    ToolResultPart,
    Usage,
)

__all__ = [
    "AttemptEnded",
    "AttemptStarted",
    "ChunkReceived",
    "Event",
    "Paced",
    "RequestEnded",
    "RequestFailed",
    "RequestStarted",
    "RetryScheduled",
    "RouteChanged",
    "RunEnded",
    "RunFailed",
    "RunStarted",
    "StreamOpened",
    "ToolEnded",
    "ToolFailed",
    "ToolStarted",
]


# A field that holds what people and models said: there only for hooks that asked for it, shown by no repr.
_CONTENT: Mapping[str, bool] = {"content": True}
_UNBILLED = CostInfo()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened.

    Args:
        id: the request, tool call or run it belongs to; a number of this process.
    """

    name: ClassVar[str] = ""

    id: int

    def bare(self) -> "Event":
        """The same without what people and models said."""
        said: dict[str, Any] = {name: None for name in _SAID.get(type(self), ()) if getattr(self, name) is not None}
        return replace(self, **said) if said else self


# ---------------------------------------------------------------- a request, retries and all


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestStarted(Event):
    """A model is about to be asked.

    Args:
        parent: the request, tool call or run within which this happens, where there is one.
        host: the provider row's name; of a model that is no host, its class.
        model: the model asked for.
        wire: the protocol spoken; empty where there is none.
        address: the server's name; None where that is not known yet.
        port: its port.
        streaming: the answer is asked for in pieces.
        plan: it is a plan of routes that is asked; each route is a request of its own, with this as its parent.
        settings: the sampling parameters that were set, numbers and short words only.
        messages: how many messages are sent.
        tools: how many tools are offered.
        request: all that is asked. Content.
    """

    name = "request_started"

    parent: int | None = None
    host: str
    model: str
    wire: str = ""
    address: str | None = None
    port: int | None = None
    streaming: bool = False
    plan: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    messages: int = 0
    tools: int = 0
    request: ChatRequest | None = field(default=None, repr=False, metadata=_CONTENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paced(Event):
    """A request had to wait for its turn. Times are in seconds."""

    name = "paced"

    wait: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptStarted(Event):
    """One HTTP exchange of a request begins, the ``number``-th, counted from 1."""

    name = "attempt_started"

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptEnded(Event):
    """One HTTP exchange is over, well or not.

    Args:
        number: counted from 1.
        attempt: outcome, status, times, usage and cost; None where nothing was sent.
        error_type: the class of what ended it, where something did.
    """

    name = "attempt_ended"

    number: int
    attempt: Attempt | None = None
    error_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryScheduled(Event):
    """What failed is asked again.

    Args:
        number: of the failed try, counted from 1.
        wait: seconds until the next.
        error_type: the class of the failure.
        status: its HTTP status, where there was one.
    """

    name = "retry_scheduled"

    number: int
    wait: float
    error_type: str
    status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteChanged(Event):
    """Something happened to a route of a plan; its own request tells the rest.

    Args:
        route: its name, ``host:model``.
        index: its place in the plan, counted from 0.
        news: ``"selected"``, ``"failed"``, ``"skipped"``, ``"hedged"``, ``"abandoned"``, ``"cut"``, ``"restarted"`` or
            ``"continued"``; see :class:`minillm.RouteNews`.
        error_type: why, where it failed, was skipped or cut.
        until: when a route that failed will be asked again, in seconds since the epoch.
    """

    name = "route_changed"

    route: str
    index: int
    news: str
    error_type: str | None = None
    until: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamOpened(Event):
    """The first content of a stream has come, ``after`` so many seconds, waits and retries included."""

    name = "stream_opened"

    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkReceived(Event):
    """What one read of a stream brought. Only for hooks that were added with ``chunks=True``.

    Args:
        number: counted from 1.
        events: how many events it held.
        after: seconds since the request started.
        chunk: the events. Content.
    """

    name = "chunk_received"

    number: int
    events: int
    after: float
    chunk: Sequence[StreamEvent] | None = field(default=None, repr=False, metadata=_CONTENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEnded(Event):
    """A model has answered; or the caller has left its stream early.

    Args:
        duration: seconds, waits and retries included; of a stream until its last event, not until it was left.
        left: the stream was left before its end.
        first_content_after: seconds from sending to the first content of a stream, in the attempt that answered.
        response_id: the host's id of the answer.
        response_model: the model that says it answered.
        finish_reasons: one a choice.
        usage: tokens of the answer; ``attempts`` tell those of all.
        cost: the bill of all attempts.
        attempts: every HTTP exchange.
        losses: how many things the request could not say to this host.
        response: the answer. Content.
    """

    name = "request_ended"

    duration: float
    left: bool = False
    first_content_after: float | None = None
    response_id: str = ""
    response_model: str = ""
    finish_reasons: tuple[str, ...] = ()
    usage: Usage | None = None
    cost: CostInfo = _UNBILLED
    attempts: tuple[Attempt, ...] = ()
    losses: int = 0
    response: ChatResponse | None = field(default=None, repr=False, metadata=_CONTENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFailed(Event):
    """A model has not answered, or not to the end.

    Args:
        duration: seconds, waits and retries included.
        error_type: the class of the error; ``"CancelledError"`` where the caller's task was cancelled.
        status: the HTTP status, where there was one.
        first_content_after: seconds to the first content of a stream that was cut.
        response_id: the id of what came of the answer.
        response_model: the model that said it.
        usage: tokens of what came of the answer, as far as they were told.
        cost: the bill of all attempts.
        attempts: every HTTP exchange.
        error: it may quote what the host said. Content.
    """

    name = "request_failed"

    duration: float
    error_type: str
    status: int | None = None
    first_content_after: float | None = None
    response_id: str = ""
    response_model: str = ""
    usage: Usage | None = None
    cost: CostInfo = _UNBILLED
    attempts: tuple[Attempt, ...] = ()
    error: BaseException | None = field(default=None, repr=False, metadata=_CONTENT)


# ---------------------------------------------------------------- a tool


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolStarted(Event):
    """A function that a model asked for is about to be run.

    Args:
        parent: the run, request or tool call within which this happens, where there is one.
        tool: its name; ``"unknown"`` where the model asked for one that there is not.
        call_id: the id of the call.
        kind: ``"function"`` or ``"custom"``.
        description: what the model was told of it. Content.
        call: the call with its arguments. Content.
    """

    name = "tool_started"

    parent: int | None = None
    tool: str
    call_id: str
    kind: str = "function"
    description: str | None = field(default=None, repr=False, metadata=_CONTENT)
    call: ToolCallPart | None = field(default=None, repr=False, metadata=_CONTENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolEnded(Event):
    """It has given its result, after ``duration`` seconds. ``repaired``: its arguments were no JSON at first."""

    name = "tool_ended"

    tool: str
    call_id: str
    duration: float
    repaired: bool = False
    result: ToolResultPart | None = field(default=None, repr=False, metadata=_CONTENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFailed(Event):
    """It has raised, could not be run, or was cancelled.

    Args:
        error_type: the class of the error; ``"CancelledError"`` where the caller's task was cancelled.
        place: where it was raised: file, line and function.
        error: it may quote arguments. Content.
    """

    name = "tool_failed"

    tool: str
    call_id: str
    duration: float
    error_type: str
    place: str = ""
    error: BaseException | None = field(default=None, repr=False, metadata=_CONTENT)


# ---------------------------------------------------------------- a run: rounds of requests and tools


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    """An agent sets out: requests and tools until there is an answer.

    Args:
        parent: the run, request or tool call within which this happens, where there is one.
        agent: what it is called; may be empty.
        host: the provider row's name.
        model: the model asked for.
    """

    name = "run_started"

    parent: int | None = None
    agent: str = ""
    host: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded(Event):
    """A run is over.

    Args:
        duration: seconds.
        stop_reason: why it ended.
        rounds: how many requests it took.
        usage: the sum of their tokens.
        cost: the sum of their bills.
    """

    name = "run_ended"

    duration: float
    stop_reason: str = ""
    rounds: int | None = None
    usage: Usage | None = None
    cost: CostInfo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFailed(Event):
    """A run ended by an error, or was cancelled."""

    name = "run_failed"

    duration: float
    error_type: str
    error: BaseException | None = field(default=None, repr=False, metadata=_CONTENT)


_SAID: dict[type[Event], tuple[str, ...]] = {
    kind: tuple(item.name for item in fields(kind) if item.metadata.get("content"))
    for kind in (
        RequestStarted,
        ChunkReceived,
        RequestEnded,
        RequestFailed,
        ToolStarted,
        ToolEnded,
        ToolFailed,
        RunFailed,
    )
}
