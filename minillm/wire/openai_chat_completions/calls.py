"""Tool calls as whole objects, both ways, and the ids of calls whose host sent none."""

from collections.abc import Mapping
from typing import Any

from ...types import ToolCallPart
from ..encoding import Encoding, add_extra
from ..fields import refuse, want_object, want_text
from ..residue import hints_of, residue, restore, with_hints
from ..tool_calls import NO_ARGUMENTS, invented_id, usable_id
from .dialect import native

__all__ = ["CallIds", "arguments_text", "decode_call", "decode_function_call", "encode_call", "signature_of"]


class CallIds:
    """Ids for calls whose host sent none, and the results that answer them.

    Args:
        seed: what the ids are made from, beside ordinal and name: the answer's id and the choice,
            or the place of the message in a request.
    """

    __slots__ = ("_count", "_waiting", "seed")

    def __init__(self, *seed: object) -> None:
        self.seed = seed
        self._count = 0
        self._waiting: list[tuple[str, str]] = []

    def invent(self, name: str) -> str:
        """An id for the next call without one."""
        made = invented_id(*self.seed, self._count, name)
        self._count += 1
        self._waiting.append((name, made))
        return made

    def answered(self, name: str | None) -> str:
        """The id that a result without one answers: the oldest open call of that name, or of any."""
        for place, (called, made) in enumerate(self._waiting):
            if name is None or name == called:
                del self._waiting[place]
                return made
        return ""


def decode_call(raw: Any, path: str, ids: CallIds, *, asked: bool) -> ToolCallPart:
    """One of ``tool_calls``.

    Raises:
        DecodeError: it is no object, or has no name.
    """
    raw = want_object(raw, path)
    kind = "custom" if raw.get("type") == "custom" else "function"
    field = "input" if kind == "custom" else "arguments"
    body = want_object(raw.get(kind), f"{path}.{kind}")
    name = want_text(body.get("name"), f"{path}.{kind}.name")
    sent, said_arguments = raw.get("id"), body.get(field)
    id_ = usable_id(sent)
    plain = bool(id_) and isinstance(said_arguments, str) and said_arguments
    if plain and len(raw) == 3 and len(body) == 2 and raw.get("type") == kind:
        return ToolCallPart(id_, name, said_arguments, kind)  # type: ignore[arg-type]
    arguments, form = arguments_text(said_arguments, f"{path}.{kind}.{field}")
    invented = None if id_ else True
    part = ToolCallPart(id_ or ids.invent(name), name, arguments, kind, signature_of(raw))  # type: ignore[arg-type]
    rest = with_hints(residue(raw, _say(part, {"arguments": form})), arguments=form, invented=invented)
    if rest:
        object.__setattr__(part, "native", native(with_hints(rest, asked=asked)))  # made a moment ago
    return part


def decode_function_call(raw: Any, path: str, ids: CallIds, *, asked: bool) -> ToolCallPart:
    """The deprecated single ``function_call``; it has no id."""
    raw = want_object(raw, path)
    name = want_text(raw.get("name"), f"{path}.name")
    arguments, form = arguments_text(raw.get("arguments"), f"{path}.arguments")
    part = ToolCallPart(ids.invent(name), name, arguments)
    rest = residue(raw, _say_function(part, {"arguments": form}))
    data = with_hints(rest, arguments=form, form="function_call", invented=True, asked=asked)
    object.__setattr__(part, "native", native(data))
    return part


def arguments_text(said: Any, path: str) -> tuple[str, str | None]:
    """Arguments as text, and the form they came in where that was no text (Mistral sends objects) or an empty one."""
    if isinstance(said, str):
        return said, None if said else "empty"
    if said is None:
        return "", None
    if not isinstance(said, dict | list):
        refuse(said, path, "a text")
    from ...json.serialization import dumps

    return dumps(said).decode(), "value"


def signature_of(raw: Mapping[str, Any]) -> str | None:
    """Google's compatibility layer: ``extra_content.google.thought_signature``."""
    extra = raw.get("extra_content")
    google = extra.get("google") if isinstance(extra, dict) else None
    signature = google.get("thought_signature") if isinstance(google, dict) else None
    return signature if isinstance(signature, str) and signature else None


def _say_arguments(part: ToolCallPart, hints: Mapping[str, Any]) -> Any:
    if hints.get("arguments") == "value":
        from ...errors import DecodeError
        from ...json.serialization import loads

        try:
            return loads(part.arguments)
        except DecodeError:
            return part.arguments  # changed since, and no JSON any more
    if not part.arguments and part.kind == "function" and hints.get("arguments") != "empty":
        return NO_ARGUMENTS
    return part.arguments


def _say(part: ToolCallPart, hints: Mapping[str, Any]) -> dict[str, Any]:
    field = "input" if part.kind == "custom" else "arguments"
    body = {"name": part.name, field: _say_arguments(part, hints)}
    said: dict[str, Any] = {"id": part.id, "type": part.kind, part.kind: body}
    if part.signature is not None:
        said["extra_content"] = {"google": {"thought_signature": part.signature}}
    return said


def _say_function(part: ToolCallPart, hints: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": part.name, "arguments": _say_arguments(part, hints)}


def encode_call(part: ToolCallPart, enc: Encoding, path: str, *, home: bool) -> tuple[str, dict[str, Any]]:
    """The message field a call belongs to (``tool_calls``, or ``function_call`` where it came so), and the call.

    Args:
        home: the signature may go along.
    """
    data = enc.residue(part.native)
    hints = hints_of(data)
    if hints.get("form") == "function_call":
        return "function_call", restore(_say_function(part, hints), data)
    said = _say(part, hints)
    said["id"] = enc.ids(part.id)
    if part.signature is not None and not home:
        del said["extra_content"]
        enc.report.note(f"{path}.signature", "signature", "it is of use to its author alone")
    if part.incomplete and enc.asking:
        enc.report.note(f"{path}.incomplete", "incomplete", "the arguments were cut off; they go out as they are")
    out = restore(said, data)
    if part.extra:
        add_extra(out, part.extra, path)
    if part.cache is not None:
        enc.report.note(f"{path}.cache", "cache mark", "a tool call carries none on this wire")
    return "tool_calls", out
