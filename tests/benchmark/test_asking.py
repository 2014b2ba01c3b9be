"""One request with a clock beside it: what counts as a token, and what the host is said to have reported."""

import asyncio

import pytest

from minillm import ConfigurationError, GeneratorInfo, MockModel, MockTransport
from minillm.benchmark import Measurement, Target
from minillm.benchmark.asking import ask
from minillm.chat_model import EventStream
from minillm.transport import MockResponse
from minillm.types import (
    ChatRequest,
    Finish,
    FinishReason,
    MessageEnd,
    MessageStart,
    PartStart,
    ReasoningDelta,
    ReasoningPart,
    StreamEvent,
    TextDelta,
    TextPart,
    ToolCallDelta,
    ToolCallPart,
    Usage,
    UsageUpdate,
)
from tests.benchmark.virtual_time import virtually

REQUEST = ChatRequest(None)


class Scripted:
    """Gives each batch of events a second after the one before."""

    def __init__(self, *batches: list[StreamEvent]) -> None:
        self.batches = list(batches)

    def stream(self, request: ChatRequest):
        from contextlib import asynccontextmanager

        async def read():
            if not self.batches:
                return None
            await asyncio.sleep(1)
            return self.batches.pop(0)

        @asynccontextmanager
        async def opened():
            stream = EventStream(read)
            await stream.peek()
            yield stream
            stream.end(None)

        return opened()

    async def complete(self, request: ChatRequest):
        raise NotImplementedError


END: list[StreamEvent] = [Finish(0, FinishReason.STOP), MessageEnd()]


def asked(model, **target) -> Measurement:
    measured = Measurement(target="t", prompt="p", load="l", number=0)

    async def main(clock) -> None:
        await ask(Target("t", model, **target), REQUEST, measured, clock, due=None, within=60)

    virtually(main)
    return measured


def times(measured: Measurement) -> tuple[float | None, ...]:
    found = (measured.first, measured.first_text, measured.last, measured.ended)
    return tuple(None if each is None else round(each - measured.sent, 2) for each in found)


def test_empty_shells_and_empty_pieces_are_no_tokens() -> None:
    """A role, an opened part, a delta of nothing: the first token is the first letter."""
    measured = asked(
        Scripted([MessageStart()], [PartStart(0, TextPart(""))], [TextDelta(0, "")], [TextDelta(0, "A")], END)
    )
    assert times(measured) == (4, 4, 4, 5)
    assert measured.pieces == 1


def test_thinking_is_a_token_but_no_text() -> None:
    measured = asked(
        Scripted(
            [PartStart(0, ReasoningPart("")), ReasoningDelta(0, "hm")],
            [ReasoningDelta(0, "so")],
            [PartStart(1, TextPart("")), TextDelta(1, "A")],
            END,
        )
    )
    assert times(measured) == (1, 3, 3, 4)


def test_the_name_of_a_call_is_its_first_token() -> None:
    measured = asked(
        Scripted([PartStart(0, ToolCallPart("1", "f", ""))], [ToolCallDelta(0, "{")], [ToolCallDelta(0, "}")], END)
    )
    assert times(measured) == (1, 1, 3, 4)
    assert measured.pieces == 3


def test_pieces_that_come_together_are_not_waited_for() -> None:
    measured = asked(
        Scripted([TextDelta(0, "a"), TextDelta(0, "b")], [TextDelta(0, "c"), TextDelta(0, "d"), TextDelta(0, "e")], END)
    )
    assert [round(wait, 2) for wait in measured.waits] == [0, 1, 0, 0]
    assert measured.longest_wait == pytest.approx(1, abs=0.01)
    assert measured.pieces == 5


@pytest.mark.parametrize("shown", [True, False])
def test_thinking_that_is_counted_and_not_shown_is_hidden(shown: bool) -> None:
    usage = UsageUpdate(Usage(output_tokens=1003, reasoning_tokens=1000))
    thinking: list[StreamEvent] = [PartStart(0, ReasoningPart("")), ReasoningDelta(0, "hm")] if shown else []
    measured = asked(Scripted([*thinking, TextDelta(1, "a")], [TextDelta(1, "b")], [usage, *END]))
    assert measured.output_tokens == 1003
    assert measured.hidden_tokens == (0 if shown else 1000)


def test_a_stream_that_is_cut_has_failed_and_keeps_its_times() -> None:
    measured = asked(Scripted([TextDelta(0, "a")], [TextDelta(0, "b")]))
    assert measured.error == "StreamInterrupted"
    assert times(measured)[:3] == (1, 1, 2)


def chat(*frames: dict, status: int = 200) -> GeneratorInfo:
    def host(request):
        if status != 200:
            return MockResponse.json({"error": {"message": "slow down", "code": "busy"}}, status=status)
        return MockResponse.sse(list(frames), {"x-request-id": "req_7"})

    return GeneratorInfo.custom(
        "m", base_url="http://127.0.0.1:9/v1", api_key="sk-secret-key", transport=MockTransport(host)
    )


WORD = {"id": "1", "model": "m", "choices": [{"index": 0, "delta": {"content": "A"}}]}
LAST = {
    "id": "1",
    "model": "m",
    "choices": [{"index": 0, "delta": {}, "finish_reason": "length"}],
    "usage": {"prompt_tokens": 90, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 30}},
}


async def over_http(generator: GeneratorInfo) -> Measurement:
    import time

    measured = Measurement(target="t", prompt="p", load="l", number=0)
    request = ChatRequest("m", (), include_usage=True)
    await ask(Target("t", generator), request, measured, time.perf_counter, due=None, within=60)
    return measured


async def test_what_a_host_tells_of_an_exchange() -> None:
    measured = await over_http(chat(WORD, LAST))
    assert (measured.input_tokens, measured.cached_tokens, measured.output_tokens) == (90, 30, 4)
    assert (measured.status, measured.request_id, measured.finish) == (200, "req_7", "length")
    assert (measured.usd, measured.priced) == (None, "unpriced")


async def test_a_refusal_is_told_with_its_status_and_without_the_key() -> None:
    measured = await over_http(chat(status=429))
    assert (measured.error, measured.status) == ("RateLimitError", 429)
    assert "slow down" in (measured.message or "")
    assert "sk-secret" not in str(measured)


async def test_nothing_is_tried_twice() -> None:
    """A second try would hide the first failure, and its time would be nobody's."""
    generator = chat(status=503)
    await over_http(generator)
    assert len(generator.transport.requests) == 1  # type: ignore[union-attr]


async def test_what_no_request_can_mend_is_raised() -> None:
    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY"):
        await over_http(GeneratorInfo.openai("gpt-5.4"))


def test_a_whole_answer() -> None:
    measured = asked(MockModel(["Paris."]), stream=False)
    assert measured.ok
    assert (measured.first, measured.pieces) == (None, 0)
