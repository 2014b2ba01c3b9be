"""Which fields of a wire are worth telling when they stay behind, and which say nothing.

Structure (types, indices, padding, ids of items) and what equals the vendor's default are no loss; whatever
is null, empty, zero or false is none either.
"""

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["CONTAINERS", "GRAVE", "SLIGHT", "says_something"]

#: Structure, and ids that only point inside the same body.
_QUIET: Final = frozenset(
    {
        "id",
        "type",
        "object",
        "status",
        "role",
        "index",
        "obfuscation",
        "p",
        "sequence_number",
        "item_id",
        "output_index",
        "content_index",
        "closed",
        "completed_at",
        "created",
        "createTime",
        "anthropic_version",
        "stream",
        "model",  # said by the neutral field, or by who rewrites
        "cost_in_usd_ticks",  # read into Usage.cost_usd, which is judged there
        "prompt_cache_miss_tokens",  # the difference of two counts that are told
        "totalTokenCount",
        "total_tokens",
        "completion_tokens",  # a total in the host's own way of counting; ours is told instead
        "prompt_tokens",
    }
)

_OPAQUE: Final = frozenset({"data", "signature", "text", "summary"})

#: The vendors' defaults, as they stand in recorded answers and in the wire sheets.
_DEFAULTS: Final[dict[str, tuple[Any, ...]]] = {
    "service_tier": ("default", "auto", "standard", "on_demand"),
    "serviceTier": ("standard", "default"),
    "trafficType": ("ON_DEMAND",),
    "inference_geo": ("not_available",),
    "caller": ({"type": "direct"},),
    "truncation": ("disabled",),
    "thought": (True,),  # Gemini's mark of a part, said by its kind; elsewhere it may be anything
    "tool_choice": ("auto",),
    "parallel_tool_calls": (True,),
    "store": (True,),
    "temperature": (1, 1.0),
    "top_p": (1, 1.0),
    "text": (
        {"format": {"type": "text"}},
        {"format": {"type": "text"}, "verbosity": "medium"},
        {"format": {"type": "text"}, "verbosity": None},
    ),
    "format": ({"type": "text"},),
    "verbosity": ("medium",),
    "native_finish_reason": ("stop", "STOP", "completed", "length", "tool_calls", "end_turn", "tool_use"),
}

#: Objects that say something by being there at all.
_SWITCHES: Final = frozenset({"web_search_options"})

#: Objects of which the neutral fields say a part: what is left in them is told field by field.
CONTAINERS: Final = frozenset(
    {
        "prompt_tokens_details",
        "completion_tokens_details",
        "input_tokens_details",
        "output_tokens_details",
        "stream_options",
        "function",
        "custom",
        "image_url",
        "input_audio",
        "file",
        "source",
        "text",
        "reasoning",
        "thinking",
        "output_config",
        "metadata",
        "generationConfig",
        "thinkingConfig",
        "toolConfig",
        "functionCallingConfig",
        "functionCall",
        "functionResponse",
        "inlineData",
        "fileData",
        "content",
        "logprobs",
        "url_citation",
    }
)

#: Fields of answers whose loss is a loss of the answer's own content; the others are facts about it.
GRAVE: Final = frozenset(
    {
        "groundingMetadata",
        "citationMetadata",
        "urlContextMetadata",
        "logprobsResult",
        "citations",
        "search_results",
        "annotations",
        "container",
        "logprobs",
        "reasoning_details",
        "summary",
        "content",
    }
)

#: Wishes of requests that change nothing about the answer itself, only what comes beside it.
SLIGHT: Final = frozenset({"include", "stream_options", "usage"})


def says_something(key: str, value: Any) -> bool:
    """Whether a field that is left behind is worth telling."""
    if key in _SWITCHES:
        return value is not None
    if key in _QUIET or _is_empty(value):
        return False
    if key == "reasoning_details" and isinstance(value, list):  # what reasoning stands in, apart from it
        return any(isinstance(item, Mapping) and not _OPAQUE.isdisjoint(item) for item in value)
    if key.endswith("TokensDetails") and isinstance(value, list):
        # Gemini's counts by modality: of text alone they repeat the total.
        return any(isinstance(item, Mapping) and item.get("modality", "TEXT") != "TEXT" for item in value)
    return value not in _DEFAULTS.get(key, ())


def _is_empty(value: Any) -> bool:
    pending = [value]  # bodies may be nested deeper than Python likes to recurse
    while pending:
        item = pending.pop()
        if isinstance(item, Mapping):
            pending.extend(item.values())
        elif isinstance(item, list | tuple):
            pending.extend(item)
        elif item not in (None, "", 0, False):
            return False
    return True
