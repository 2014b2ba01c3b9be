"""Calls of functions and their results, both ways. Ids are optional here, and results answer by name."""

from collections.abc import Mapping
from typing import Any, Final

from ...errors import DecodeError
from ...json.serialization import dumps, loads
from ...types import ToolCallPart, ToolResultPart
from ..fields import want_object, want_text
from ..tool_calls import invented_id, usable_id

__all__ = ["Calls", "arguments_of", "is_piece", "read_call", "read_result", "write_call", "write_result"]

Fields = dict[str, Any]
Hints = Mapping[str, Any]
Raw = Mapping[str, Any]

#: Where a result is a text: the vendor's conventions for what went well, and for what did not.
_PLAIN: Final = (("output", False), ("result", False), ("error", True))
_NAMELESS: Final = "unknown"


class Calls:
    """The ids of calls in one body: those that hosts leave out are invented, the same every time,
    and results without an id answer the calls of their name in order."""

    __slots__ = ("_count", "_open", "_seed")

    def __init__(self, seed: str = "") -> None:
        self._seed = seed
        self._count = 0
        self._open: list[tuple[str, str]] = []

    def called(self, sent: Any, name: str) -> str:
        """The id of the next call."""
        id = usable_id(sent) or invented_id(self._seed, self._count, name)
        self._count += 1
        self._open.append((name, id))
        return id

    def answered(self, sent: Any, name: str) -> str:
        """The id of the call that a result answers."""
        id = usable_id(sent)
        for i, (called, known) in enumerate(self._open):
            if known == id or (not id and called == name):
                del self._open[i]
                return known
        return id or invented_id(self._seed, "result", self._count, name)


def is_piece(call: Raw) -> bool:
    """Whether this is a piece of a call whose arguments are streamed (Vertex)."""
    return "partialArgs" in call or "willContinue" in call or "name" not in call


def read_call(said: Raw, path: str, calls: Calls) -> tuple[Fields, Fields] | None:
    """Fields and hints of a call, or None where it is only a piece of one."""
    if is_piece(said):
        return None
    name = want_text(said["name"], f"{path}.name")
    id = calls.called(said.get("id"), name)
    args = said.get("args")
    fields = {"id": id, "name": name, "arguments": "" if args is None else dumps(args).decode()}
    return fields, {} if usable_id(said.get("id")) else {"invented": id}


def read_result(said: Raw, path: str, calls: Calls) -> tuple[Fields, Fields]:
    """Fields and hints of a result, but for the media in it."""
    name = want_text(said.get("name"), f"{path}.name")
    id = calls.answered(said.get("id"), name)
    hints: Fields = {} if usable_id(said.get("id")) else {"invented": id}
    fields: Fields = {"call_id": id, "name": name}
    response = want_object(said.get("response", {}), f"{path}.response")
    for key, is_error in _PLAIN:
        if set(response) == {key} and isinstance(response[key], str):
            return {**fields, "content": response[key], "is_error": is_error}, {**hints, "form": key}
    fields.update(content=dumps(response).decode(), is_error="error" in response)
    return fields, {**hints, "form": "object"}


def arguments_of(part: ToolCallPart, *, ours: bool = False) -> Any:
    """The arguments as the object this wire wants; text that is none stands under ``input``."""
    if part.kind == "custom":
        return {"input": part.arguments}
    try:
        value = loads(part.arguments)
    except DecodeError:
        return {"input": part.arguments}
    return value if isinstance(value, Mapping) or ours else {"input": value}


def write_call(part: ToolCallPart, hints: Hints, *, ours: bool) -> Fields:
    """A call in this wire's words; an id that was invented is left out again."""
    said: Fields = {"name": part.name}
    if part.id and part.id != hints.get("invented"):
        said["id"] = part.id
    if part.arguments.strip() or part.kind == "custom":
        said["args"] = arguments_of(part, ours=ours)
    return {"functionCall": said}


def write_result(part: ToolResultPart, hints: Hints) -> Fields:
    """A result in this wire's words, but for the media in it."""
    said: Fields = {"name": part.name or _NAMELESS}
    if part.call_id and part.call_id != hints.get("invented"):
        said["id"] = part.call_id
    said["response"] = _response_of(part, hints.get("form"))
    return {"functionResponse": said}


def _response_of(part: ToolResultPart, form: Any) -> Any:
    if form == "object":
        try:
            value = loads(part.text)
        except DecodeError:
            value = None
        if isinstance(value, Mapping):
            return value
    key = "error" if part.is_error else form if form in ("output", "result") else "output"
    return {key: part.text}
