"""What an assistant says beside its content, both ways: reasoning, refusals, citations, sounds, pictures,
tool calls, and the record of tools its host ran."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ...types import (
    AudioPart,
    ImagePart,
    Message,
    NativePart,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from ..encoding import Encoding
from ..fields import want_list
from ..residue import hints_of, restore, with_hints
from .calls import CallIds, decode_call, decode_function_call, encode_call
from .citations import NO_ADDRESS, decode_citation, encode_citation, has_no_address
from .content import decode_picture, encode_part, encode_picture, encode_thinking
from .dialect import WIRE, native
from .reasoning import REASONING_FIELDS, decode_reasoning, encode_reasoning

__all__ = ["BESIDE", "Assistant", "decode_beside"]

# An assistant that says one of these need not say anything else.
BESIDE: Final = frozenset({"tool_calls", "function_call", "refusal", "audio", "images", *REASONING_FIELDS})


def decode_beside(
    raw: Mapping[str, Any], content: list[Part], rest: dict[str, Any], ids: CallIds, path: str, *, asked: bool
) -> list[Part]:
    """All parts of the message, its ``content`` among them; what was read is taken out of ``rest``.

    Raises:
        DecodeError: a tool call is none.
    """
    parts = list(content)
    reasoning, fields = decode_reasoning(raw, asked=asked)
    for name in fields:
        del rest[name]
    refusal = rest.get("refusal")
    if isinstance(refusal, str) and refusal:
        del rest["refusal"]
        data = native(with_hints({}, form="field", asked=True)) if asked else None
        parts.append(RefusalPart(refusal, native=data))
    _decode_annotations(rest, parts)
    _decode_media(rest, parts, asked=asked)
    if rest.get("tool_calls"):
        calls = want_list(rest.pop("tool_calls"), f"{path}.tool_calls")
        parts.extend(decode_call(call, f"{path}.tool_calls[{at}]", ids, asked=asked) for at, call in enumerate(calls))
    if rest.get("function_call"):
        parts.append(decode_function_call(rest.pop("function_call"), f"{path}.function_call", ids, asked=asked))
    if rest.get("executed_tools"):  # Groq: what its own tools did
        parts.append(NativePart(WIRE, {"executed_tools": rest.pop("executed_tools")}))
    return parts if reasoning is None else [reasoning, *parts]


def _decode_annotations(rest: dict[str, Any], parts: list[Part]) -> None:
    """Citations belong to the text; without one they stay in the residue."""
    said = rest.get("annotations")
    at = next((at for at, part in enumerate(parts) if isinstance(part, TextPart)), None)
    if not isinstance(said, list) or not said or at is None:
        return
    citations = tuple(citation for item in said if (citation := decode_citation(item)) is not None)
    text = parts[at]
    if len(citations) == len(said) and isinstance(text, TextPart):
        parts[at] = TextPart(text.text, citations, cache=text.cache, native=text.native)
        del rest["annotations"]


def _decode_media(rest: dict[str, Any], parts: list[Part], *, asked: bool) -> None:
    audio = rest.get("audio")
    if isinstance(audio, dict):
        said = {
            key: value for key in ("id", "data", "transcript") if isinstance(value := audio.get(key), str) and value
        }
        left = {key: value for key, value in audio.items() if key not in said}
        parts.append(
            AudioPart(
                data=said.get("data"),
                file_id=said.get("id"),
                transcript=said.get("transcript"),
                native=native(with_hints(left, asked=asked)),
            )
        )
        del rest["audio"]
    images = rest.get("images")
    if isinstance(images, list) and images and not asked:
        pictures = [picture for item in images if (picture := decode_picture(item)) is not None]
        if len(pictures) == len(images):
            parts.extend(pictures)
            del rest["images"]


@dataclass(slots=True)
class Assistant:
    """An assistant's message on its way out: ``items`` become its content, ``said`` stands beside it.

    Args:
        came: the message came over this wire, and in a body of the same kind.
    """

    message: Message
    enc: Encoding
    path: str
    came: bool
    said: dict[str, Any] = field(default_factory=dict)
    items: list[dict[str, Any]] = field(default_factory=list)

    def say(self, parts: tuple[Part, ...]) -> None:
        """All parts, in their order."""
        if any(isinstance(part, ToolCallPart) for part in parts):
            self.enc.turn_has_calls = True
            self._note_order(parts)
        for at, part in enumerate(parts):
            path = f"{self.path}.content[{at}]"
            sayer = _SAYERS.get(type(part))
            if sayer is not None:
                sayer(self, part, path)
            elif not isinstance(part, ToolResultPart):
                what = type(part).__name__.removesuffix("Part").lower()
                self.enc.report.lost(path, what, "an assistant says only text here; put it into a user message")

    def _note_order(self, parts: tuple[Part, ...]) -> None:
        called = False
        for part in parts:
            called = called or isinstance(part, ToolCallPart)
            if called and isinstance(part, TextPart):
                self.enc.report.degraded(
                    self.path, "text behind a tool call", "calls stand beside the text; their order is lost"
                )
                return

    def _item(self, part: Part, path: str) -> None:
        item = encode_part(part, self.enc, path)
        if item is not None:
            self.items.append(item)

    def _text(self, part: TextPart, path: str) -> None:
        self._item(part, path)
        if not part.citations:
            return
        if self.enc.asking and not self.came:
            self.enc.report.note(f"{path}.citations", "citations", "a request does not carry them")
        else:
            self.said.setdefault("annotations", []).extend(map(encode_citation, part.citations))
            if any(map(has_no_address, part.citations)):
                self.enc.report.degraded(f"{path}.citations", "citations", NO_ADDRESS)

    def _refusal(self, part: RefusalPart, path: str) -> None:
        """In an answer a field of its own; in a request an item, unless it came as that field."""
        if self.enc.asking and hints_of(self.enc.residue(part.native)).get("form") != "field":
            self._item(part, path)
        else:
            self.said["refusal"] = self.said.get("refusal", "") + part.text

    def _reasoning(self, part: ReasoningPart, path: str) -> None:
        if str(hints_of(self.enc.residue(part.native)).get("form", "")).startswith("thinking"):
            self._item(part, path)
            return
        fields = encode_reasoning(part, self.enc, self.message, path)
        if "thinking" in fields:
            self.items.append(encode_thinking(part))
            return
        for name, value in fields.items():
            if name not in self.said:
                self.said[name] = value
            elif isinstance(value, list):
                self.said[name] = [*self.said[name], *value]
            else:
                self.said[name] += "\n\n" + value

    def _call(self, part: ToolCallPart, path: str) -> None:
        name, call = encode_call(part, self.enc, path, home=self.enc.comes_home(self.message))
        if name == "function_call":
            self.said[name] = call
        else:
            self.said.setdefault(name, []).append(call)

    def _picture(self, part: ImagePart, path: str) -> None:
        report = self.enc.report
        if self.enc.asking:
            report.lost(path, "picture", "an assistant says only text here; put it into a user message")
            return
        picture = encode_picture(part, self.enc)
        if picture is None:
            report.lost(path, "picture", "it has neither data nor URL")
            return
        self.said.setdefault("images", []).append(picture)
        if not self.came:
            report.note(path, "picture", "the protocol has no field for it; it goes out as a dialect's")

    def _native(self, part: NativePart, path: str) -> None:
        if part.wire != WIRE or not isinstance(part.block, dict) or "type" in part.block:
            self._item(part, path)
        elif self.enc.asking:
            self.enc.report.note(path, "record of the host's own tools", "a request does not carry it")
        else:
            self.said.update(part.block)

    def _audio(self, part: AudioPart, path: str) -> None:
        data = self.enc.residue(part.native)
        if self.enc.asking and data is None:
            self._earlier_audio(part, path)
            return
        fields = {"id": part.file_id, "data": part.data, "transcript": part.transcript}
        audio: dict[str, Any] = {key: value for key, value in fields.items() if value is not None}
        if data is None:
            audio = {"id": "", "data": "", "transcript": "", "expires_at": 0, **audio}
        self.said["audio"] = restore(audio, data)

    def _earlier_audio(self, part: AudioPart, path: str) -> None:
        """The host knows what it said by its id."""
        if part.file_id is not None:
            self.said["audio"] = {"id": part.file_id}
        elif part.transcript:
            self.items.append({"type": "text", "text": part.transcript})
            self.enc.report.degraded(path, "spoken answer", "it has no id any more; its words go out as text")
        else:
            self.enc.report.lost(path, "spoken answer", "it has neither an id nor words")


_SAYERS: Final[dict[type, Any]] = {
    TextPart: Assistant._text,
    RefusalPart: Assistant._refusal,
    ReasoningPart: Assistant._reasoning,
    ToolCallPart: Assistant._call,
    ImagePart: Assistant._picture,
    AudioPart: Assistant._audio,
    NativePart: Assistant._native,
}
