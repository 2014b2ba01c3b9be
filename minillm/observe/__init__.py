"""Floor 2: telling a program what happens. Hooks, the logger, and OpenTelemetry in ``otel``, which loads its library.

    remove = minillm.observe.add(hook)                  everything in this process
    with minillm.observe.watching(hook): ...            what is begun in this block
    await node.complete(gen, observe=hook)              this call

A hook takes one event, see ``events``. With nothing added nothing is wrapped and nothing is measured.
"""

from importlib import import_module

from .hooks import Hook, Observe, Observer, add, as_observers, watching

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .events import AttemptEnded as AttemptEnded
    from .events import AttemptStarted as AttemptStarted
    from .events import ChunkReceived as ChunkReceived
    from .events import Event as Event
    from .events import Paced as Paced
    from .events import RequestEnded as RequestEnded
    from .events import RequestFailed as RequestFailed
    from .events import RequestStarted as RequestStarted
    from .events import RetryScheduled as RetryScheduled
    from .events import RouteChanged as RouteChanged
    from .events import RunEnded as RunEnded
    from .events import RunFailed as RunFailed
    from .events import RunStarted as RunStarted
    from .events import StreamOpened as StreamOpened
    from .events import ToolEnded as ToolEnded
    from .events import ToolFailed as ToolFailed
    from .events import ToolStarted as ToolStarted
    from .logger import LOGGER as LOGGER
    from .logger import JSONFormatter as JSONFormatter
    from .observation import RequestObservation as RequestObservation
    from .observation import RunObservation as RunObservation
    from .observation import ToolObservation as ToolObservation
    from .observation import begin_run as begin_run
    from .observation import begin_tool as begin_tool
    from .observation import current_request as current_request
    from .observation import paced as paced
    from .observation import retry_scheduled as retry_scheduled
    from .observation import route_changed as route_changed
    from .observation import watchers as watchers

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

# Loaded when they are first asked for: making the events' classes takes a tenth of ``import minillm``.
_HOMES = {
    "AttemptEnded": "events",
    "AttemptStarted": "events",
    "ChunkReceived": "events",
    "Event": "events",
    "Paced": "events",
    "RequestEnded": "events",
    "RequestFailed": "events",
    "RequestStarted": "events",
    "RetryScheduled": "events",
    "RouteChanged": "events",
    "RunEnded": "events",
    "RunFailed": "events",
    "RunStarted": "events",
    "StreamOpened": "events",
    "ToolEnded": "events",
    "ToolFailed": "events",
    "ToolStarted": "events",
    "LOGGER": "logger",
    "JSONFormatter": "logger",
    "RequestObservation": "observation",
    "RunObservation": "observation",
    "ToolObservation": "observation",
    "begin_run": "observation",
    "begin_tool": "observation",
    "current_request": "observation",
    "paced": "observation",
    "retry_scheduled": "observation",
    "route_changed": "observation",
    "watchers": "observation",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value
