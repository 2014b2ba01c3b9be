"""What frames of a stream say beyond their events, told field by field.

Events carry their frame by reference; only here, on the way to another wire, is it looked through. Each
wire's table names the fields that events speak of; every other field stays behind.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ..errors import MiniLLMError
from ..types import Native
from .fields import as_count
from .foreign import Foreign
from .registry import get_codec
from .residue import HINTS

__all__ = ["unsaid_in"]

Frame = Mapping[str, Any]

_CHUNK: Final = frozenset({"choices", "model", "usage", "error", "detail", HINTS})
_CHOICE: Final = frozenset({"delta", "message", "finish_reason", "logprobs", "usage"})
_DELTA: Final = frozenset(
    {
        *("content", "refusal", "reasoning", "reasoning_content", "reasoning_details", "tool_calls"),
        *("function_call", "audio", "images", "annotations", "executed_tools"),
    }
)
_MESSAGE: Final = frozenset({"model", "content", "stop_reason", "usage"})
_STOP: Final = frozenset({"stop_reason"})
_DETAILS: Final = frozenset({"type", "explanation"})
_GEMINI: Final = frozenset({"candidates", "usageMetadata", "modelVersion", "responseId", "error"})
_CANDIDATE: Final = frozenset(
    {"content", "finishReason", "groundingMetadata", "citationMetadata", "urlContextMetadata"}
)
_TERMINAL: Final = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")


def unsaid_in(native: Native, foreign: Foreign) -> None:
    """Tell what a frame says beyond its events."""
    look = _LOOKS.get(native.wire)
    if look is not None and isinstance(native.data, Mapping):
        look(native.data, foreign)


def _rest(frame: Any, said: frozenset[str], path: str, foreign: Foreign) -> None:
    if isinstance(frame, Mapping):
        for key, value in frame.items():
            if key not in said:
                foreign.field(path, key, value)


def _number(choice: Frame, at: int) -> int:
    index = as_count(choice.get("index"))
    return at if index is None else index


def _chat(chunk: Frame, foreign: Foreign) -> None:
    _rest(chunk, _CHUNK, "", foreign)
    choices = chunk.get("choices")
    for at, choice in enumerate(choices if isinstance(choices, list) else ()):
        if isinstance(choice, Mapping):
            path = f"choices[{_number(choice, at)}]"
            _rest(choice, _CHOICE, path, foreign)
            _rest(choice.get("delta"), _DELTA, f"{path}.message", foreign)


def _anthropic(frame: Frame, foreign: Foreign) -> None:
    kind = frame.get("type")
    if kind == "message_start":
        _rest(frame.get("message"), _MESSAGE, "", foreign)
    elif kind == "message_delta":
        delta = frame.get("delta")
        _rest(delta, _STOP | {"stop_details"}, "", foreign)
        if isinstance(delta, Mapping):
            _rest(delta.get("stop_details"), _DETAILS, "stop_details", foreign)
        _rest(frame, frozenset({"delta", "usage"}), "", foreign)


def _gemini(chunk: Frame, foreign: Foreign) -> None:
    _rest(chunk, _GEMINI, "", foreign)
    candidates = chunk.get("candidates")
    for at, candidate in enumerate(candidates if isinstance(candidates, list) else ()):
        if isinstance(candidate, Mapping):
            _rest(candidate, _CANDIDATE, f"choices[{_number(candidate, at)}]", foreign)


def _responses(frame: Frame, foreign: Foreign) -> None:
    """The terminal frame holds the whole answer: what it says beyond its parts, which were told one by one."""
    if frame.get("type") not in _TERMINAL:
        return
    response = frame.get("response")
    if not isinstance(response, Mapping):
        return
    try:
        head = get_codec("openai_responses").decode_response({**response, "output": [], "usage": None})
    except MiniLLMError:
        return  # a failure, which is an event of its own
    foreign.residue("", head.native)


_LOOKS: Final[dict[str, Callable[[Frame, Foreign], None]]] = {
    "openai_chat_completions": _chat,
    "anthropic_messages": _anthropic,
    "gemini_generate_content": _gemini,
    "openai_responses": _responses,
}
