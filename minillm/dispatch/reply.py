"""Answers in the words of a wire, whole and as streams; what it cannot say is told."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ..errors import LossWarning
from ..report import Report, Severity
from ..types import ChatResponse, MessageStart, Native, StreamEvent, UsageUpdate
from ..wire import get_codec
from ..wire.foreign_events import ForeignEvents
from ..wire.rewrite import translated_response
from ..wire.sse import encode_event

__all__ = ["StreamSaid", "encode_reply", "warn_of_losses"]


def encode_reply(response: ChatResponse, wire: str, *, report: Report | None = None) -> dict[str, Any]:
    """An answer as a body of ``wire``. One that came over this very wire comes out as it was, with what was changed.

    Args:
        report: collects what the wire cannot say; None warns of what is lost.

    Raises:
        EncodeError: the report is strict and something is lost.
        ConfigurationError: no such wire.
    """
    codec = get_codec(wire)
    collected = told = Report() if report is None else report
    source = _source(response)
    if source is not None and source != wire:
        response, told = translated_response(response, source, wire, told)
    body = codec.encode_response(response, report=told)
    if report is None:
        warn_of_losses(collected, wire)
    return body


def warn_of_losses(report: Report, wire: str) -> None:
    """Say what a reply lost; what it says otherwise or leaves out without harm is no warning."""
    lost = [loss for loss in report.losses if loss.severity is Severity.LOST]
    if lost:
        text = f"the answer cannot be said whole in {wire}: " + "; ".join(map(str, lost))
        warnings.warn(text, LossWarning, stacklevel=3)


def _source(response: ChatResponse) -> str | None:
    """The wire that the answer came over; None where no host gave it."""
    if response.attempts:
        return response.attempts[-1].wire
    return None if response.native is None else response.native.wire


class StreamSaid:
    """The events of one stream as bytes of a wire.

    Args:
        wire: in which they are said.
        source: the wire that they came over; None where no host sent them.
        report: collects what cannot be said.
        counts: whether tokens are told.
    """

    __slots__ = ("_counts", "_encoder", "_translate", "report", "wire")

    def __init__(self, wire: str, source: str | None, report: Report, *, counts: bool) -> None:
        self.wire = wire
        self.report = report
        self._counts = counts
        self._encoder = get_codec(wire).stream_encoder(report=report)
        self._translate = None if source in (None, wire) else ForeignEvents(source or "", wire, report)

    def feed(self, events: Sequence[StreamEvent]) -> bytes:
        """The bytes for some events, as many as came."""
        out: list[bytes] = []
        for frame in _frames(events):
            said = frame if self._counts else _uncounted(frame)
            if self._translate is not None:
                said = self._translate.feed(said)
            if said:
                out += map(encode_event, self._encoder.feed(*said))
        return b"".join(out)

    def finish(self) -> bytes:
        """What is left to say when the events have ended."""
        return b"".join(map(encode_event, self._encoder.finish()))


def _uncounted(events: Sequence[StreamEvent]) -> list[StreamEvent]:
    """The events without token counts."""
    said: list[StreamEvent] = []
    for event in events:
        if type(event) is MessageStart and event.usage is not None:
            said.append(replace(event, usage=None))
        elif type(event) is not UsageUpdate:
            said.append(event)
    return said


def _frames(events: Sequence[StreamEvent]) -> Iterator[list[StreamEvent]]:
    """The events of one frame of the source together, as encoders want them: decoders name it on the first of them,
    some on each. Those of no frame come alone."""
    frame: list[StreamEvent] = []
    at: Native | None = None
    for event in events:
        native = event.native
        same = at is not None and (native is None or native.data is at.data)
        if frame and not same:
            yield frame
            frame = []
        frame.append(event)
        at = at if same else native
    if frame:
        yield frame
