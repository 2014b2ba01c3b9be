"""Floor 8: the same without a tree: requests in, answers out, neutral or in any wire's own JSON.

functions  dispatch_request, dispatch_stream_events, collect_stream_events
routed     the two with fallback
stream     a stream while it is being read: events, or the bytes of a wire
reply      answers and streams in the words of a wire
call       one call, from what was said to its bill
asked      what was asked, read out of a neutral request or a wire's body
options    what a call may be told
"""

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..transforms.chain import run_request_middleware_chain as run_request_middleware_chain
    from ..transforms.chain import run_stream_middleware_chain as run_stream_middleware_chain
    from .functions import collect_stream_events as collect_stream_events
    from .functions import dispatch_request as dispatch_request
    from .functions import dispatch_stream_events as dispatch_stream_events
    from .options import DispatchOptions as DispatchOptions
    from .reply import encode_reply as encode_reply
    from .routed import dispatch_stream_with_fallback as dispatch_stream_with_fallback
    from .routed import dispatch_with_fallback as dispatch_with_fallback
    from .stream import DispatchedBytes as DispatchedBytes
    from .stream import DispatchedEvents as DispatchedEvents
    from .stream import DispatchedStream as DispatchedStream

__all__ = [
    "DispatchOptions",
    "DispatchedBytes",
    "DispatchedEvents",
    "DispatchedStream",
    "collect_stream_events",
    "dispatch_request",
    "dispatch_stream_events",
    "dispatch_stream_with_fallback",
    "dispatch_with_fallback",
    "encode_reply",
    "run_request_middleware_chain",
    "run_stream_middleware_chain",
]

_HOMES = {
    **dict.fromkeys(("collect_stream_events", "dispatch_request", "dispatch_stream_events"), ".functions"),
    **dict.fromkeys(("dispatch_stream_with_fallback", "dispatch_with_fallback"), ".routed"),
    **dict.fromkeys(("DispatchedBytes", "DispatchedEvents", "DispatchedStream"), ".stream"),
    **dict.fromkeys(("run_request_middleware_chain", "run_stream_middleware_chain"), "..transforms.chain"),
    "DispatchOptions": ".options",
    "encode_reply": ".reply",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(home, __name__), name)
    globals()[name] = value
    return value
