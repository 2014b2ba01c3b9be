"""Bodies and streams of one wire in the words of another: what the target cannot say is told, never
dropped in silence. On the same wire nothing changes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from ..errors import ConfigurationError, StreamInterrupted
from ..report import Report, reporting
from ..types import ChatRequest, ChatResponse, StreamEvent, StreamFailed
from .foreign import Foreign
from .foreign_events import ForeignEvents
from .portable import portable_request, portable_response
from .registry import get_codec
from .sse import ServerSentEvent, SSEDecoder, encode_event

__all__ = [
    "StreamRewriter",
    "rewrite_request",
    "rewrite_response",
    "rewrite_stream",
    "translated_request",
    "translated_response",
]

CHAT = "openai_chat_completions"


def rewrite_request(
    body: Mapping[str, Any],
    *,
    source: str,
    target: str,
    model: str | None = None,
    stream: bool | None = None,
    report: Report | None = None,
) -> dict[str, Any]:
    """A request body of one wire as a request body of another.

    Args:
        model: the model to ask. None keeps the body's own (Gemini's stands in the path: say it here).
        stream: whether to answer in pieces. None keeps what the body says (Gemini's path says it). Where
            the target is Gemini both go into the path again, see ``Codec.path``.
        report: collects what the target cannot say; None warns.

    Raises:
        DecodeError: the body is no request of the source's wire.
        EncodeError: it cannot be said on the target's, or the report is strict and something is lost.
    """
    request = get_codec(source).decode_request(body, model=model, stream=stream)
    changes: dict[str, Any] = {}
    if model is not None and request.model != model:
        changes["model"] = model
    if stream is not None and request.stream != stream:
        changes["stream"] = stream
    if source != target:
        request, report = translated_request(request, source, target, reporting(report))
        if target == CHAT and (stream or request.stream) and request.include_usage is None:
            changes["include_usage"] = True  # the other wires count without being asked
    if changes:
        request = replace(request, **changes)
    return get_codec(target).encode_request(request, report=report)


def rewrite_response(body: Any, *, source: str, target: str, report: Report | None = None) -> dict[str, Any]:
    """An answer's body of one wire as an answer's body of another.

    Args:
        body: the JSON value: an object, or Gemini's list.
        report: collects what the target cannot say; None warns.

    Raises:
        APIError: the body holds an error; ``Codec.encode_error`` says it in the target's words.
        DecodeError: the body is no answer of the source's wire.
        EncodeError: the report is strict and something is lost.
    """
    response = get_codec(source).decode_response(body)
    if source != target:
        response, report = translated_response(response, source, target, reporting(report))
    return get_codec(target).encode_response(response, report=report)


def translated_request(request: ChatRequest, source: str, target: str, report: Report) -> tuple[ChatRequest, Report]:
    """A request that was read from a body of ``source``, as hosts of ``target`` may hear it; what stays behind is told.
    And the report for the encoder, whose places are those of the request that was given."""
    Foreign(target, report, asking=True).request(request)
    request, places = portable_request(request, source, target, report)
    return request, places.report(report)


def translated_response(
    response: ChatResponse, source: str, target: str, report: Report
) -> tuple[ChatResponse, Report]:
    """An answer of a host of ``source``, as clients of ``target`` may hear it; as :func:`translated_request`."""
    Foreign(target, report, asking=False).response(response)
    response, places = portable_response(response, source, target, report)
    return response, places.report(report)


def rewrite_stream(
    *,
    source: str,
    target: str,
    report: Report | None = None,
    on_cut: Literal["encode", "raise", "end"] = "encode",
) -> "StreamRewriter":
    """A rewriter for one stream: bytes in by :meth:`~StreamRewriter.feed`, bytes out, as they come.

    Args:
        report: collects what the target cannot say; None warns.
        on_cut: what :meth:`~StreamRewriter.finish` does where the source ended before its terminal marker:
            say so in the target's form of an error, raise :class:`StreamInterrupted`, or just end as it did.
    """
    if on_cut not in ("encode", "raise", "end"):
        raise ConfigurationError(f"on_cut is 'encode', 'raise' or 'end', not {on_cut!r}")
    return StreamRewriter(source, target, report, on_cut)


class StreamRewriter:
    """One stream on its way from one wire to another, sans-IO; see :func:`rewrite_stream`.

    The same bytes come out however the source's were cut.
    """

    __slots__ = ("_decoder", "_encoder", "_frames", "_on_cut", "_same", "_translate")

    def __init__(self, source: str, target: str, report: Report | None, on_cut: str) -> None:
        self._same = source == target
        self._on_cut = on_cut
        self._frames = SSEDecoder()
        self._decoder = get_codec(source).stream_decoder()
        if not self._same:
            report = reporting(report)
        self._translate = None if self._same or report is None else ForeignEvents(source, target, report)
        self._encoder = get_codec(target).stream_encoder(report=report)

    def feed(self, data: bytes) -> bytes:
        """The target's bytes for the next bytes of the source, as many as came."""
        return self._frames_out(self._frames.feed(data))

    def finish(self) -> bytes:
        """The source's bytes have ended: what is left to say.

        Raises:
            StreamInterrupted: the source was cut, and ``on_cut`` is ``"raise"``.
        """
        out = self._frames_out(self._frames.finish())
        events = self._decoder.finish()
        cut = next((event for event in events if _is_cut(event)), None)
        if isinstance(cut, StreamFailed):
            if self._on_cut == "raise":
                raise cut.error
            if self._on_cut == "end":
                events = [event for event in events if event is not cut]
        if self._same:
            return out  # the source's own frames said it all, and a missing end says itself
        return out + self._bytes(self._say(events)) + self._bytes(self._encoder.finish())

    def _frames_out(self, frames: Sequence[ServerSentEvent]) -> bytes:
        return b"".join([self._bytes(self._say(self._decoder.feed(frame))) for frame in frames])

    def _say(self, events: list[StreamEvent]) -> list[ServerSentEvent]:
        if self._translate is not None:
            events = self._translate.feed(events)
        return self._encoder.feed(*events) if events else []

    @staticmethod
    def _bytes(frames: Sequence[ServerSentEvent]) -> bytes:
        return b"".join([encode_event(frame) for frame in frames])


def _is_cut(event: StreamEvent) -> bool:
    return isinstance(event, StreamFailed) and isinstance(event.error, StreamInterrupted)
