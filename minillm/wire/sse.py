"""Server-sent events: bytes cut anywhere in, whole events out, and back.

Rules: https://html.spec.whatwg.org/multipage/server-sent-events.html (section 9.2.6). Lines end with
CR, LF or CRLF and with nothing else: U+2028 and its kin occur raw inside JSON strings, so text is cut
as bytes. Three things are added for servers that frame badly (wire-spec: dialects, checklist 11): a last
event without its blank line, a body with no framing at all, and bare JSON behind the last event (Gemini's
errors in mid-stream) are given out by ``finish()``.
"""

from collections.abc import Iterable
from typing import NamedTuple

from ..errors import DecodeError, EncodeError

__all__ = ["MAX_EVENT_BYTES", "SSEDecoder", "ServerSentEvent", "UnterminatedEvent", "encode_event"]

MAX_EVENT_BYTES = 64 * 1024 * 1024
"""What one event may hold by default: pictures and sounds come as base64 in a single line."""

_CR, _LF = b"\r\n"  # as numbers: "in" takes bytes too, but first raises and clears an error for them
_BOM = b"\xef\xbb\xbf"
_names: dict[bytes, str] = {}  # a wire has a few dozen, and one of them with each event
_MOST_NAMES = 256  # a host that invents names must not fill the memory
_FIELDS = (b"data:", b"event:", b"id:", b"retry:", b":")


class ServerSentEvent:
    """One event.

    The payload is kept as the bytes that came, since that is what a JSON parser wants; ``data`` is
    the same as text.

    Args:
        event: the event's name, ``""`` where none was sent.
        data: the payload; lines are joined by LF.
        id: the last event id sent so far, or None.
        retry: the reconnection time in milliseconds, where this event carried one.
    """

    __slots__ = ("event", "id", "raw", "retry")

    def __init__(self, event: str, data: bytes | str, id: str | None = None, retry: int | None = None) -> None:
        self.event = event
        self.raw: bytes = data.encode() if isinstance(data, str) else data
        self.id = id
        self.retry = retry

    @property
    def data(self) -> str:
        """The payload as text; bytes that are no UTF-8 become U+FFFD, as the standard says."""
        return self.raw.decode("utf-8", "replace")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ServerSentEvent):
            return NotImplemented
        return (self.event, self.raw, self.id, self.retry) == (other.event, other.raw, other.id, other.retry)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}(event={self.event!r}, {len(self.raw)} bytes)"


class _PlainEvent(ServerSentEvent):
    """An event of data and perhaps a name: made for every frame of most streams, so with two assignments."""

    __slots__ = ()

    id = None
    retry = None

    def __init__(self, raw: bytes, event: str = "") -> None:
        self.raw = raw
        self.event = event


class UnterminatedEvent(ServerSentEvent):
    """The last event of a stream that ended before the blank line: it may be whole, or cut."""

    __slots__ = ()


class SSEDecoder:
    """Push bytes, take whole events. The same events however the bytes are cut.

    Args:
        limit: the most bytes one event may hold.
    """

    __slots__ = (
        "_behind",
        "_data",
        "_dispatched",
        "_event",
        "_id",
        "_limit",
        "_pending",
        "_pending_size",
        "_retry",
        "_start",
        "_stray",
        "_stray_size",
    )

    def __init__(self, limit: int = MAX_EVENT_BYTES) -> None:
        self._limit = limit
        self._start = True  # nothing but a part of a BOM has come so far
        self._pending: list[bytes] = []  # bytes behind the last whole event, as they came
        self._pending_size = 0
        self._data: list[bytes] = []
        self._event = b""
        self._id: str | None = None
        self._retry: int | None = None
        self._stray: list[bytes] = []  # lines of no known field: while no event has come, or bare JSON
        self._stray_size = 0
        self._behind = False  # bare JSON has begun behind an event
        self._dispatched = False

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """The events that ``chunk`` completes.

        Raises:
            DecodeError: an event grows beyond the limit.
        """
        found = self._cut(chunk)
        return [_PlainEvent(raw, found.name) for raw in found.pieces] if isinstance(found, _Alike) else found

    def feed_each(self, chunk: bytes) -> Iterable[ServerSentEvent]:
        """As :meth:`feed`, for a reader that is done with each event before it takes the next: plain events are one
        object, filled again and again, since making them costs as much as cutting them. Raises as that does."""
        found = self._cut(chunk)
        return _one_by_one(found) if isinstance(found, _Alike) else found

    def _cut(self, chunk: bytes) -> "list[ServerSentEvent] | _Alike":
        """The events that ``chunk`` completes; plain ones of one name as they are cut."""
        if self._pending:
            self._pending.append(chunk)
            self._pending_size += len(chunk)
            # A long line in small pieces is joined once, when a line end shows up, not for each piece.
            # (A CR that was held back is a line end too.)
            if _LF not in chunk and _CR not in chunk and not self._pending[-2].endswith(b"\r"):
                self._check_size(self._pending_size)
                return []
            chunk = b"".join(self._pending)
            self._pending = []
        if self._start:
            if len(chunk) < 3 and _BOM.startswith(chunk):
                self._keep(chunk)  # perhaps the beginning of a BOM
                return []
            self._start = False
            chunk = chunk.removeprefix(_BOM)
        if self._id is None and self._retry is None:
            plain = self._plain(chunk, b"\r\n" if _CR in chunk else b"\n")
            if plain is not None:
                return plain
        if _CR in chunk:
            chunk = self._unify(chunk)
        end = chunk.rfind(b"\n\n")
        if end < 0:
            self._keep(chunk)
            return []
        if end + 2 < len(chunk):
            self._keep(chunk[end + 2 :])
        events: list[ServerSentEvent] = []
        for line in chunk[: end + 2].split(b"\n"):
            self._line(line, events)
        return events

    def finish(self) -> list[ServerSentEvent]:
        """The bytes have ended: a last event without its blank line, or a body that had no framing."""
        rest = b"".join(self._pending)
        if self._start:
            rest = rest.removeprefix(_BOM)  # it came in pieces, and no line end behind it
        self._pending = []
        events: list[ServerSentEvent] = []
        if rest.endswith(b"\r"):
            rest = rest[:-1] + b"\n"
        *lines, last = rest.split(b"\n")
        for line in lines:
            self._line(line, events)
        before = len(events)
        if last and not any(field.startswith(last) for field in _FIELDS):
            self._line(last, events)  # not merely the beginning of a field's name
        self._dispatch(events)
        if len(events) > before:
            cut = events[-1]
            events[-1] = UnterminatedEvent(cut.event, cut.raw, cut.id, cut.retry)
        stray = b"\n".join(self._stray).strip()
        if stray and (self._behind or not self._dispatched):
            # JSON that stops in the middle is a cut answer; anything else (an HTML page) is what it is.
            kind = UnterminatedEvent if stray[:1] in (b"{", b"[") else ServerSentEvent
            events.append(kind("", stray))
        self._stray = []
        return events

    def _plain(self, chunk: bytes, line_end: bytes) -> "list[ServerSentEvent] | _Alike | None":
        """The whole events in ``chunk``, where there are any and they are plain; the rest of it is kept."""
        blank = line_end * 2
        end = chunk.rfind(blank)
        if end < 0:
            return None
        rest = chunk[end + len(blank) :]
        if _CR in rest:
            rest = self._unify(rest)
            if b"\n\n" in rest:
                return None
        events = _plain_events(chunk[:end], line_end)
        if events is not None:
            self._dispatched = True
            if rest:
                self._keep(rest)
        return events

    def _keep(self, rest: bytes) -> None:
        """Bytes of an event that is not whole yet."""
        self._pending = [rest]
        self._pending_size = len(rest)
        self._check_size(self._pending_size)

    def _unify(self, chunk: bytes) -> bytes:
        """All line ends as LF; a CR at the very end is held back, since its LF may be yet to come."""
        if chunk[-1:] == b"\r":
            return chunk[:-1].replace(b"\r\n", b"\n").replace(b"\r", b"\n") + b"\r"
        return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _check_size(self, size: int) -> None:
        if size > self._limit:
            raise DecodeError(
                f"one server-sent event holds more than {self._limit} bytes; raise SSEDecoder(limit=...) if it is meant"
            )

    def _line(self, line: bytes, events: list[ServerSentEvent]) -> None:
        if not line:
            self._dispatch(events)
            return
        name, colon, value = line.partition(b":")
        if value[:1] == b" ":
            value = value[1:]
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._event = value
        elif name == b"id":
            if b"\0" not in value:
                self._id = value.decode("utf-8", "replace")
        elif name == b"retry":
            if value.isdigit() and len(value) < 20:  # a longer number is no time, and Python may refuse to read it
                self._retry = int(value)
        elif not (colon and not name):
            self._keep_stray(line)

    def _keep_stray(self, line: bytes) -> None:
        """A line that is no field and no comment: perhaps the body, or the error behind it, is not framed at all."""
        if self._dispatched and not self._behind:
            if line[:1] not in (b"{", b"["):
                return
            self._stray, self._stray_size, self._behind = [], 0, True
        self._stray.append(line)
        self._stray_size += len(line) + 1
        self._check_size(self._stray_size)

    def _dispatch(self, events: list[ServerSentEvent]) -> None:
        if self._data:
            name = self._event.decode("utf-8", "replace")
            events.append(ServerSentEvent(name, b"\n".join(self._data), self._id, self._retry))
            self._data = []
            self._retry = None
            self._dispatched = True
        self._event = b""


class _Alike(NamedTuple):
    """Plain events of one name, as they are cut: their data, and the name."""

    pieces: list[bytes]
    name: str


def _one_by_one(plain: _Alike) -> Iterable[ServerSentEvent]:
    event = _PlainEvent(b"", plain.name)
    for event.raw in plain.pieces:
        yield event


def _plain_events(chunk: bytes, line_end: bytes) -> "_Alike | list[ServerSentEvent] | None":
    """The events of ``chunk``, where each is a "data: " line, or an "event: " line and one. None: not so plain.

    Nearly every stream is nothing else, and nearly all of its events have one name, such as those that bring more of
    a text. Cutting at the whole mark between two events, the name included, and looking once for line ends that
    remain, is three times faster than looking at each line.
    """
    head, mark, rest = chunk.partition(b"data: ")
    if not mark or (head and not (head.startswith(b"event: ") and head.endswith(line_end))):
        return None
    pieces = rest.split(line_end * 2 + head + mark)
    if _in_one_line(pieces):
        name = _name(head[7 : -len(line_end)])
        return None if name is None else _Alike(pieces, name)
    return _named_events(chunk, line_end) if head else None


def _named_events(chunk: bytes, line_end: bytes) -> "list[ServerSentEvent] | None":
    """The same where each event has a name of its own."""
    events: list[ServerSentEvent] = []
    between = line_end + b"data: "
    for piece in chunk[7:].split(line_end * 2 + b"event: "):
        said, mark, raw = piece.partition(between)
        name = _name(said) if mark else None
        if name is None:
            return None
        events.append(_PlainEvent(raw, name))
    return events if _in_one_line([event.raw for event in events]) else None


def _in_one_line(pieces: list[bytes]) -> bool:
    whole = b"".join(pieces) if len(pieces) > 1 else pieces[0]
    return _LF not in whole and _CR not in whole


def _name(said: bytes) -> str | None:
    """The name of an event; None where it is none."""
    known = _names.get(said)
    if known is None:
        if _LF in said or _CR in said:
            return None
        known = said.decode("utf-8", "replace")
        if len(_names) < _MOST_NAMES:
            _names[said] = known
    return known


def encode_event(event: ServerSentEvent) -> bytes:
    """One event as it goes on the wire, the blank line included.

    Raises:
        EncodeError: the name or the id holds a line end.
    """
    head = b""
    if event.event:
        head += b"event: " + _one_line("event", event.event)
    if event.id is not None:
        head += b"id: " + _one_line("id", event.id)
    if event.retry is not None:
        head += b"retry: %d\n" % event.retry
    raw = event.raw
    if b"\n" in raw or b"\r" in raw:
        raw = b"\ndata: ".join(raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))
    return head + b"data: " + raw + b"\n\n"


def _one_line(field: str, value: str) -> bytes:
    if "\n" in value or "\r" in value:
        raise EncodeError(f"the {field} of a server-sent event is one line", path=field)
    return value.encode("utf-8", "replace") + b"\n"  # a lone surrogate has no bytes
