"""A chunk of this wire back to itself: as it came where its events are as they were, else changed
exactly where they were changed.

The encoder reads every chunk again with a reader of its own, which stands where the decoder stood,
and so knows which event speaks of which place.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...errors import DecodeError
from ...types import (
    AudioDelta,
    CitationAdded,
    Finish,
    ImagePart,
    MessageStart,
    NativePart,
    PartStart,
    ReasoningDelta,
    RefusalDelta,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    ToolCallPart,
    UsageUpdate,
)
from ..fields import as_text
from ..residue import HINTS, hints_of
from ..sse import ServerSentEvent
from .chunk import ChunkReader, Pair, Path
from .citations import encode_citation, encode_logprobs
from .dialect import encode_reason
from .usage import encode_usage

__all__ = ["FrameEncoder"]

_GONE: Final = object()
_SAYS_NOTHING_ALONE: Final = (ReasoningDelta, TextDelta, RefusalDelta, ToolCallDelta)

Key = tuple[type, int, int]


class FrameEncoder:
    """Chunks that came over this wire, on their way back."""

    __slots__ = ("_head", "_reader")

    def __init__(self) -> None:
        self._reader = ChunkReader()
        self._head: dict[str, Any] = {}  # id, model and time, where the start was changed: they stand in each chunk

    def encode(
        self, chunk: Mapping[str, Any], events: Sequence[StreamEvent]
    ) -> tuple[ServerSentEvent, list[StreamEvent]]:
        """The frame for a chunk's events, and those that are not of the chunk."""
        name = as_text(hints_of(chunk).get("event")) or ""
        body: Any = {key: value for key, value in chunk.items() if key != HINTS}
        try:
            pairs = self._reader.read(body, is_error=name == "error")
        except DecodeError:  # then the decoder made no events of it either
            pairs = []
        spare: list[StreamEvent] = []
        if [event for event, _ in pairs] != list(events) and pairs:
            body, spare = self._patched(body, pairs, events)
        if self._head:
            body = {**body, **{key: value for key, value in self._head.items() if key in body}}
        from ...json.serialization import dumps

        return ServerSentEvent(name, dumps(body)), spare

    def _patched(
        self, chunk: Mapping[str, Any], pairs: Sequence[Pair], events: Sequence[StreamEvent]
    ) -> tuple[Any, list[StreamEvent]]:
        waiting: dict[Key, list[Pair]] = defaultdict(list)
        for pair in pairs:
            waiting[_key(pair[0])].append(pair)
        changed: list[StreamEvent] = []
        for event in events:
            queue = waiting[_key(event)]
            at = next((at for at, (before, _) in enumerate(queue) if before == event), None)
            if at is None:
                changed.append(event)
            else:
                del queue[at]
        body = _copy(chunk)
        spare: list[StreamEvent] = []
        for event in changed:
            queue = waiting[_key(event)]
            if not queue:
                spare.append(event)
                continue
            before, places = queue.pop(0)
            if isinstance(event, MessageStart) and isinstance(before, MessageStart):
                self._change_head(before, event)
            elif places:
                _write(body, event, places)
        for queue in waiting.values():
            for event, places in queue:
                _erase(body, event, places)
        return _pruned(body), spare

    def _change_head(self, before: MessageStart, event: MessageStart) -> None:
        for key in ("id", "model", "created"):
            value = getattr(event, key)
            if value != getattr(before, key):
                self._head[key] = value


def _key(event: StreamEvent) -> Key:
    return type(event), getattr(event, "choice", 0), getattr(event, "index", None) or 0


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _pruned(item) for key, item in value.items() if item is not _GONE}
    return [_pruned(item) for item in value if item is not _GONE] if isinstance(value, list) else value


def _at(body: Any, place: Path) -> Any:
    """The value at a place, or ``_GONE`` where the place has been taken away."""
    for step in place:
        if body is _GONE:
            return _GONE
        body = body[step]
    return body


def _put(body: Any, place: Path, value: Any) -> None:
    parent = _at(body, place[:-1])
    if parent is not _GONE:
        parent[place[-1]] = value


def _write(body: Any, event: StreamEvent, places: Sequence[Path]) -> None:
    """Say the changed event at its places."""
    first = places[0]
    if isinstance(event, ReasoningDelta):
        # The same words may stand as a text and, in pieces, in ``reasoning_details``.
        whole = [place for place in places if "reasoning_details" not in place]
        pieces = [place for place in places if "reasoning_details" in place]
        for place in (*whole, *pieces[:1]):
            _put(body, place, event.delta)
        for place in pieces[1:]:
            _put(body, place, "")
    elif isinstance(event, TextDelta | RefusalDelta):
        _put(body, first, event.delta)
        _write_logprobs(body, event, first)
    elif isinstance(event, ToolCallDelta):
        _put(body, first, event.delta)
    elif isinstance(event, PartStart):
        _write_part(body, event, first)
    elif isinstance(event, CitationAdded):
        _put(body, first, encode_citation(event.citation))
    elif isinstance(event, AudioDelta):
        audio = _at(body, first)
        said = {"data": event.data, "transcript": event.transcript}
        audio.update({key: value for key, value in said.items() if value or key in audio})
    elif isinstance(event, Finish):
        _put(body, first, encode_reason(event.reason, event.raw_reason, ours=True))
    elif isinstance(event, UsageUpdate):
        for place in places:
            _put(body, place, encode_usage(event.usage))


def _write_part(body: Any, event: PartStart, place: Path) -> None:
    part, said = event.part, _at(body, place)
    if isinstance(part, ToolCallPart) and isinstance(said, dict):
        inner = said if place[-1] == "function_call" else said.setdefault(part.kind, {})
        inner["name"] = part.name
        if place[-1] != "function_call" and said.get("id"):
            said["id"] = part.id
    elif isinstance(part, NativePart):
        block = part.block
        _put(body, place, block.get("executed_tools", block) if isinstance(block, dict) else block)
    elif isinstance(part, ImagePart):
        url = part.to_data_url() if part.data is not None else part.url
        said["image_url"] = {**said["image_url"], "url": url} if isinstance(said["image_url"], dict) else url


def _write_logprobs(body: Any, event: TextDelta | RefusalDelta, place: Path) -> None:
    choice = _at(body, place[:2])
    key = "content" if isinstance(event, TextDelta) else "refusal"
    said: Any = choice.get("logprobs")
    if event.logprobs is None:
        if isinstance(said, dict) and said.get(key):
            said[key] = None
        return
    entries = encode_logprobs(event.logprobs)
    if not isinstance(said, dict):
        said = {"content": None, "refusal": None}
        choice["logprobs"] = said
    said[key] = entries


def _erase(body: Any, event: StreamEvent, places: Sequence[Path]) -> None:
    """Take back what an event said that is gone."""
    for place in places:
        if isinstance(event, _SAYS_NOTHING_ALONE):
            _put(body, place, "")
            if isinstance(event, TextDelta | RefusalDelta):
                _write_logprobs(body, type(event)(event.index, ""), place)
        elif isinstance(event, Finish):
            _put(body, place, None)
        elif place:
            _put(body, place, _GONE)
