"""Content blocks, both ways. This vendor's blocks have one form in requests and answers, so what an
answer's block says beyond the neutral fields goes back with it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ...errors import DecodeError
from ...json.serialization import dumps, loads
from ...types import (
    Citation,
    FilePart,
    ImagePart,
    MediaPart,
    NativePart,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from ..encoding import Encoding, add_extra
from ..fields import as_text, want_list, want_object, want_text
from ..residue import hints_of, own, residue, restore, with_hints
from .dialect import WIRE, cache_control, native, read_cache_control

__all__ = ["decode_block", "decode_blocks", "encode_block", "encode_blocks", "shell_of"]

Block = Mapping[str, Any]
Fields = dict[str, Any]
Hints = Mapping[str, Any]


def decode_blocks(raw: Any, path: str) -> tuple[Part, ...]:
    return tuple(decode_block(block, f"{path}[{i}]") for i, block in enumerate(want_list(raw, path)))


def decode_block(raw: Any, path: str) -> Part:
    """One block; a kind without neutral form is kept whole.

    Raises:
        DecodeError: a known kind without what makes it that kind.
    """
    block = want_object(raw, path)
    kind = block.get("type")
    read = _READERS.get(kind) if isinstance(kind, str) else None
    found = read(block, path) if read is not None else None
    if found is None:
        return NativePart(WIRE, dict(block))
    made, fields, hints = found
    mark = read_cache_control(block.get("cache_control"))
    if mark is not None:
        fields["cache"] = mark
    rest = residue(block, _said(made(**fields), hints) or {})
    if rest or hints:
        fields["native"] = native(with_hints(rest, **hints))
    part: Part = made(**fields)
    return part


def shell_of(raw: Any, path: str) -> Part:
    """The part that a streamed block begins as: its ``input`` comes in pieces, so none is known yet."""
    block = want_object(raw, path)
    if block.get("type") == "tool_use" and block.get("input") == {}:
        part = decode_block(block, path)
        if isinstance(part, ToolCallPart):
            object.__setattr__(part, "arguments", "")  # fresh, nobody has seen it yet
        return part
    return decode_block(block, path)


Found = tuple[Callable[..., Any], Fields, dict[str, Any]]


def _read_text(block: Block, path: str) -> Found:
    fields: Fields = {"text": want_text(block.get("text"), f"{path}.text")}
    said = block.get("citations")
    if isinstance(said, list) and said and all(isinstance(item, Mapping) for item in said):
        fields["citations"] = tuple(decode_citation(item) for item in said)
    return TextPart, fields, {}


def _read_thinking(block: Block, path: str) -> Found:
    fields: Fields = {"text": want_text(block.get("thinking"), f"{path}.thinking")}
    if isinstance(block.get("signature"), str):
        fields["signature"] = block["signature"]
    return ReasoningPart, fields, {}


def _read_redacted(block: Block, path: str) -> Found:
    return ReasoningPart, {"sealed": want_text(block.get("data"), f"{path}.data")}, {}


def _read_tool_use(block: Block, path: str) -> Found:
    said = block.get("input")
    arguments = "" if said is None else dumps(said).decode()
    fields = {
        "id": want_text(block.get("id"), f"{path}.id"),
        "name": want_text(block.get("name"), f"{path}.name"),
        "arguments": arguments,
    }
    return ToolCallPart, fields, {}


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
    return ToolResultPart, fields, {}


def _read_image(block: Block, path: str) -> Found | None:
    fields = _read_source(block.get("source"), path)
    return None if fields is None else (ImagePart, fields, {})


def _read_document(block: Block, path: str) -> Found | None:
    source = block.get("source")
    if isinstance(source, Mapping) and source.get("type") == "text":
        import base64

        text = want_text(source.get("data"), f"{path}.source.data")
        data = base64.b64encode(text.encode()).decode()
        fields: Fields | None = {"data": data, "mime": as_text(source.get("media_type")) or "text/plain"}
    else:
        fields = _read_source(source, path)
    if fields is None:
        return None
    title = as_text(block.get("title"))
    if title is not None:
        fields["name"] = title
    return FilePart, fields, {}


def _read_source(source: Any, path: str) -> Fields | None:
    said = want_object(source, f"{path}.source")
    kind = said.get("type")
    if kind == "base64":
        return {"data": want_text(said.get("data"), f"{path}.source.data"), "mime": as_text(said.get("media_type"))}
    if kind == "url":
        url = want_text(said.get("url"), f"{path}.source.url")
        return None if url[:5].lower() == "data:" else {"url": url}
    if kind == "file":
        return {"file_id": want_text(said.get("file_id"), f"{path}.source.file_id")}
    return None  # "content" (blocks inside a document) has no neutral form


_READERS: Final[dict[str, Callable[[Block, str], Found | None]]] = {
    "text": _read_text,
    "thinking": _read_thinking,
    "redacted_thinking": _read_redacted,
    "tool_use": _read_tool_use,
    "tool_result": _read_tool_result,
    "image": _read_image,
    "document": _read_document,
}


def decode_citation(raw: Block) -> Citation:
    """A citation. Its places count pages, blocks or characters of the *source*, so they stay in the residue."""
    citation = Citation(
        url=as_text(raw.get("url")),
        title=as_text(raw.get("title")) or as_text(raw.get("document_title")),
        text=as_text(raw.get("cited_text")),
    )
    object.__setattr__(citation, "native", native(residue(raw, _citation_said(citation, raw.get("type")))))
    return citation


def _citation_said(citation: Citation, kind: Any) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if citation.url is not None:
        said["url"] = citation.url
    if citation.title is not None:
        said["title" if kind in ("web_search_result_location", "search_result_location") else "document_title"] = (
            citation.title
        )
    if citation.text is not None:
        said["cited_text"] = citation.text
    return said


def encode_citation(citation: Citation) -> dict[str, Any] | None:
    """A citation in this wire's words, or None where it came from elsewhere: its places cannot be said."""
    data = own(citation.native, WIRE)
    return None if data is None else restore(_citation_said(citation, data.get("type")), data)


def encode_blocks(parts: tuple[Part, ...], enc: Encoding, path: str) -> list[dict[str, Any]]:
    blocks = []
    for i, part in enumerate(parts):
        block = encode_block(part, enc, f"{path}[{i}]")
        if block is not None:
            blocks.append(block)
    return blocks


def encode_block(part: Part, enc: Encoding, path: str) -> dict[str, Any] | None:
    """A part as a block; None (and reported) where this wire cannot say it."""
    if isinstance(part, NativePart):
        if part.wire == WIRE and isinstance(part.block, Mapping):
            return dict(part.block)
        enc.report.lost(path, f"{part.wire} block", "it has no form in Anthropic Messages")
        return None
    if isinstance(part, TextPart) and not part.text and part.native is None:
        return None  # this vendor refuses empty text blocks
    data = own(part.native, WIRE)
    said = _said(part, hints_of(data))
    if said is None:
        enc.report.lost(path, *_unsayable(part))
        return None
    if isinstance(part, ToolResultPart) and not isinstance(part.content, str):
        said["content"] = encode_blocks(part.content, enc, f"{path}.content")
    if isinstance(part, TextPart) and part.citations:
        _add_citations(part, said, enc, path)
    if isinstance(part, TextPart | ToolCallPart | MediaPart) and part.signature is not None:
        enc.report.lost(f"{path}.signature", "signature", "only thinking blocks are signed on this wire")
    out = restore(said, data)
    cache = getattr(part, "cache", None)
    if cache is not None and "cache_control" in out:
        enc.marks.append((path, out, "cache_control"))
    return add_extra(out, part.extra, path)


def _add_citations(part: TextPart, said: dict[str, Any], enc: Encoding, path: str) -> None:
    citations = [encode_citation(citation) for citation in part.citations]
    said.pop("citations", None)
    kept = [citation for citation in citations if citation is not None]
    if kept:
        said["citations"] = kept
    if len(kept) < len(citations):
        enc.report.lost(f"{path}.citations", "citations", "this wire cites places in documents it was given, not URLs")


def _said(part: Any, hints: Hints) -> dict[str, Any] | None:
    """The part in this wire's words, without its residue."""
    write = _WRITERS.get(type(part))
    said = None if write is None else write(part, hints)
    cache = getattr(part, "cache", None)
    if said is not None and cache is not None:
        said["cache_control"] = cache_control(cache)
    return said


def _write_text(part: TextPart, hints: Hints) -> dict[str, Any]:
    said: dict[str, Any] = {"type": "text", "text": part.text}
    citations = [encode_citation(citation) for citation in part.citations]
    if citations and None not in citations:
        said["citations"] = citations
    return said


def _write_reasoning(part: ReasoningPart, hints: Hints) -> dict[str, Any]:
    if part.sealed is not None and not part.text:
        return {"type": "redacted_thinking", "data": part.sealed}
    said = {"type": "thinking", "thinking": part.text}
    if part.signature is not None:
        said["signature"] = part.signature
    return said


def _write_tool_use(part: ToolCallPart, hints: Hints) -> dict[str, Any]:
    return {"type": "tool_use", "id": part.id, "name": part.name, "input": input_of(part)}


def input_of(part: ToolCallPart) -> Any:
    """The arguments as the object this wire wants; text that is none stands under ``input``."""
    if part.kind == "custom":
        return {"input": part.arguments}
    if not part.arguments.strip():
        return {}
    try:
        value = loads(part.arguments)
    except DecodeError:
        return {"input": part.arguments}
    return value if isinstance(value, Mapping) else {"input": value}


def _write_tool_result(part: ToolResultPart, hints: Hints) -> dict[str, Any]:
    said: dict[str, Any] = {"type": "tool_result", "tool_use_id": part.call_id}
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
    data = own(part.native, WIRE)
    return restore(_said(part, hints_of(data)) or {}, data)


def _write_image(part: ImagePart, hints: Hints) -> dict[str, Any] | None:
    source = _source_of(part)
    return None if source is None else {"type": "image", "source": source}


def _write_document(part: FilePart, hints: Hints) -> dict[str, Any] | None:
    if part.data is not None and part.mime == "text/plain":
        try:
            text = part.to_bytes().decode()
        except ValueError:
            return None
        source: dict[str, Any] | None = {"type": "text", "media_type": "text/plain", "data": text}
    else:
        source = _source_of(part)
    if source is None:
        return None
    said: dict[str, Any] = {"type": "document", "source": source}
    if part.name is not None:
        said["title"] = part.name
    return said


def _source_of(part: MediaPart) -> dict[str, Any] | None:
    if part.data is not None:
        source = {"type": "base64", "data": part.data}
        if part.mime is not None:
            source["media_type"] = part.mime
        return source
    if part.file_id is not None:
        return {"type": "file", "file_id": part.file_id}
    return None if part.url is None else {"type": "url", "url": part.url}


_WRITERS: Final[dict[type, Callable[[Any, Hints], dict[str, Any] | None]]] = {
    TextPart: _write_text,
    ReasoningPart: _write_reasoning,
    ToolCallPart: _write_tool_use,
    ToolResultPart: _write_tool_result,
    ImagePart: _write_image,
    FilePart: _write_document,
}


def _unsayable(part: Part) -> tuple[str, str]:
    what = type(part).__name__.removesuffix("Part").lower()
    if isinstance(part, RefusalPart):
        return what, "a refusal is a stop reason on this wire, not content"
    return what, "this wire has no such content; it takes text, pictures and documents"
