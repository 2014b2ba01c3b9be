"""Streams without a tree: left, cut, cancelled and read twice, as events and as the bytes of a wire."""

import asyncio

import pytest

from minillm import (
    ChatRequest,
    ChatResponse,
    CostLedger,
    LossWarning,
    Message,
    MiniLLMError,
    MockModel,
    Role,
    StreamConsumed,
    StreamInterrupted,
)
from minillm.dispatch import DispatchedBytes, DispatchedEvents, dispatch_stream_events
from minillm.report import Report
from minillm.types import Choice, TextDelta
from tests.chat.four_wires import CHAT, MESSAGES, WIRES
from tests.dispatch.bodies import asking, read_stream
from tests.policies.faulty_hosts import faulty_hosts

REQUEST = ChatRequest(None, (Message(Role.USER, "Hi?"),))


async def test_events_come_as_they_come_and_the_whole_is_there_at_the_end():
    """Text so far, then the answer with its attempts."""
    async with faulty_hosts() as hosts:
        stream = dispatch_stream_events(REQUEST, hosts.gen("fine"))
        assert isinstance(stream, DispatchedEvents)
        assert (stream.text, stream.response.choices) == ("", ())
        async with stream:
            texts = [event.delta async for event in stream if isinstance(event, TextDelta)]
    assert "".join(texts) == stream.text == stream.response.text == "Paris of fine."
    assert stream.response.attempts[0].host == "fine"


async def test_finish_reads_on():
    """And gives the whole, once more too."""
    async with faulty_hosts() as hosts, dispatch_stream_events(REQUEST, hosts.gen("fine")) as stream:
        async for _ in stream:
            break
        assert (await stream.finish()).text == "Paris of fine."
        assert (await stream.finish()).text == "Paris of fine."
        with pytest.raises(StreamConsumed):
            aiter(stream)


async def test_a_stream_is_open_inside_its_block_alone():
    """And can be opened once."""
    stream = dispatch_stream_events(REQUEST, MockModel(["Hi"]))
    with pytest.raises(StreamConsumed, match="open the stream first"):
        aiter(stream)
    async with stream:
        with pytest.raises(StreamConsumed, match="was opened before"):
            await stream.__aenter__()
    with pytest.raises(StreamConsumed, match="closed"):
        aiter(stream)


@pytest.mark.parametrize("fault", ["429", "500", "drop", "dropstart"])
@pytest.mark.parametrize("wire", [None, *WIRES])
async def test_what_fails_before_content_fails_to_open(fault, wire):
    """A server can still answer with a status; the bill is told."""
    ledger, body = CostLedger(), REQUEST if wire is None else asking(wire)
    async with faulty_hosts() as hosts:
        stream = dispatch_stream_events(body, hosts.gen(fault), wire=wire, retry=0, cost_callback=ledger)
        with pytest.raises(MiniLLMError) as caught:
            async with stream:
                raise AssertionError("it was opened")
    assert len(caught.value.attempts) == 1
    assert len(ledger.entries) == 1


@pytest.mark.parametrize("wire", WIRES)
async def test_what_fails_behind_content_is_said_in_the_stream(wire):
    """In the wire's own form, with what came before it, and no end that could be taken for one."""
    ledger = CostLedger()
    async with faulty_hosts() as hosts:
        gen = hosts.gen("dropafter")
        async with dispatch_stream_events(asking(wire), gen, wire=wire, cost_callback=ledger) as stream:
            assert isinstance(stream, DispatchedBytes)
            data = b"".join([piece async for piece in stream])
            with pytest.raises(StreamConsumed):
                aiter(stream)
    text, end = read_stream(wire, data)
    assert (text, end) == ("Paris ", None)
    assert b"error" in data or b"failed" in data
    assert isinstance(stream.error, StreamInterrupted)
    assert len(ledger.entries) == 1


async def test_finish_of_bytes_raises_what_was_said_in_them():
    """Whoever wants the whole hears that there is none."""
    async with (
        faulty_hosts() as hosts,
        dispatch_stream_events(asking(MESSAGES), hosts.gen("dropafter"), wire=MESSAGES) as stream,
    ):
        with pytest.raises(StreamInterrupted):
            await stream.finish()


@pytest.mark.parametrize("way", ["break", "raise", "cancel", "silent"])
async def test_left_by_any_way_the_connection_is_closed_at_once(way):
    """The host sees it go; one bill is told; nothing is left open."""
    ledger, reading = CostLedger(), asyncio.Event()

    async def read(gen):
        async with dispatch_stream_events(asking(CHAT), gen, wire=CHAT, cost_callback=ledger) as stream:
            async for _ in stream:
                reading.set()
                if way == "break":
                    break
                if way == "raise":
                    raise KeyError(way)
                if way == "cancel":
                    await asyncio.Event().wait()

    async with faulty_hosts() as hosts:
        task = asyncio.ensure_future(read(hosts.gen("stall")))
        await reading.wait()
        if way in ("cancel", "silent"):
            task.cancel()
        await asyncio.wait([task])
        await hosts.until(lambda: hosts.left["stall"] == 1)
        assert hosts.hanging == 0
    assert len(ledger.entries) == 1
    if way != "break":
        with pytest.raises((KeyError, asyncio.CancelledError)):
            task.result()


async def test_left_behind_the_last_event_nothing_is_missing():
    """The answer was whole."""
    async with dispatch_stream_events(REQUEST, MockModel(["Hi"])) as stream:
        events = aiter(stream)
        while stream._events is not None and not stream._events.collector.complete:
            await anext(events)
    assert stream.response.text == "Hi"


async def test_what_an_answer_loses_is_told_or_warned_of():
    """A second answer, which most wires have no place for in a stream."""
    two = ChatResponse("r", "m", tuple(Choice(n, Message(Role.ASSISTANT, f"No. {n}")) for n in (0, 1)))
    report, body = Report(), asking(MESSAGES)
    async with dispatch_stream_events(body, MockModel([two]), wire=MESSAGES, report=report) as stream:
        data = b"".join([piece async for piece in stream])
    assert read_stream(MESSAGES, data) == ("No. 0", "message_stop")
    assert [loss.what for loss in report.losses] == ["answer"]
    async with dispatch_stream_events(body, MockModel([two]), wire=MESSAGES) as stream:
        with pytest.warns(LossWarning, match="cannot be said whole in anthropic_messages"):
            await stream.finish()
    async with dispatch_stream_events(body, MockModel([two]), wire=MESSAGES, unsupported="drop") as stream:
        await stream.finish()  # a warning would be an error here
