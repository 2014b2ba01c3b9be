"""What a host would refuse, found before it is sent: the host, its limit and the way out are told.

Media are the content of a question: one that the host does not take at all makes the question another one, so it is an
error, unless the caller said ``unsupported="drop"``. Limits (sizes, counts) are always errors. What is unknown passes.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..cost.media_size import media_size
from ..errors import EncodeError
from ..generator import GeneratorInfo
from ..providers import PROVIDERS, Capabilities, MediaLimits
from ..report import Report
from ..types import AudioPart, ChatRequest, MediaPart, Message, Part, Role, TextPart, ToolResultPart
from ..types.media_source import size
from ..types.media_type import kind_of_type

__all__ = ["fitted_media"]

_PLURALS = {"image": "images", "audio": "audio", "video": "video", "document": "documents"}
_SOURCES = {"data": "bytes", "url": "an address", "file_id": "a file id"}
_INSTEAD = {
    "image": "say in words what it shows",
    "audio": "send a transcript as text",
    "video": "send single frames as images",
    "document": "send its text, or its pages as images",
}
_SMALLER = {"image": "scale it down", "audio": "cut it", "video": "cut it", "document": "split it"}
_CONVERT = {
    "image": "convert it",
    "audio": "convert it",
    "video": "convert it",
    "document": "send its text, or convert it to PDF",
}


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a part cannot go; ``hard`` where leaving the part out was not offered."""

    what: str
    why: str
    hard: bool = False


class _Judge:
    """One request, one host."""

    __slots__ = ("_base64", "_capabilities", "_counts", "_drop", "_generator", "_host", "_report", "_sides")

    def __init__(self, generator: GeneratorInfo, capabilities: Capabilities, drop: bool, report: Report) -> None:
        self._generator = generator
        self._host = generator.provider.label or generator.provider.name
        self._capabilities = capabilities
        self._drop = drop
        self._report = report
        self._counts: Counter[str] = Counter()
        self._base64 = 0
        self._sides: list[tuple[str, str, int]] = []  # path, kind, longest side, where the host asks for it

    def parts(self, parts: Sequence[Part], path: str, *, own_turn: bool = False) -> tuple[Part, ...]:
        """The parts that may go.

        Args:
            own_turn: they are the model's own words: nothing but its voice is judged.

        Raises:
            EncodeError: one may not.
        """
        kept: list[Part] = []
        for i, part in enumerate(parts):
            at = f"{path}[{i}]"
            if isinstance(part, AudioPart) and part.transcript and self._is_deaf():
                kept.append(TextPart(part.transcript, cache=part.cache))
                self._report.degraded(at, "audio", f"{self._host} takes none; its transcript goes out as text")
            elif own_turn:
                kept.append(part)
            elif isinstance(part, ToolResultPart) and not isinstance(part.content, str):
                content = self.parts(part.content, f"{at}.content")
                kept.append(part if len(content) == len(part.content) else replace(part, content=content))
            elif not isinstance(part, MediaPart) or self._goes(part, at):
                kept.append(part)
        return tuple(kept)

    def _is_deaf(self) -> bool:
        return self._capabilities.audio is not None and not self._capabilities.audio.taken

    def _goes(self, part: MediaPart, path: str) -> bool:
        kind = self._kind(part)
        limits: MediaLimits | None = getattr(self._capabilities, kind)
        refusal = _by_nothing(part) or (None if limits is None else self._refusal(part, kind, limits))
        if refusal is None:
            self._counts[kind] += 1
            if limits is not None and limits.max_side_of_many is not None:
                self._sides.append((path, kind, _side(part)))
            self._base64 += len(part.data or "")
            return True
        if not self._drop or refusal.hard:
            leave = "" if refusal.hard else "; unsupported='drop' leaves it out"
            raise EncodeError(f"{self._host} {refusal.what}: {refusal.why}{leave}", path=path)
        self._report.lost(path, kind, f"{self._host} {refusal.what}; it is left out")
        return False

    def _kind(self, part: MediaPart) -> str:
        if part.kind == "document" and self._capabilities.files_by_type:
            return kind_of_type(part.media_type)
        return part.kind

    def _refusal(self, part: MediaPart, kind: str, limits: MediaLimits) -> _Refusal | None:
        if not limits.taken:
            return self._not_taken(kind)
        return (
            _by_source(part, kind, limits)
            or _by_address(part)
            or _by_type(part, kind, limits)
            or _by_bytes(part, kind, limits)
            or _by_side(part, kind, limits)
        )

    def _not_taken(self, kind: str) -> _Refusal:
        wires = _wires_taking(kind, self._generator)
        if wires:
            return _Refusal(f"takes no {_PLURALS[kind]} over this wire", f"use wire={wires[0]!r}, or {_INSTEAD[kind]}")
        others = f" (hosts that take it: {', '.join(hosts)})" if (hosts := _hosts_taking(kind)) else ""
        return _Refusal(f"takes no {_PLURALS[kind]}", f"{_INSTEAD[kind]}, or ask another host{others}")

    def whole(self) -> None:
        """Judge all media together.

        Raises:
            EncodeError: there are too many, or they are too large together.
        """
        for kind, count in self._counts.items():
            limits: MediaLimits | None = getattr(self._capabilities, kind)
            if limits is not None and limits.max_count is not None and count > limits.max_count:
                raise EncodeError(
                    f"{self._host} takes at most {limits.max_count} {_PLURALS[kind]} a request (this one has {count}): "
                    "spread them over several requests",
                    path="messages",
                )
        for path, kind, side in self._sides:
            self._check_many(path, kind, side)
        most = self._capabilities.max_request_bytes
        if most is not None and self._base64 > most:
            raise EncodeError(
                f"{self._host} takes requests up to {size(most)} (the media in this one are {size(self._base64)} in "
                "base64): send less at once, or upload it and give file_id, or an address",
                path="messages",
            )

    def _check_many(self, path: str, kind: str, side: int) -> None:
        limits: MediaLimits = getattr(self._capabilities, kind)
        count, most = limits.max_side_of_many or (0, 0)
        if self._counts[kind] > count and side > most:
            raise EncodeError(
                f"{self._host} takes more than {count} {_PLURALS[kind]} a request only up to {most} pixels on a side "
                f"(this one has {side}): scale it down, or send fewer at once",
                path=path,
            )


def _by_nothing(part: MediaPart) -> _Refusal | None:
    """A part without content; what a wire keeps of its own, or a transcript, is content too."""
    has = (part.data, part.url, part.file_id, part.native, getattr(part, "transcript", None))
    if any(each is not None for each in has):
        return None
    return _Refusal("cannot be sent what holds nothing", "give bytes, an address or a file id")


# What some host fetches: the web, Google's and Amazon's stores, Gemini's own files; the rest stands in the address.
_FETCHED = ("http://", "https://", "gs://", "s3://", "files/", "data:")


def _by_address(part: MediaPart) -> _Refusal | None:
    """Files of this machine, as older thread files name them, and pointers in other programs' exports."""
    if part.url is None or part.data is not None or part.file_id is not None:
        return None
    if part.url[:8].lower().startswith(_FETCHED):
        return None
    scheme, found, _ = part.url.partition("://")
    what = f"one that begins with {scheme[:20]}://" if found else "a path"
    return _Refusal(f"fetches web addresses (this one is {what})", "await media.load(path) makes bytes of a file")


def _by_source(part: MediaPart, kind: str, limits: MediaLimits) -> _Refusal | None:
    """Whether the host takes the kind in a way that the part has."""
    has = [source for source in ("data", "url", "file_id") if getattr(part, source) is not None]
    if not has or not limits.sources.isdisjoint(has):
        return None
    ways = " or ".join(_SOURCES[source] for source in ("data", "url", "file_id") if source in limits.sources)
    given = " and ".join(_SOURCES[source] for source in has)
    fetch = "await media.load(part, fetch=True) makes bytes of it" if "url" in has else f"give {ways}"
    return _Refusal(f"takes {_PLURALS[kind]} as {ways} (this one is {given})", fetch)


def _wires_taking(kind: str, generator: GeneratorInfo) -> list[str]:
    """Other wires of the same host over which the model takes the kind, as far as is known."""
    wires = (endpoint.wire for endpoint in generator.provider.endpoints if endpoint.wire != generator.endpoint.wire)
    return [wire for wire in wires if getattr(generator.replace(wire=wire).capabilities, kind).taken]


def _hosts_taking(kind: str) -> list[str]:
    """Hosts whose rows say so."""
    return [
        row.label or row.name
        for row in PROVIDERS.values()
        if any(
            (limits := getattr(endpoint.capabilities, kind, None)) is not None and limits.taken
            for endpoint in row.endpoints
        )
    ]


def _by_type(part: MediaPart, kind: str, limits: MediaLimits) -> _Refusal | None:
    if part.data is None or limits.types is None:
        return None  # what stands at an address is told by its server
    media_type = part.media_type
    if media_type is None or limits.has_type(media_type):
        return None
    types = ", ".join(sorted(limits.types))
    return _Refusal(f"takes {_PLURALS[kind]} of the types {types} (this one is {media_type})", _CONVERT[kind])


def _by_bytes(part: MediaPart, kind: str, limits: MediaLimits) -> _Refusal | None:
    if part.data is None:
        return None
    count = part.byte_count or 0
    if limits.max_bytes is not None and count > limits.max_bytes:
        seen = _above(count, limits.max_bytes)
        what = f"takes {_PLURALS[kind]} up to {size(limits.max_bytes)} each (this one is {seen})"
    elif limits.max_base64 is not None and len(part.data) > limits.max_base64:
        what = (
            f"takes {_PLURALS[kind]} up to {size(limits.max_base64)} each in base64 "
            f"(this one is {_above(len(part.data), limits.max_base64)}, {size(count)} as a file)"
        )
    else:
        return None
    ways = [_SMALLER[kind]]
    if "file_id" in limits.sources:
        ways.append("upload it and give file_id")
    if "url" in limits.sources:
        ways.append("give its address")
    return _Refusal(what, ", or ".join(ways), hard=True)


def _by_side(part: MediaPart, kind: str, limits: MediaLimits) -> _Refusal | None:
    if limits.max_side is None or (side := _side(part)) <= limits.max_side:
        return None
    what = f"takes {_PLURALS[kind]} up to {limits.max_side} pixels on a side (this one has {side})"
    return _Refusal(what, _SMALLER[kind], hard=True)


def _side(part: MediaPart) -> int:
    """The longest side of a picture, as its first bytes tell; 0 where they do not."""
    seen = media_size(part)
    return max(seen.width, seen.height)


def _above(count: int, limit: int) -> str:
    """A size that is seen to be above the limit."""
    return size(count) if size(count) != size(limit) else f"{count:,} bytes"


def fitted_media(
    request: ChatRequest, generator: GeneratorInfo, capabilities: Capabilities, *, drop: bool, report: Report
) -> ChatRequest:
    """The request with the media that the host takes; the same object where nothing has to go.

    The model's own turns are not judged: what it said goes back as its wire can say it. But a voice, anybody's, goes to
    a host without ears as its transcript, where there is one.

    Raises:
        EncodeError: the host would refuse it.
    """
    asked = list(_with_media(request.messages))
    if not asked:
        return request
    judge = _Judge(generator, capabilities, drop, report)
    changed: dict[int, Message | None] = {}
    for i, message in asked:
        kept = judge.parts(message.parts, f"messages[{i}].content", own_turn=message.role is Role.ASSISTANT)
        if kept != message.content:
            changed[i] = replace(message, content=kept) if kept else None
    judge.whole()
    if not changed:
        return request
    messages = (changed.get(i, message) for i, message in enumerate(request.messages))
    return replace(request, messages=tuple(message for message in messages if message is not None))


def _with_media(messages: Sequence[Message]) -> Iterator[tuple[int, Message]]:
    for i, message in enumerate(messages):
        if type(message.content) is not str:
            judged = AudioPart if message.role is Role.ASSISTANT else _JUDGED
            for part in message.content:
                if isinstance(part, judged):
                    yield i, message
                    break


_JUDGED = (MediaPart, ToolResultPart)
