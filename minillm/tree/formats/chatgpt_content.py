"""The content of one message of a ChatGPT export: a table of its kinds, and what each becomes.

The export is not documented. The kinds and their fields are those that public readers of many exports
report; one that is not in the tables is kept whole in a ``NativePart`` and told.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ...report import Report
from ...types import AudioPart, Citation, ImagePart, Native, NativePart, Part, ReasoningPart, TextPart, VideoPart
from ..reading import items, object_at, text

__all__ = ["read_citations", "read_content"]

FORMAT = "chatgpt"

# content_type -> the fields that hold its words, in reading order.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "code": ("text",),
    "execution_output": ("text",),
    "system_error": ("text",),
    "tether_browsing_display": ("summary", "result"),
    "tether_browsing_code": ("text",),
    "user_editable_context": ("user_profile", "user_instructions"),
    "model_editable_context": ("model_set_context", "repository", "repo_summary"),
    "citable_code_output": ("output_str",),
    "audio_transcription": ("text",),
}
_PAGES = ("tether_quote", "sonic_webpage")
_POINTERS: Mapping[str, type[ImagePart | AudioPart | VideoPart]] = {
    "image_asset_pointer": ImagePart,
    "audio_asset_pointer": AudioPart,
    "video_container_asset_pointer": VideoPart,
}


def read_content(content: Mapping[str, Any], at: str, report: Report) -> tuple[Part, ...]:
    """The parts of a message's ``content``.

    Raises:
        ThreadFormatError: a field is not of the kind it must be.
    """
    kind = text(content.get("content_type", "text"), f"{at}.content_type")
    if kind in ("text", "multimodal_text"):
        return _with_rest(_pieces(content, at, report), content, ("content_type", "parts"), kind)
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(content, at)
    if kind in _WORDS:
        return _words(content, kind, at)
    return (_unknown(content, kind, at, report),)


def _pieces(content: Mapping[str, Any], at: str, report: Report) -> list[Part]:
    found: list[Part] = []
    for place, piece in enumerate(items(content.get("parts") or [], f"{at}.parts")):
        where = f"{at}.parts[{place}]"
        if piece is None:
            continue
        if isinstance(piece, str):
            if piece:
                found.append(TextPart(piece))
        else:
            found.extend(_piece(object_at(piece, where), where, report))
    return found


def _piece(piece: dict[str, Any], at: str, report: Report) -> tuple[Part, ...]:
    kind = str(piece.get("content_type"))
    if kind in _POINTERS and isinstance(piece.get("asset_pointer"), str):
        return (_asset(_POINTERS[kind], piece, at, report),)
    if kind == "real_time_user_audio_video_asset_pointer" and isinstance(piece.get("audio_asset_pointer"), dict):
        sound = piece["audio_asset_pointer"]
        if isinstance(sound.get("asset_pointer"), str):
            rest = {key: value for key, value in piece.items() if key != "audio_asset_pointer"}
            return (_asset(AudioPart, {**sound, "around": rest}, at, report),)
    if kind in _READERS:
        return _READERS[kind](piece, at)
    if kind in _WORDS:
        return _words(piece, kind, at)
    return (_unknown(piece, kind, at, report),)


def _asset(
    kind: type[ImagePart | AudioPart | VideoPart], piece: Mapping[str, Any], at: str, report: Report
) -> ImagePart | AudioPart | VideoPart:
    report.note(
        at, "bytes of a picture, sound or film", "the export only points to them; the pointer is kept as the url"
    )
    rest = {key: value for key, value in piece.items() if key not in ("content_type", "asset_pointer")}
    return kind(url=piece["asset_pointer"], native=Native(FORMAT, rest))


def _unknown(value: Mapping[str, Any], kind: str, at: str, report: Report) -> NativePart:
    report.degraded(at, f"content of type {kind[:40]!r}", "not known here; kept whole, but no host can be sent it")
    return NativePart(FORMAT, dict(value))


def _words(content: Mapping[str, Any], kind: str, at: str) -> tuple[Part, ...]:
    fields = _WORDS[kind]
    found = [TextPart(text(content[key], f"{at}.{key}")) for key in fields if content.get(key)]
    return _with_rest(list(found), content, fields, kind)


def _with_rest(found: list[Part], content: Mapping[str, Any], known: tuple[str, ...], kind: str) -> tuple[Part, ...]:
    """The parts; what else the content says goes with the first of them."""
    rest = {key: value for key, value in content.items() if key not in known and value is not None}
    if not rest or (kind == "text" and rest == {"content_type": "text"}):
        return tuple(found)
    if found and isinstance(found[0], TextPart):
        return (TextPart(found[0].text, found[0].citations, native=Native(FORMAT, rest)), *found[1:])
    if rest.keys() == {"content_type"} and not found:
        return ()
    return (NativePart(FORMAT, rest), *found)


def _page(content: Mapping[str, Any], at: str) -> tuple[Part, ...]:
    """A web page the model read: its words, and where they stand."""
    known = ("url", "title", "text")
    words, url, title = (text(content.get(key) or "", f"{at}.{key}") for key in ("text", "url", "title"))
    rest = {key: value for key, value in content.items() if key not in known and value is not None}
    source = (Citation(url or None, title or None),) if url or title else ()
    return (TextPart(words, source, native=Native(FORMAT, rest)),)


def _thoughts(content: Mapping[str, Any], at: str) -> tuple[Part, ...]:
    found: list[Part] = []
    for place, value in enumerate(items(content.get("thoughts") or content.get("parts") or [], f"{at}.thoughts")):
        where = f"{at}.thoughts[{place}]"
        thought = {"content": value} if isinstance(value, str) else object_at(value, where)
        said = [text(thought[key], f"{where}.{key}") for key in ("summary", "content") if thought.get(key)]
        rest = {key: each for key, each in thought.items() if key not in ("summary", "content")}
        chunks = rest.get("chunks")
        if isinstance(chunks, list) and all(isinstance(each, str) and each in (said or [""])[-1] for each in chunks):
            del rest["chunks"]  # the same words once more
        found.append(ReasoningPart("\n\n".join(said), native=Native(FORMAT, rest) if rest else None))
    return tuple(found)


def _recap(content: Mapping[str, Any], at: str) -> tuple[Part, ...]:
    """ "Thought for 12 seconds": about the reasoning, no part of the answer."""
    words = text(content.get("content") or "", f"{at}.content")
    rest = {key: value for key, value in content.items() if key != "content"}
    return (ReasoningPart(words, native=Native(FORMAT, rest)),)


_READERS: Mapping[str, Callable[[Mapping[str, Any], str], tuple[Part, ...]]] = {
    "thoughts": _thoughts,
    "reasoning_recap": _recap,
    **dict.fromkeys(_PAGES, _page),
}


def read_citations(metadata: Mapping[str, Any]) -> tuple[Citation, ...]:
    """The sources that an answer's metadata names; odd ones stay in the metadata alone."""
    found: list[Citation] = []
    for key, first, last in (("citations", "start_ix", "end_ix"), ("content_references", "start_idx", "end_idx")):
        listed = metadata.get(key)
        for value in listed if isinstance(listed, list) else []:
            if not isinstance(value, dict):
                continue
            inner = value.get("metadata")
            about = inner if isinstance(inner, dict) else value
            url, title, start, end = about.get("url"), about.get("title"), value.get(first), value.get(last)
            if isinstance(url, str):
                found.append(Citation(url, _if(title, str), None, _if(start, int), _if(end, int)))
    return tuple(dict.fromkeys(found))


def _if(value: Any, kind: type[Any]) -> Any:
    return value if type(value) is kind else None
