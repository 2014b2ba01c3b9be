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

from .chain import (
    RequestTransform,
    StreamChain,
    StreamTransform,
    Transform,
    change_response,
    run_request_middleware_chain,
    run_stream_middleware_chain,
)
from .citations import footnotes
from .limits import cap_tokens, omit
from .messages import merge_contiguous, normalize_messages, system_as_user
from .redaction import redact
from .smoothing import smooth
from .think_tags import think_tags
from .tool_arguments import repair_tool_arguments
from .tool_schemas import adapt_tool_schemas

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
