"""Pure changes of requests and answers, for ``transforms=[...]``. Nothing here waits.

    chain           what a transform is, and in which order several work
    messages        instructions as the user's words; neighbours of one role as one message; nothing empty
    limits          ceilings for tokens; parameters left out
    tool_schemas    schemas of tools in a narrower dialect
    tool_arguments  arguments of calls made sound
    think_tags      thinking between tags, as reasoning
    citations       linked sources, as footnotes
    redaction       secrets taken out, both ways
    smoothing       text in even pieces

What changes texts as they stream in shares one engine: ``scanner`` (what it says of a text), ``rewriting`` (what
becomes of the events), ``text_parts`` (one part while it grows); ``kept`` does the rest for functions of your own.
"""

from importlib import import_module

from .chain import (
    RequestTransform,
    StreamChain,
    StreamTransform,
    Transform,
    change_response,
    run_request_middleware_chain,
    run_stream_middleware_chain,
)
from .think_tags import think_tags

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .citations import footnotes as footnotes
    from .limits import cap_tokens as cap_tokens
    from .limits import omit as omit
    from .messages import merge_contiguous as merge_contiguous
    from .messages import normalize_messages as normalize_messages
    from .messages import system_as_user as system_as_user
    from .redaction import redact as redact
    from .smoothing import smooth as smooth
    from .tool_arguments import repair_tool_arguments as repair_tool_arguments
    from .tool_schemas import adapt_tool_schemas as adapt_tool_schemas

__all__ = [
    "RequestTransform",
    "StreamChain",
    "StreamTransform",
    "Transform",
    "adapt_tool_schemas",
    "cap_tokens",
    "change_response",
    "footnotes",
    "merge_contiguous",
    "normalize_messages",
    "omit",
    "redact",
    "repair_tool_arguments",
    "run_request_middleware_chain",
    "run_stream_middleware_chain",
    "smooth",
    "system_as_user",
    "think_tags",
]

# Loaded when they are first asked for: every program imports this room, and few use them.
_HOMES = {
    "footnotes": "citations",
    "cap_tokens": "limits",
    "omit": "limits",
    "merge_contiguous": "messages",
    "normalize_messages": "messages",
    "system_as_user": "messages",
    "redact": "redaction",
    "smooth": "smoothing",
    "repair_tool_arguments": "tool_arguments",
    "adapt_tool_schemas": "tool_schemas",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value
