"""Results of tools, both ways: a message each, their pictures in a user message behind them all."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...types import Message, Part, TextPart, ToolResultPart
from ..cache_marks import LIFETIMES
from ..encoding import Encoding, add_extra
from ..fields import as_text, want_list
from ..residue import hints_of, put_hints, restore
from ..tool_calls import usable_id
from .calls import CallIds
from .content import decode_part, encode_part
from .dialect import native

__all__ = ["Results", "decode_result"]


def decode_result(raw: Mapping[str, Any], role: str, path: str, ids: CallIds) -> Message:
    """A message of role ``tool``, or of the deprecated role ``function``."""
    rest = {key: value for key, value in raw.items() if key not in ("role", "content")}
    hints: dict[str, Any] = {"asked": True}
    if role == "function":
        hints["role"] = role
    name = as_text(rest.get("name"))
    if name is not None:
        del rest["name"]
        hints["name"] = True
    call_id = usable_id(rest.get("tool_call_id"))
    if call_id:
        del rest["tool_call_id"]
    else:
        call_id = ids.answered(name)
        hints["invented"] = call_id
    content = raw.get("content")
    said: str | tuple[Part, ...] = ""
    if isinstance(content, str):
        said = content
    elif content is None and "content" not in raw:
        hints["no_content"] = True
    elif not content:
        rest["content"] = content
    else:
        items = want_list(content, f"{path}.content")
        said = tuple(decode_part(item, f"{path}.content[{at}]", asked=True) for at, item in enumerate(items))
    put_hints(rest, hints)
    return Message("tool", (ToolResultPart(call_id, name, said),), native=native(rest))


class Results:
    """Tool results on their way out.

    Every result of a turn must stand directly behind the calls, so pictures, which a tool message
    cannot hold, wait until the last of them is said.
    """

    __slots__ = ("_enc", "_pictures")

    def __init__(self, enc: Encoding) -> None:
        self._enc = enc
        self._pictures: list[dict[str, Any]] = []

    def add(self, message: Message, results: Sequence[ToolResultPart], out: list[dict[str, Any]], path: str) -> None:
        """A tool message for each result."""
        data = self._enc.residue(message.native) if len(results) == 1 else None
        first_other = next((at for at, part in enumerate(message.parts) if not isinstance(part, ToolResultPart)), None)
        if first_other is not None and any(isinstance(part, ToolResultPart) for part in message.parts[first_other:]):
            self._enc.report.note(path, "order of tool results", "results come before other content on this wire")
        for at, part in enumerate(message.parts):
            if isinstance(part, ToolResultPart):
                out.append(self._encode(part, data, f"{path}.content[{at}]"))
        if message.extra and data is None and len(results) == len(message.parts):
            for said in out[-len(results) :]:
                add_extra(said, message.extra, path)

    @property
    def waiting(self) -> bool:
        """Whether pictures are still to be said."""
        return bool(self._pictures)

    def flush(self, out: list[dict[str, Any]]) -> None:
        """The pictures that waited, as one user message."""
        if self._pictures:
            out.append({"role": "user", "content": self._pictures})
            self._pictures = []

    def _encode(self, part: ToolResultPart, data: Mapping[str, Any] | None, path: str) -> dict[str, Any]:
        enc, hints = self._enc, hints_of(data)
        said: dict[str, Any] = {"role": hints.get("role", "tool")}
        if hints.get("invented") != part.call_id:
            said["tool_call_id"] = enc.ids(part.call_id)
        if part.name is not None and (hints.get("name") or enc.quirks.tool_result_name):
            said["name"] = part.name
        content = self._content(part, path, came=data is not None)
        if data is None and isinstance(content, list) and len(content) == 1 and len(content[0]) == 2:
            content = content[0].get("text", content)  # one plain text: more hosts read it as such
        if content or not (hints.get("no_content") or (data is not None and "content" in data)):
            said["content"] = content
        if part.is_error:
            self._say_error(said, path)
        if part.cache is not None:
            self._mark(part, said, path)
        out = restore(said, data)
        return add_extra(out, part.extra, path)

    def _mark(self, part: ToolResultPart, said: dict[str, Any], path: str) -> None:
        """The message has no place for a mark; its last text has."""
        content = said.get("content")
        items = [{"type": "text", "text": content}] if isinstance(content, str) and content else content
        if not isinstance(items, list) or not items:
            self._enc.report.note(f"{path}.cache", "cache mark", "an empty result carries none on this wire")
        elif not any(key in items[-1] for key in LIFETIMES):
            self._enc.mark(items[-1], part.cache, path)
            if len(items[-1]) > 2:
                said["content"] = items

    def _content(self, part: ToolResultPart, path: str, *, came: bool) -> Any:
        if isinstance(part.content, str):
            return part.content
        items: list[dict[str, Any]] = []
        moved: list[dict[str, Any]] = []
        for at, piece in enumerate(part.content):
            place = f"{path}.content[{at}]"
            item = encode_part(piece, self._enc, place)
            if item is None:
                continue
            if came or isinstance(piece, TextPart):  # a peer put it there itself: OpenRouter takes pictures in results
                items.append(item)
            else:
                moved.append(item)
                self._enc.report.degraded(place, "media in a tool result", "it goes out in a user message behind it")
        if moved:
            self._pictures.append({"type": "text", "text": f"From the result of tool call {part.call_id}:"})
            self._pictures.extend(moved)
        if not items:
            return "The result is in the next user message." if moved else ""
        return items

    def _say_error(self, said: dict[str, Any], path: str) -> None:
        """There is no flag for it: the words must tell."""
        self._enc.report.degraded(f"{path}.is_error", "is_error", "there is no such flag; the result's text says it")
        content = said.get("content")
        if isinstance(content, str):
            said["content"] = content if content.lower().startswith("error") else f"Error: {content}"
        elif content:
            said["content"] = [{"type": "text", "text": "Error:"}, *content]
