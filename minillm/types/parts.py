"""The parts a message is made of: inert values, equal by content.

``native`` carries what one wire said beyond the neutral fields (see :class:`Native`); it never
takes part in equality. ``extra`` is what the user wrote and is sent as is.
"""

import base64
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Literal, Self, TypeAlias

from .json_value import JSONValue
from .media_source import (
    MAX_BYTES,
    Path,
    as_base64,
    checked_type,
    is_data_url,
    plain_bytes,
    read_file,
    split_data_url,
    web_address,
)
from .media_type import decode_base64, guess_media_type, media_type_of_name, parse_data_url
from .native import Native
from .quick import quick

__all__ = [
    "AudioPart",
    "CacheBreakpoint",
    "Citation",
    "FilePart",
    "ImagePart",
    "MediaPart",
    "NativePart",
    "Part",
    "ReasoningPart",
    "RefusalPart",
    "TextPart",
    "TokenLogprob",
    "ToolCallPart",
    "ToolResultPart",
    "VideoPart",
]


@dataclass(frozen=True, slots=True)
class CacheBreakpoint:
    """The prompt up to and including this part may be cached by the host.

    Args:
        ttl: how long, in the host's words (``"5m"``, ``"1h"``, ``"30m"``); None is the host's default.
    """

    ttl: str | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """A source that a stretch of text leans on; ``start`` and ``end`` count characters of that text."""

    url: str | None = None
    title: str | None = None
    text: str | None = None
    start: int | None = None
    end: int | None = None
    native: Native | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """One token with the natural logarithm of its probability, and the runners-up."""

    token: str
    logprob: float
    bytes: tuple[int, ...] | None = None
    top: tuple["TokenLogprob", ...] = ()
    native: Native | None = field(default=None, compare=False, repr=False)


@quick()
@dataclass(frozen=True, slots=True)
class TextPart:
    """Visible text. ``signature`` is an opaque token a host wants back unchanged (Gemini)."""

    text: str
    citations: tuple[Citation, ...] = ()
    logprobs: tuple[TokenLogprob, ...] | None = None
    signature: str | None = field(default=None, repr=False)
    cache: CacheBreakpoint | None = None
    extra: Mapping[str, JSONValue] | None = field(default=None, hash=False, kw_only=True)
    native: Native | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class RefusalPart:
    """The model's own words for declining; never mixed with the answer's text."""

    text: str
    logprobs: tuple[TokenLogprob, ...] | None = None
    extra: Mapping[str, JSONValue] | None = field(default=None, hash=False, kw_only=True)
    native: Native | None = field(default=None, compare=False, repr=False, kw_only=True)


@quick()
@dataclass(frozen=True, slots=True)
class ReasoningPart:
    """Thinking, as far as the host shows it.

    Args:
        text: readable reasoning or its summary; segments are joined by a blank line.
        signature: the host's proof that the text is unchanged; goes back only where it came from.
        sealed: encrypted or redacted reasoning, opaque, likewise.
    """

    text: str = ""
    signature: str | None = field(default=None, repr=False)
    sealed: str | None = field(default=None, repr=False)
    extra: Mapping[str, JSONValue] | None = field(default=None, hash=False, kw_only=True)
    native: Native | None = field(default=None, compare=False, repr=False, kw_only=True)


@quick()
@dataclass(frozen=True, slots=True)
class ToolCallPart:
    """The model asks for a tool.

    Args:
        id: the host's or an invented id; the result names it again.
        name: the tool's name.
        arguments: JSON text as sent, or free text for ``kind="custom"``; ``""`` means none were sent.
        incomplete: the answer was cut inside the arguments; such a call must never be run.
    """

    id: str
    name: str
    arguments: str = ""
    kind: Literal["function", "custom"] = "function"
    signature: str | None = field(default=None, repr=False)
    incomplete: bool = False
    cache: CacheBreakpoint | None = None
    extra: Mapping[str, JSONValue] | None = field(default=None, hash=False, kw_only=True)
    native: Native | None = field(default=None, compare=False, repr=False, kw_only=True)

    def parse_arguments(self) -> Any:
        """The arguments as a JSON value; none sent is ``{}``.

        Raises:
            ValueError: the text is not JSON (``json.JSONDecodeError``), or the call is incomplete.
        """
        import json

        if self.incomplete:
            raise ValueError(f"the arguments of tool call {self.name!r} were cut off: it must not be run")
        if not self.arguments.strip():
            return {}
        return json.loads(self.arguments)


@dataclass(frozen=True, slots=True)
class MediaPart:
    """Bytes, a URL or a host's file id, with a media type.

    Made from a path by :meth:`load` (awaited) or :meth:`from_file` (blocks), from bytes by :meth:`from_bytes`,
    from addresses by :meth:`from_url` and :meth:`from_data_url`. What these do not name (``detail``,
    ``transcript``, ``cache``, ``extra``) is set with ``dataclasses.replace``, or by the constructor itself.

    Args:
        mime: the media type; guessed from the bytes or the name where None and possible.
        data: base64 text without a ``data:`` prefix; ``bytes`` are accepted and encoded.
        url: an http(s) address that the host fetches; a base64 ``data:`` URL is taken apart.
        file_id: the host's own id of an uploaded file.
        name: a file name.
        detail: how closely to look (``"low"``, ``"high"``, ``"auto"``, ``"original"``).
        transcript: the words of a sound.
    """

    mime: str | None = None
    data: str | None = field(default=None, repr=False)
    url: str | None = None
    file_id: str | None = None
    name: str | None = None
    detail: str | None = None
    transcript: str | None = field(default=None, repr=False)
    signature: str | None = field(default=None, repr=False)
    cache: CacheBreakpoint | None = None
    extra: Mapping[str, JSONValue] | None = field(default=None, hash=False, kw_only=True)
    native: Native | None = field(default=None, compare=False, repr=False, kw_only=True)

    #: ``"image"``, ``"audio"``, ``"video"`` or ``"document"``; documents may be anything.
    kind: ClassVar[Literal["image", "audio", "video", "document"]] = "document"

    def __post_init__(self) -> None:
        data: object = self.data
        if isinstance(data, bytes | bytearray | memoryview):
            raw = plain_bytes(data)
            object.__setattr__(self, "data", base64.b64encode(raw).decode("ascii"))
            if self.mime is None:
                object.__setattr__(self, "mime", guess_media_type(raw, self.name))
        if self.url is not None and self.data is None and self.url[:5].lower() == "data:":
            parsed = parse_data_url(self.url)
            if parsed is not None:
                media_type, payload = parsed
                object.__setattr__(self, "url", None)
                object.__setattr__(self, "data", payload)
                if self.mime is None and media_type:
                    object.__setattr__(self, "mime", media_type)

    @classmethod
    def load(
        cls, path: Path, *, mime: str | None = None, name: str | None = None, max_bytes: int = MAX_BYTES
    ) -> Coroutine[Any, Any, Self]:
        """A file's bytes, read in a thread: to be awaited. Arguments and errors as for :meth:`from_file`."""
        import asyncio

        return asyncio.to_thread(partial(cls.from_file, path, mime=mime, name=name, max_bytes=max_bytes))

    @classmethod
    def from_file(
        cls, path: Path, *, mime: str | None = None, name: str | None = None, max_bytes: int = MAX_BYTES
    ) -> Self:
        """A file's bytes. It **blocks** while it reads; in asynchronous code ``await`` :meth:`load` instead.

        Args:
            path: where the file is.
            mime: its media type; None: as its bytes tell, else its name.
            name: the name it goes by; None: its own.
            max_bytes: how large it may be.

        Raises:
            MediaError: there is no such file, it is no plain file, empty, too large, or of an unknown or wrong type.
        """
        data, own_name = read_file(path, max_bytes)
        return cls.from_bytes(data, mime=mime, name=name or own_name)

    @classmethod
    def from_bytes(
        cls, data: bytes | bytearray | memoryview, *, mime: str | None = None, name: str | None = None
    ) -> Self:
        """Bytes, whose media type is told by themselves, else by ``name``, unless ``mime`` says it.

        Raises:
            MediaError: there are no bytes, nobody can tell what they are, or they are something else.
        """
        raw = plain_bytes(data)
        return cls(checked_type(raw, mime, name, cls.kind), as_base64(raw), name=name)

    @classmethod
    def from_url(cls, url: str, *, mime: str | None = None, name: str | None = None) -> Self:
        """A web address, which the host fetches; nothing is fetched here (``media.load(url, fetch=True)`` does).

        Args:
            url: ``https://...``, or what else the host fetches (``gs://...``); a data URL is taken apart.
            mime: the media type; None: as the ending of the address tells, else it stays unsaid.

        Raises:
            MediaError: it is no address, or that of a file on this machine.
        """
        if is_data_url(url):
            return cls.from_data_url(url, mime=mime, name=name)
        address = web_address(url)
        return cls(mime or media_type_of_name(address), url=address, name=name)

    @classmethod
    def from_data_url(cls, url: str, *, mime: str | None = None, name: str | None = None) -> Self:
        """The bytes of a data URL, in base64 or percent-encoded.

        Raises:
            MediaError: it is none, its payload is not base64 or empty, or the bytes are something else.
        """
        said, data = split_data_url(url)
        return cls.from_bytes(data, mime=mime or said, name=name)

    @property
    def media_type(self) -> str | None:
        """The media type: as said, else as the first bytes or the name tell, else None."""
        if self.mime is not None:
            return self.mime
        head = None
        if self.data is not None:
            try:
                head = decode_base64(self.data[:128])
            except ValueError:
                head = None
        return guess_media_type(head, self.name or self.url)

    @property
    def byte_count(self) -> int | None:
        """How many bytes ``data`` decodes to, told from its length; None where there is no ``data``."""
        if self.data is None:
            return None
        return len(self.data) * 3 // 4 - self.data[-2:].count("=")

    def to_bytes(self) -> bytes:
        """The decoded bytes of ``data``.

        Raises:
            ValueError: there is no ``data``, or it is not base64.
        """
        if self.data is None:
            raise ValueError(f"this {type(self).__name__} holds no bytes, only a URL or a file id")
        return decode_base64(self.data)

    def to_data_url(self) -> str:
        """``data`` as a base64 data URL. Raises ValueError where there is no ``data``."""
        if self.data is None:
            raise ValueError(f"this {type(self).__name__} holds no bytes, only a URL or a file id")
        return f"data:{self.mime or 'application/octet-stream'};base64,{self.data}"


@dataclass(frozen=True, slots=True)
class ImagePart(MediaPart):
    """A picture."""

    kind = "image"


@dataclass(frozen=True, slots=True)
class AudioPart(MediaPart):
    """A sound; ``transcript`` is its text where the host sends one."""

    kind = "audio"


@dataclass(frozen=True, slots=True)
class VideoPart(MediaPart):
    """A film."""

    kind = "video"


@dataclass(frozen=True, slots=True)
class FilePart(MediaPart):
    """A document (PDF, text, ...)."""


@dataclass(frozen=True, slots=True)
class NativePart:
    """A block with no neutral form, such as a server-side tool's result: kept whole and replayed
    on its own wire, reported as lost on the others."""

    wire: str
    block: Any = field(hash=False)


@quick(settled="type(content) is str")
@dataclass(frozen=True, slots=True)
class ToolResultPart:
    """What a tool gave back for the call ``call_id``; Gemini also needs the tool's ``name``."""

    call_id: str
    name: str | None = None
    content: "str | tuple[Part, ...]" = ""
    is_error: bool = False
    cache: CacheBreakpoint | None = None
    extra: Mapping[str, JSONValue] | None = field(default=None, hash=False, kw_only=True)
    native: Native | None = field(default=None, compare=False, repr=False, kw_only=True)

    def __post_init__(self) -> None:
        if isinstance(self.content, list):
            object.__setattr__(self, "content", tuple(self.content))

    @property
    def text(self) -> str:
        """The text of the result, media left out."""
        if isinstance(self.content, str):
            return self.content
        return "".join(part.text for part in self.content if isinstance(part, TextPart))


Part: TypeAlias = (
    TextPart
    | RefusalPart
    | ReasoningPart
    | ToolCallPart
    | ToolResultPart
    | ImagePart
    | AudioPart
    | VideoPart
    | FilePart
    | NativePart
)
