"""Answers in pieces: whether they are, how they are framed, what is told at their end, leaving early."""

import time

from ...errors import APIError, DecodeError
from ...json import loads
from ...types import FinishReason
from ...wire.sse import SSEDecoder
from ..evidence import Exchange
from ..probe import of_error, probe, said_of
from ..subject import Subject
from ..verdict import Finding, Verdict, degraded, failed, inconclusive, passed, unsupported
from .answers import SIGNS, of_signs

__all__ = [
    "cancel",
    "framing",
    "of_frames",
    "stream",
    "stream_usage",
    "unicode_stream",
]

GROUP = "streams"
COUNT = "Count from 1 to 20 in words, one number a line."
_WHOLE = "a stream was asked for, and a whole answer came"
_NAMED = ("openai_responses", "anthropic_messages")  # frames bear the name of what they hold


@probe(
    GROUP,
    "an answer in pieces",
    "several pieces of text and one end; a single piece is degraded. Where streams are refused, a profile has the "
    "client ask for whole answers and replay them",
    refused={"streaming": False},
    granted={"streaming": True},
)
async def stream(subject: Subject) -> Finding:
    seen = await subject.stream(COUNT)
    if not seen.text:
        if seen.response.reasoning or seen.response.finish_reason is FinishReason.LENGTH:
            return inconclusive("no text before max_tokens; give more (max_tokens in the configuration)")
        return failed("a stream without text")
    if len(seen.pieces) == 1:
        return degraded("all text in a single piece: nothing is seen before it is over")
    span = seen.pieces[-1][0] - seen.pieces[0][0]
    return passed(f"{len(seen.pieces)} pieces within {span:.2f} s, ended by {seen.response.finish_reason}")


@probe(
    GROUP,
    "the bytes of a stream",
    "content type text/event-stream, JSON in every frame, names where the protocol has them, the protocol's end mark, "
    "a blank line last; what clients forgive is degraded",
)
async def framing(subject: Subject) -> Finding:
    await subject.stream(COUNT)
    return of_frames(subject.exchanges[-1], subject.wire)


def of_frames(exchange: Exchange, wire: str) -> Finding:
    """What is odd about the bytes of a stream."""
    kind = next((value for name, value in exchange.headers.items() if name.lower() == "content-type"), "")
    decoder = SSEDecoder()
    frames = decoder.feed(exchange.body)
    rest = decoder.finish()
    said = [frame.data for frame in (*frames, *rest) if frame.data]
    if not said:
        return failed("no frame of server-sent events in it")
    values = []
    for data in said:
        if data.strip() == "[DONE]":
            continue
        try:
            values.append((data, loads(data)))
        except DecodeError:
            return failed("a frame is no JSON")
    odd = []
    if not kind.lower().startswith("text/event-stream"):
        odd.append(f"content type {kind or 'missing'}")
    if wire == "openai_chat_completions" and said[-1].strip() != "[DONE]":
        odd.append("no [DONE] at the end")
    if wire in _NAMED:
        types = [(frame.event, value) for frame, (_, value) in zip(frames, values, strict=False)]
        if any(isinstance(value, dict) and name != value.get("type") for name, value in types):
            odd.append("names of frames that differ from their type")
    if rest or not exchange.body.endswith((b"\n\n", b"\r\n\r\n", b"\r\r")):
        odd.append("no blank line after the last frame")
    if odd:
        return degraded("; ".join(odd))
    return passed(f"{len(values)} frames, all in order")


@probe(
    GROUP,
    "the count of tokens in a stream",
    "it is reported, and there is output in it; where asking for it is refused, a profile asks no more",
    requests=2,
    refused={"quirks.stream_usage": False},
)
async def stream_usage(subject: Subject) -> Finding:
    try:
        seen = await subject.stream("Name three rivers.", usage=True)
    except APIError as error:
        refusal = of_error(error)
        if refusal.verdict is not Verdict.UNSUPPORTED or subject.wire != "openai_chat_completions":
            raise
        await subject.stream("Name three rivers.", usage=False, quirks={"stream_usage": False})
        return unsupported(f"the wish for it is refused: {said_of(error)}")
    if _came_whole(subject):
        return inconclusive(_WHOLE)
    counted = seen.response.usage
    if counted is None or counted.output_tokens is None:
        return failed("asked for, and not reported")
    if not counted.output_tokens or not counted.input_tokens:
        return degraded(f"input {counted.input_tokens}, output {counted.output_tokens} tokens")
    return passed(f"input {counted.input_tokens}, output {counted.output_tokens} tokens")


@probe(
    GROUP,
    "letters, signs and an emoji to be repeated, in pieces",
    "all come back whole although they may be cut between pieces; U+FFFD is a failure",
)
async def unicode_stream(subject: Subject) -> Finding:
    seen = await subject.stream(f"Repeat this line exactly, and say nothing else: {SIGNS}")
    return of_signs(seen.text)


@probe(
    GROUP,
    "leave a long stream after its first piece, then ask again",
    "the host answers the next question at once: it has not gone on with the one that was left",
    requests=2,
)
async def cancel(subject: Subject) -> Finding:
    await subject.stream("Count from 1 to 300 in words.", leave_after=1, max_tokens=2000)
    if _came_whole(subject):
        return inconclusive(_WHOLE)
    start = time.perf_counter()
    response = await subject.ask("Say yes.", max_tokens=16)
    took = time.perf_counter() - start
    if not response.choices:
        return failed("the next answer holds no choice")
    if took > max(10.0, subject.timeout / 2):
        return degraded(f"the next answer took {took:.1f} s: it may have waited for the one that was left")
    return passed(f"the next answer came after {took:.2f} s")


def _came_whole(subject: Subject) -> bool:
    """Whether the host left the wish for a stream unread: the client then makes one of its whole answer."""
    return bool(subject.exchanges) and subject.exchanges[-1].body.lstrip().startswith(b"{")
