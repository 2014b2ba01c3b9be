"""Content blocks, both ways. This vendor's blocks have one form in requests and answers, so what an
answer's block says beyond the neutral fields goes back with it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ...errors import DecodeError
from ...json.serialization import dumps, loads
from ...types import (
    FilePart,
    ImagePart,
    MediaPart,
    Native,
    NativePart,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from ..cache_marks import mark_said
from ..encoding import Encoding, add_extra
from ..fields import want_list, want_object, want_text
from ..residue import own, residue, restore, with_hints
from .citations import FOREIGN, decode_citation, encode_citation
from .dialect import MARK, WIRE, cache_control, count_mark, kept_whole, read_cache_control
from .media import read_document, read_image, with_usual_type, write_media

__all__ = ["decode_block", "decode_blocks", "encode_block", "encode_blocks", "shell_of"]

Block = Mapping[str, Any]
Fields = dict[str, Any]


def decode_blocks(raw: Any, path: str) -> tuple[Part, ...]:
    """A list of blocks as parts."""
    return tuple(decode_block(block, f"{path}[{i}]") for i, block in enumerate(want_list(raw, path)))


def decode_block(raw: Any, path: str) -> Part:
    """One block; a kind without neutral form is kept whole.

    Raises:
        DecodeError: a known kind without what makes it that kind.
    """
    block = want_object(raw, path)
    kind = block.get("type")
    if kind == "text" and len(block) == 2:
        text = block.get("text")
        if type(text) is str and text:
            return TextPart(text)  # nothing else is said: what the rest of this function comes to
    read = _READERS.get(kind) if isinstance(kind, str) else None
    found = read(block, path) if read is not None else None
    if found is None:
        return NativePart(WIRE, dict(block))
    made, fields = found
    mark = read_cache_control(block.get("cache_control"))
    if mark is not None:
        fields["cache"] = mark
    rest = residue(block, _said(made(**fields)) or {})
    # What this wire said itself goes back unjudged; plain text needs no such mark, and most parts are that.
    if rest or mark is not None or made is not TextPart or not fields["text"]:
        fields["native"] = Native(WIRE, with_hints(rest, marked=mark is not None))
    part: Part = made(**fields)
    return part


def shell_of(raw: Any, path: str) -> Part:
    """The part that a streamed block begins as: its ``input`` comes in pieces, so none is known yet."""
    block = want_object(raw, path)
    part = decode_block(block, path)
    if isinstance(part, ToolCallPart) and block.get("input") == {}:
        object.__setattr__(part, "arguments", "")  # fresh, nobody has seen it yet
    return part


Found = tuple[type, Fields]


def _read_text(block: Block, path: str) -> Found:
    fields: Fields = {"text": want_text(block.get("text"), f"{path}.text")}
    said = block.get("citations")
    if isinstance(said, list) and said and all(isinstance(item, Mapping) for item in said):
        fields["citations"] = tuple(decode_citation(item) for item in said)
    return TextPart, fields


def _read_thinking(block: Block, path: str) -> Found:
    fields: Fields = {"text": want_text(block.get("thinking"), f"{path}.thinking")}
    if isinstance(block.get("signature"), str):
        fields["signature"] = block["signature"]
    return ReasoningPart, fields


def _read_redacted(block: Block, path: str) -> Found:
    return ReasoningPart, {"sealed": want_text(block.get("data"), f"{path}.data")}


def _read_tool_use(block: Block, path: str) -> Found:
    said = block.get("input")
    return ToolCallPart, {
        "id": want_text(block.get("id"), f"{path}.id"),
        "name": want_text(block.get("name"), f"{path}.name"),
        "arguments": "" if said is None else dumps(said).decode(),
    }


def _read_tool_result(block: Block, path: str) -> Found:
    fields: Fields = {
        "call_id": want_text(block.get("tool_use_id"), f"{path}.tool_use_id"),
        "is_error": block.get("is_error") is True,
    }
    content = block.get("content")
    if isinstance(content, list):
        fields["content"] = decode_blocks(content, f"{path}.content")
    elif content is not None:
        fields["content"] = want_text(content, f"{path}.content")
    return ToolResultPart, fields


def _read_image(block: Block, path: str) -> Found | None:
    fields = read_image(block, path)
    return None if fields is None else (ImagePart, fields)


def _read_document(block: Block, path: str) -> Found | None:
    fields = read_document(block, path)
    return None if fields is None else (FilePart, fields)


_READERS: Final[dict[str, Callable[[Block, str], Found | None]]] = {
    "text": _read_text,
    "thinking": _read_thinking,
    "redacted_thinking": _read_redacted,
    "tool_use": _read_tool_use,
    "tool_result": _read_tool_result,
    "image": _read_image,
    "document": _read_document,
}


def encode_blocks(
    parts: Sequence[Part], enc: Encoding, path: str, *, assistant: bool = False, places: Sequence[int] | None = None
) -> list[dict[str, Any]]:
    """Parts as blocks, those that cannot be said left out (and reported).

    Args:
        assistant: they stand in the model's own turn, which holds no media.
        places: where each of them stands in its message; None: in this order.
    """
    blocks = []
    for i, part in zip(range(len(parts)) if places is None else places, parts, strict=True):
        block = encode_block(part, enc, f"{path}[{i}]", assistant=assistant)
        if block is not None:
            blocks.append(block)
    return blocks


def encode_block(part: Part, enc: Encoding, path: str, *, assistant: bool = False) -> dict[str, Any] | None:
    """A part as a block; None (and reported) where this wire cannot say it."""
    if isinstance(part, NativePart):
        if part.wire == WIRE and isinstance(part.block, Mapping):
            return kept_whole(part.block, enc, path)
        enc.report.lost(path, f"{part.wire} block", "it has no form in Anthropic Messages")
        return None
    data = own(part.native, WIRE)
    if data is None:
        adapted = _adapted(part, enc, path, assistant)
        if adapted is None:
            return None
        part = adapted
    said = _said(part)
    if said is None:
        enc.report.lost(path, *_unsayable(part))
        return None
    if isinstance(part, ToolResultPart) and not isinstance(part.content, str):
        said["content"] = encode_blocks(part.content, enc, f"{path}.content")
    elif isinstance(part, TextPart) and part.citations:
        _add_citations(part, said, enc, path)
    elif said["type"] == "thinking" and data is None:
        said.setdefault("signature", "")  # clients of this wire read the field of every thinking block
    if data is None and MARK in said:
        said[MARK] = mark_said(part.cache, MARK, enc.report, path)  # type: ignore[arg-type,union-attr]
    out = restore(said, data)
    count_mark(said, out, data, enc, path)
    return add_extra(out, getattr(part, "extra", None), path)


def _adapted(part: Any, enc: Encoding, path: str, assistant: bool) -> Part | None:
    """A part from elsewhere as this vendor takes it; None where nothing is left of it."""
    adapt = _ADAPTERS.get(type(part))
    if isinstance(part, MediaPart):
        if assistant:
            enc.report.lost(path, *_unsayable(part, where="the model's turn holds no media on this wire"))
            return None
        return _adapted_media(part, enc, path)
    adapted: Part | None = part if adapt is None else adapt(part, enc, path)
    return adapted


def _adapted_text(part: TextPart, enc: Encoding, path: str) -> TextPart | None:
    if part.signature is not None:
        enc.report.note(f"{path}.signature", "signature", "only thinking blocks are signed on this wire")
    if part.logprobs is not None:
        enc.report.lost(f"{path}.logprobs", "token probabilities", "this wire has none")
    return part if part.text else None  # this vendor refuses empty text blocks


def _adapted_reasoning(part: ReasoningPart, enc: Encoding, path: str) -> ReasoningPart | None:
    """Another vendor's reasoning in an answer of ours: what can be read, without the seal."""
    if part.native is None and (part.sealed is None or not part.text):
        return part
    if part.signature is not None or part.sealed is not None:
        enc.report.note(path, "seal of the reasoning", "only its author can read it")
    return ReasoningPart(part.text) if part.text else None


def _adapted_call(part: ToolCallPart, enc: Encoding, path: str) -> ToolCallPart:
    from dataclasses import replace

    if part.signature is not None:
        enc.report.note(f"{path}.signature", "signature", "only thinking blocks are signed on this wire")
    if part.kind == "custom":
        enc.report.degraded(path, "free-text tool call", "its text goes as the field 'input'")
    elif not _is_object(part.arguments):
        enc.report.degraded(f"{path}.arguments", "arguments that are no object", "they go as the field 'input' of one")
    return replace(part, id=enc.ids(part.id))


def _adapted_result(part: ToolResultPart, enc: Encoding, path: str) -> ToolResultPart:
    from dataclasses import replace

    return replace(part, call_id=enc.ids(part.call_id))


def _adapted_media(part: Any, enc: Encoding, path: str) -> Part | None:
    if part.data is None and part.url is None and part.file_id is not None and part.native is not None:
        enc.report.lost(path, "file id", "it is an id of another host; send the bytes or an address")
        return None
    if part.detail is not None:
        enc.report.note(f"{path}.detail", "detail", "this wire does not ask how closely to look")
    if part.signature is not None:
        enc.report.note(f"{path}.signature", "signature", "only thinking blocks are signed on this wire")
    media: Part = with_usual_type(part)
    return media


_ADAPTERS: Final[dict[type, Callable[[Any, Encoding, str], Part | None]]] = {
    TextPart: _adapted_text,
    ReasoningPart: _adapted_reasoning,
    ToolCallPart: _adapted_call,
    ToolResultPart: _adapted_result,
}


def _add_citations(part: TextPart, said: Fields, enc: Encoding, path: str) -> None:
    citations = [encode_citation(citation) for citation in part.citations]
    said.pop("citations", None)
    kept = [citation for citation in citations if citation is not None]
    if kept:
        said["citations"] = kept
    if len(kept) < len(citations):
        enc.report.lost(f"{path}.citations", "citations", FOREIGN)


def _said(part: Any) -> Fields | None:
    """The part in this wire's words, without its residue."""
    write = _WRITERS.get(type(part))
    said = None if write is None else write(part)
    cache = getattr(part, "cache", None)
    if said is not None and cache is not None:
        said[MARK] = cache_control(cache)
    return said


def _write_text(part: TextPart) -> Fields:
    said: Fields = {"type": "text", "text": part.text}
    citations = [encode_citation(citation) for citation in part.citations]
    if citations and None not in citations:
        said["citations"] = citations
    return said


def _write_reasoning(part: ReasoningPart) -> Fields:
    if part.sealed is not None and not part.text:
        return {"type": "redacted_thinking", "data": part.sealed}
    said = {"type": "thinking", "thinking": part.text}
    if part.signature is not None:
        said["signature"] = part.signature
    return said


def _write_tool_use(part: ToolCallPart) -> Fields:
    return {"type": "tool_use", "id": part.id, "name": part.name, "input": _input_of(part)}


def _input_of(part: ToolCallPart) -> Any:
    """The arguments as the object this wire wants; text that is none stands under ``input``."""
    if part.kind == "custom":
        return {"input": part.arguments}
    if not part.arguments.strip():
        return {}
    try:
        value = loads(part.arguments)
    except DecodeError:
        return {"input": part.arguments}
    # An answer of a look-alike may hold any value; it goes back as it came.
    return value if isinstance(value, Mapping) or own(part.native, WIRE) is not None else {"input": value}


def _is_object(arguments: str) -> bool:
    try:
        return not arguments.strip() or isinstance(loads(arguments), Mapping)
    except DecodeError:
        return False


def _write_tool_result(part: ToolResultPart) -> Fields:
    said: Fields = {"type": "tool_result", "tool_use_id": part.call_id}
    if isinstance(part.content, str):
        if part.content:
            said["content"] = part.content
    else:
        said["content"] = [_said_exactly(inner) for inner in part.content]
    if part.is_error:
        said["is_error"] = True
    return said


def _said_exactly(part: Part) -> Any:
    if isinstance(part, NativePart):
        return dict(part.block)
    return restore(_said(part) or {}, own(part.native, WIRE))


_WRITERS: Final[dict[type, Callable[[Any], Fields | None]]] = {
    TextPart: _write_text,
    ReasoningPart: _write_reasoning,
    ToolCallPart: _write_tool_use,
    ToolResultPart: _write_tool_result,
    ImagePart: write_media,
    FilePart: write_media,
}


def _unsayable(part: Any, where: str = "") -> tuple[str, str]:
    what = type(part).__name__.removesuffix("Part").lower()
    if isinstance(part, RefusalPart):
        return what, "a refusal is a stop reason on this wire, not content"
    if isinstance(part, ImagePart | FilePart) and not where:
        return what, "it holds neither bytes nor an address nor a file id"
    return what, where or "this wire has no such content; it takes text, pictures and documents"
