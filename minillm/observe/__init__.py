"""Floor 2: telling a program what happens. Hooks, the logger, and OpenTelemetry in ``otel``, which loads its library.

    remove = minillm.observe.add(hook)                  everything in this process
    with minillm.observe.watching(hook): ...            what is begun in this block
    await node.complete(gen, observe=hook)              this call

A hook takes one event, see ``events``. With nothing added nothing is wrapped and nothing is measured.
"""

from .events import (
    AttemptEnded,
    AttemptStarted,
    ChunkReceived,
    Event,
    Paced,
    RequestEnded,
    RequestFailed,
    RequestStarted,
    RetryScheduled,
    RouteChanged,
    RunEnded,
    RunFailed,
    RunStarted,
    StreamOpened,
    ToolEnded,
    ToolFailed,
    ToolStarted,
)
from .hooks import Hook, Observe, Observer, add, as_observers, watching
from .logger import LOGGER, JSONFormatter
from .observation import (
    RequestObservation,
    RunObservation,
    ToolObservation,
    begin_run,
    begin_tool,
    current_request,
    paced,
    retry_scheduled,
    route_changed,
    watchers,
)

__all__ = [
    "LOGGER",
    "AttemptEnded",
    "AttemptStarted",
    "ChunkReceived",
    "Event",
    "Hook",
    "JSONFormatter",
    "Observe",
    "Observer",
    "Paced",
    "RequestEnded",
    "RequestFailed",
    "RequestObservation",
    "RequestStarted",
    "RetryScheduled",
    "RouteChanged",
    "RunEnded",
    "RunFailed",
    "RunObservation",
    "RunStarted",
    "StreamOpened",
    "ToolEnded",
    "ToolFailed",
    "ToolObservation",
    "ToolStarted",
    "add",
    "as_observers",
    "begin_run",
    "begin_tool",
    "current_request",
    "paced",
    "retry_scheduled",
    "route_changed",
    "watchers",
    "watching",
]
