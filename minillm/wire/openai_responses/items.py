"""Items, both ways. A turn of the model is a run of items (thinking, messages, calls) and one message of
ours: its parts remember which item they stood in."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...types import (
    NativePart,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from ..encoding import Encoding, add_extra
from ..fields import as_text, want_object, want_text
from ..residue import HINTS, hints_of, own, residue, restore, with_hints
from .content import decode_contents, encode_content
from .dialect import WIRE, native

__all__ = ["decode_item", "decode_result", "encode_items", "encode_result", "item_id"]

_BLANK: Mapping[str, Any] = {"type": "output_text", "annotations": []}

Raw = Mapping[str, Any]


def decode_item(raw: Any, path: str) -> tuple[Part, ...]:
    """The parts of one item of the model; a kind without neutral form is kept whole.

    Raises:
        DecodeError: a known kind without what makes it that kind.
    """
    said = want_object(raw, path)
    kind = said.get("type", "message")
    if kind == "message":
        return _read_message(said, path)
    if kind == "reasoning":
        return (_read_reasoning(said, path),)
    if kind in ("function_call", "custom_tool_call"):
        return (_read_call(said, path),)
    return (NativePart(WIRE, dict(said)),)


def _read_message(raw: Raw, path: str) -> tuple[Part, ...]:
    content = raw.get("content")
    rest = {key: value for key, value in raw.items() if key not in ("role", "content")}
    if isinstance(content, str):
        return (TextPart(content, native=native({HINTS: {"item": {**rest, HINTS: "text"}}})),)
    parts = decode_contents(content, f"{path}.content")
    if not parts:
        return (NativePart(WIRE, dict(raw)),)  # an empty message: nothing but the item itself says that it was there
    first = parts[0]
    if isinstance(first, NativePart):
        return (NativePart(WIRE, dict(raw)),)
    data = dict(own(first.native, WIRE) or {})
    object.__setattr__(
        first, "native", native(with_hints(data, item=rest or {"type": "message"}, bare=not rest or None))
    )
    return parts


def _read_reasoning(raw: Raw, path: str) -> ReasoningPart:
    summary, content = _texts(raw.get("summary"), "summary_text"), _texts(raw.get("content"), "reasoning_text")
    segments, form = (summary, "summary") if summary else (content, "content") if content else ((), "summary")
    part = ReasoningPart("\n\n".join(segments or ()), sealed=as_text(raw.get("encrypted_content")))
    hints = {"form": form, "lengths": [len(text) for text in segments or ()]}
    rest = residue(raw, _reasoning_said(part, hints))
    object.__setattr__(part, "native", native(with_hints(rest, **hints)))
    return part


def _texts(raw: Any, kind: str) -> tuple[str, ...] | None:
    """The texts of summary or content parts, or None where they are not plain."""
    if not isinstance(raw, list):
        return None
    texts = []
    for item in raw:
        if not isinstance(item, Mapping) or item.get("type") != kind or len(item) != 2:
            return None
        if not isinstance(item.get("text"), str):
            return None
        texts.append(item["text"])
    return tuple(texts)


def _reasoning_said(part: ReasoningPart, hints: Raw) -> dict[str, Any]:
    segments = _segments(part.text, hints.get("lengths"))
    said: dict[str, Any] = {"type": "reasoning", "summary": []}
    if hints.get("form", "summary") == "content":
        said["content"] = [{"type": "reasoning_text", "text": text} for text in segments]
    else:
        said["summary"] = [{"type": "summary_text", "text": text} for text in segments]
    if part.sealed is not None:
        said["encrypted_content"] = part.sealed
    return said


def _segments(text: str, lengths: Any) -> list[str]:
    """The text cut where the wire had cut it, unless it was changed since."""
    if isinstance(lengths, list) and sum(lengths) + 2 * max(len(lengths) - 1, 0) == len(text):
        cut, start = [], 0
        for length in lengths:
            cut.append(text[start : start + length])
            start += length + 2
        return cut
    return [text] if text else []


def _read_call(raw: Raw, path: str) -> ToolCallPart:
    custom = raw["type"] == "custom_tool_call"
    given = raw.get("input" if custom else "arguments")
    part = ToolCallPart(
        want_text(raw.get("call_id") or raw.get("id"), f"{path}.call_id"),
        want_text(raw.get("name"), f"{path}.name"),
        given if isinstance(given, str) else "",
        "custom" if custom else "function",
        incomplete=raw.get("status") == "incomplete",
    )
    object.__setattr__(part, "native", native(residue(raw, _call_said(part))))
    return part


def _call_said(part: ToolCallPart) -> dict[str, Any]:
    if part.kind == "custom":
        return {"type": "custom_tool_call", "call_id": part.id, "name": part.name, "input": part.arguments}
    return {"type": "function_call", "call_id": part.id, "name": part.name, "arguments": part.arguments}


def decode_result(raw: Raw, path: str) -> ToolResultPart:
    """The result of a tool out of its item."""
    output = raw.get("output")
    content = output if isinstance(output, str) else decode_contents(output, f"{path}.output")
    part = ToolResultPart(want_text(raw.get("call_id"), f"{path}.call_id"), as_text(raw.get("name")), content)
    hints = {"kind": "custom" if raw["type"] == "custom_tool_call_output" else None}
    rest = residue(raw, _result_said(part, output, hints))
    object.__setattr__(part, "native", native(with_hints(rest, **hints)))
    return part


def _result_said(part: ToolResultPart, output: Any, hints: Raw) -> dict[str, Any]:
    kind = "custom_tool_call_output" if hints.get("kind") == "custom" else "function_call_output"
    said: dict[str, Any] = {"type": kind, "call_id": part.call_id, "output": output}
    return said


def encode_result(part: ToolResultPart, enc: Encoding, path: str, *, custom: bool) -> dict[str, Any]:
    """The item for a tool's result."""
    data = own(part.native, WIRE)
    hints: Raw = hints_of(data) if data is not None else {"kind": "custom"} if custom else {}
    if isinstance(part.content, str):
        output: Any = part.content
    else:
        output = [
            said
            for i, inner in enumerate(part.content)
            if (said := encode_content(inner, enc, f"{path}.content[{i}]", assistant=False)) is not None
        ]
    if part.cache is not None:
        enc.report.note(path, "cache mark", "put it on the text inside the result")
    if part.is_error:
        enc.report.degraded(f"{path}.is_error", "error flag", "results carry none here; the text says it")
    return add_extra(restore(_result_said(part, output, hints), data), part.extra, path)


def item_id(prefix: str, *facts: object) -> str:
    """An id for an item whose source had none: the same for the same facts."""
    import hashlib

    return f"{prefix}_" + hashlib.sha256("\0".join(map(str, facts)).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def encode_items(
    parts: Sequence[Part], enc: Encoding, path: str, *, answer: bool, seed: str = "", home: bool = True
) -> list[dict[str, Any]]:
    """The items of one turn of the model.

    Args:
        answer: they stand in an answer, where every item has an id and a status.
        seed: what the ids of items are made of, where the source had none.
        home: sealed reasoning may go along: the host and model are those that sealed it.
    """
    items: list[dict[str, Any]] = []
    message: dict[str, Any] | None = None
    invented: set[int] = set()
    for i, part in enumerate(parts):
        at = f"{path}[{i}]"
        if isinstance(part, TextPart | RefusalPart):
            message = _add_to_message(part, message, items, enc, at, f"{seed or path}{i}", invented)
            continue
        message = None
        item = _encode_other(part, enc, at, home)
        if item is None:
            continue
        if answer and "id" not in item:
            prefix = {"reasoning": "rs", "function_call": "fc", "custom_tool_call": "ctc"}.get(
                str(item.get("type")), "it"
            )
            item["id"] = item_id(prefix, seed, i)
            item.setdefault("status", "completed")
        items.append(item)
    return items if answer else [_plainly(item, invented) for item in items]


def _plainly(item: dict[str, Any], invented: set[int]) -> dict[str, Any]:
    """A message of ours that is one text, as the vendor's short form: no id has to be made for it."""
    if id(item) in invented and len(item["content"]) == 1:
        (said,) = item["content"]
        if said == {**_BLANK, "text": said.get("text")}:
            return {"role": "assistant", "content": said["text"]}
    return item


def _add_to_message(
    part: TextPart | RefusalPart,
    message: dict[str, Any] | None,
    items: list[dict[str, Any]],
    enc: Encoding,
    path: str,
    seed: str,
    invented: set[int],
) -> dict[str, Any] | None:
    hints = hints_of(own(part.native, WIRE))
    item = hints.get("item")
    if isinstance(item, Mapping) and item.get(HINTS) == "text" and isinstance(part, TextPart):
        said = {key: value for key, value in item.items() if key != HINTS}
        items.append({**said, "role": "assistant", "content": part.text})
        return None
    said_part = encode_content(part, enc, path, assistant=True)
    if said_part is None:
        return message
    if message is None or item is not None:
        if isinstance(item, Mapping):
            rest = {} if hints.get("bare") else dict(item)
        else:
            rest = {"id": item_id("msg", seed), "type": "message", "status": "completed"}
        message = {**rest, "role": "assistant", "content": []}
        items.append(message)
        if item is None:
            invented.add(id(message))
    message["content"].append(said_part)
    return message


def _encode_other(part: Part, enc: Encoding, path: str, home: bool) -> dict[str, Any] | None:
    if isinstance(part, NativePart):
        if part.wire == WIRE and isinstance(part.block, Mapping):
            return dict(part.block)
        enc.report.lost(path, f"{part.wire} block", "it has no form in Responses")
        return None
    data = own(getattr(part, "native", None), WIRE)
    if isinstance(part, ToolCallPart):
        if part.signature is not None:
            enc.report.note(f"{path}.signature", "signature", "only its author can read it")
        if part.cache is not None:
            enc.report.note(path, "cache mark", "calls carry none on this wire")
        return add_extra(restore(_call_said(part), data), part.extra, path)
    if isinstance(part, ReasoningPart):
        if enc.asking and (data is None or not home):
            enc.report.note(path, "reasoning", "only its author can read it: it is left out")
            return None
        if data is None and (part.signature is not None or part.sealed is not None):
            enc.report.note(f"{path}.signature", "seal of the reasoning", "only its author can read it")
            part = ReasoningPart(part.text)
        return restore(_reasoning_said(part, hints_of(data)), data)
    what = type(part).__name__.removesuffix("Part").lower()
    enc.report.lost(path, what, "the model's turn holds no such content on this wire")
    return None
