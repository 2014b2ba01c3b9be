"""Reasoning, both ways. The vendor's protocol has none; dialects have three (wire-spec: dialects).

``reasoning_content`` (DeepSeek, llama.cpp, Moonshot), ``reasoning`` (Groq, vLLM, Ollama) and OpenRouter's
``reasoning_details``, a list with signatures and sealed blocks that must go back unmodified. All of it
is one :class:`ReasoningPart`; what the list holds beyond text, signature and sealed block is residue.
"""

from collections.abc import Mapping
from typing import Any, Final

from ...types import Message, ReasoningPart
from ..encoding import Encoding
from ..residue import HINTS, hints_of, own, with_hints
from .dialect import WIRE, native

__all__ = ["REASONING_FIELDS", "decode_reasoning", "encode_reasoning", "readable"]

_PLAIN: Final = ("reasoning_content", "reasoning")
REASONING_FIELDS: Final = (*_PLAIN, "reasoning_details")
_TEXT_KEYS: Final = ("text", "summary")


def readable(detail: Any) -> str | None:
    """Under which key an item of ``reasoning_details`` has readable text."""
    if isinstance(detail, dict):
        for key in _TEXT_KEYS:
            if isinstance(detail.get(key), str) and detail[key]:
                return key
    return None


def decode_reasoning(raw: Mapping[str, Any], *, asked: bool) -> tuple[ReasoningPart | None, frozenset[str]]:
    """The reasoning of a message, and the fields it was taken from; the others are residue."""
    details = raw.get("reasoning_details")
    plain = {name: said for name in _PLAIN if isinstance(said := raw.get(name), str) and said}
    if not isinstance(details, list) or not details or not all(isinstance(item, dict) for item in details):
        if not plain:
            return None, frozenset()
        text = next(iter(plain.values()))
        fields = [name for name, said in plain.items() if said == text]
        data = with_hints({}, fields=fields, asked=asked)
        return ReasoningPart(text, native=native(data)), frozenset(fields)
    pieces = [(place, key) for place, item in enumerate(details) if (key := readable(item)) is not None]
    text = "".join(details[place][key] for place, key in pieces) or next(iter(plain.values()), "")
    fields = [name for name, said in plain.items() if said == text]
    sealed, seal = _first(details, "data")
    signature, signed = _first(details, "signature", last=True)
    texts = [(place, key, len(details[place][key])) for place, key in pieces]
    data = with_hints(
        {"reasoning_details": _skeleton(details, texts, seal, signed)},
        fields=fields,
        texts=texts,
        seal=seal,
        signed=signed,
        asked=asked,
    )
    part = ReasoningPart(text, signature, sealed, native=native(data))
    return part, frozenset((*fields, "reasoning_details"))


def _first(details: list[Any], key: str, *, last: bool = False) -> tuple[str | None, int | None]:
    places = range(len(details) - 1, -1, -1) if last else range(len(details))
    for place in places:
        said = details[place].get(key)
        if isinstance(said, str) and said:
            return said, place
    return None, None


def _skeleton(
    details: list[Any], texts: list[tuple[int, str, int]], seal: int | None, signed: int | None
) -> list[dict[str, Any]]:
    """The list without what the part itself says."""
    said = {(place, key) for place, key, _ in texts} | {(seal, "data"), (signed, "signature")}
    return [
        {key: value for key, value in item.items() if (place, key) not in said} for place, item in enumerate(details)
    ]


def _details(part: ReasoningPart, data: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The list again, with what the part says now."""
    skeleton, hints = data.get("reasoning_details"), hints_of(data)
    if skeleton is None:
        return None
    items = [dict(item) for item in skeleton]
    gone = set()
    texts = hints.get("texts", ())
    whole = sum(length for _, _, length in texts) == len(part.text)
    start = 0
    for number, (place, key, length) in enumerate(texts):
        piece = part.text[start : start + length] if whole else (part.text if number == 0 else "")
        start += length
        if piece:
            items[place][key] = piece
        else:
            gone.add(place)
    for place, key, value in (
        (hints.get("seal"), "data", part.sealed),
        (hints.get("signed"), "signature", part.signature),
    ):
        if place is not None:
            if value is not None:
                items[place][key] = value
            elif key == "data":
                gone.add(place)
    return [item for place, item in enumerate(items) if place not in gone]


def encode_reasoning(part: ReasoningPart, enc: Encoding, message: Message, path: str) -> dict[str, Any]:
    """The message fields for a reasoning part; empty (and reported) where it stays behind."""
    data = enc.residue(part.native)
    opaque = part.signature is not None or part.sealed is not None
    if data is not None and (enc.comes_home(message) or not opaque) and HINTS in data:
        out: dict[str, Any] = dict.fromkeys(hints_of(data).get("fields", ()), part.text)
        details = _details(part, data)
        if details is not None:
            out["reasoning_details"] = details
        return out
    return _replay(part, enc, message, path) if enc.asking else _answer(part, enc, path)


def _answer(part: ReasoningPart, enc: Encoding, path: str) -> dict[str, Any]:
    """In an answer of ours: under the name most clients read."""
    if part.signature is not None or part.sealed is not None:
        enc.report.note(f"{path}.signature", "reasoning signature", "the protocol has no place for it")
    if not part.text:
        return {}
    enc.report.note(path, "reasoning", "the protocol has no field for it; it goes out as a dialect's")
    name = enc.quirks.reasoning_replay
    return {name if name in _PLAIN else "reasoning_content": part.text}


def _replay(part: ReasoningPart, enc: Encoding, message: Message, path: str) -> dict[str, Any]:
    """Back to the host, as its row says."""
    quirks = enc.quirks
    when = quirks.replay_reasoning
    if when == "never" or (when == "with_tools" and not enc.turn_has_calls):
        enc.report.note(path, "reasoning", "this host does not take it back here")
        return {}
    data = own(part.native, WIRE)
    if part.signature is not None or part.sealed is not None:
        if data is None or not enc.comes_home(message):
            # The text without its proof would be refused or misread: the whole block stays behind.
            enc.report.note(path, "sealed or signed reasoning", "only its author can read it")
            return {}
        details = _details(part, data)
        if details is not None:
            return {"reasoning_details": details}
    if not part.text:
        return {}
    name = quirks.reasoning_replay or next(iter(hints_of(data).get("fields", ())), "reasoning_content")
    if name == "reasoning_details":
        details = None if data is None else _details(part, data)
        return {"reasoning": part.text} if details is None else {"reasoning_details": details}
    return {name: part.text}
