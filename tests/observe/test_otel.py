"""Spans and metrics as an exporter gets them: names, attributes, parents, ends; all wires, streams, tools and runs."""

import asyncio
import json
import sys

import pytest
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from minillm import (
    AllRoutesFailed,
    ChatNode,
    ConfigurationError,
    MockModel,
    MockTransport,
    RateLimitError,
    StreamInterrupted,
    TokenPrice,
    fallback,
    observe,
    tool,
)
from minillm.observe import hooks, otel
from minillm.tools import execute_calls
from minillm.transport import MockResponse
from minillm.types import CostInfo, ToolCallPart, Usage
from tests.chat.four_wires import CHAT, GEMINI, MESSAGES, RESPONSES, WIRES, at, streamed, whole

CANARY = "c4n4ry"
BUSY = MockResponse.json({"error": {"message": CANARY}}, 429, {"x-request-id": "r-1"})
PROVIDERS = {CHAT: "openai", RESPONSES: "openai", MESSAGES: "anthropic", GEMINI: "gcp.gemini"}
MODELS = {CHAT: "gpt-5.4", RESPONSES: "gpt-5.4", MESSAGES: "claude-sonnet-4-5", GEMINI: "gemini-3-pro"}
IDS = {CHAT: "c-1", RESPONSES: "r-1", MESSAGES: "msg_1", GEMINI: "g-1"}


class Telemetry:
    """What was exported."""

    def __init__(self, *, content=False):
        self.exporter = InMemorySpanExporter()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.reader = InMemoryMetricReader()
        self.meters = MeterProvider([self.reader])
        self.tracer = self.tracers.get_tracer("program")
        otel.instrument(self.tracers, self.meters, content=content)

    @property
    def spans(self):
        return self.exporter.get_finished_spans()

    def span(self, name):
        (span,) = (span for span in self.spans if span.name == name)
        return span

    def points(self, name):
        data = self.reader.get_metrics_data()
        found = [] if data is None else data.resource_metrics[0].scope_metrics[0].metrics
        return [point for metric in found if metric.name == name for point in metric.data.data_points]

    def everything(self):
        data = self.reader.get_metrics_data()
        return "".join(span.to_json() for span in self.spans) + ("" if data is None else data.to_json())


@pytest.fixture
def telemetry():
    made = Telemetry()
    yield made
    otel.uninstrument()


@pytest.fixture
def with_content():
    made = Telemetry(content=True)
    yield made
    otel.uninstrument()


def generator(wire, *answers, **settings):
    settings = {"price": TokenPrice(input=1, output=2), "transport": MockTransport(answers), **settings}
    return at(wire, "http://127.0.0.1:8080", **settings)


def good(wire, text=CANARY):
    return MockResponse.json(whole(wire, text))


async def ask(gen, **options):
    return await ChatNode.root(CANARY).chat(CANARY, gen, **{"back_off_time": 0, **options})


def events(span):
    return [(event.name, dict(event.attributes)) for event in span.events]


# ---------------------------------------------------------------- requests


@pytest.mark.parametrize("streaming", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("wire", WIRES)
async def test_an_answer(wire, streaming, telemetry):
    options = {"temperature": 1, "max_tokens": 64}
    if streaming:
        gen = generator(wire, MockResponse.sse(streamed(wire)))
        async with ChatNode.root().stream(gen, user=CANARY, **options) as stream:
            await stream.finish()
    else:
        await ask(generator(wire, good(wire)), **options)
    (span,) = telemetry.spans
    operation = "generate_content" if wire == GEMINI else "chat"
    assert span.name == f"{operation} {MODELS[wire]}"
    assert span.kind is SpanKind.CLIENT
    assert span.status.status_code is StatusCode.UNSET
    assert span.parent is None
    assert span.events == ()
    attributes = dict(span.attributes)
    first = attributes.pop("gen_ai.response.time_to_first_chunk", None)
    assert (first is not None) == streaming
    assert attributes.pop("gen_ai.request.stream", False) == streaming
    assert attributes.pop("minillm.losses", 0) == 0
    assert attributes == {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": PROVIDERS[wire],
        "gen_ai.request.model": MODELS[wire],
        "gen_ai.request.temperature": 1.0,
        "gen_ai.request.max_tokens": 64,
        "server.address": "127.0.0.1",
        "server.port": 8080,
        "gen_ai.response.id": IDS[wire],
        "gen_ai.response.model": "m",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 7,
        "gen_ai.usage.output_tokens": 3,
        "minillm.attempts": 1,
        "minillm.cost.usd": 0.000013,
    }
    assert CANARY not in telemetry.everything()


async def test_tokens_of_caches_and_thinking_are_among_the_others(telemetry):
    body = whole(MESSAGES)
    body["usage"] = {
        "input_tokens": 5,
        "cache_read_input_tokens": 20,
        "cache_creation_input_tokens": 10,
        "output_tokens": 3,
    }
    await ask(generator(MESSAGES, MockResponse.json(body)))
    attributes = telemetry.spans[0].attributes
    assert attributes["gen_ai.usage.input_tokens"] == 35
    assert attributes["gen_ai.usage.cache_read.input_tokens"] == 20
    assert attributes["gen_ai.usage.cache_write.input_tokens"] == 10
    body = whole(CHAT)
    body["usage"]["completion_tokens_details"] = {"reasoning_tokens": 2}
    await ask(generator(CHAT, MockResponse.json(body)))
    assert telemetry.spans[1].attributes["gen_ai.usage.reasoning.output_tokens"] == 2


async def test_metrics_of_requests(telemetry):
    await ask(generator(CHAT, BUSY, good(CHAT)))
    with pytest.raises(RateLimitError):
        await ask(generator(CHAT, BUSY), retry=0)
    async with ChatNode.root().stream(generator(CHAT, MockResponse.sse(streamed(CHAT))), user="Hi") as stream:
        await stream.finish()
    well, badly = sorted(
        telemetry.points("gen_ai.client.operation.duration"), key=lambda point: "error.type" in point.attributes
    )
    assert (well.count, badly.count) == (2, 1)
    assert dict(well.attributes) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-5.4",
        "gen_ai.response.model": "m",
        "server.address": "127.0.0.1",
        "server.port": 8080,
    }
    assert badly.attributes["error.type"] == "RateLimitError"
    assert well.explicit_bounds[0] == 0.01
    tokens = {p.attributes["gen_ai.token.type"]: p for p in telemetry.points("gen_ai.client.token.usage")}
    assert {kind: (point.sum, point.count) for kind, point in tokens.items()} == {"input": (14, 2), "output": (6, 2)}
    assert tokens["input"].explicit_bounds == tuple(4**n for n in range(14))
    (first,) = telemetry.points("gen_ai.client.operation.time_to_first_chunk")
    assert first.count == 1


async def test_retries_are_events_of_the_span(telemetry):
    await ask(generator(CHAT, BUSY, good(CHAT)))
    (span,) = telemetry.spans
    (name, failed), (again, retry) = events(span)
    assert (name, again) == ("minillm.attempt_failed", "minillm.retry")
    assert failed.pop("minillm.duration") > 0
    assert failed == {"error.type": "RateLimitError", "http.response.status_code": 429, "minillm.request_id": "r-1"}
    assert retry == {
        "error.type": "RateLimitError",
        "http.response.status_code": 429,
        "minillm.attempt": 1,
        "minillm.wait": 0.0,
    }
    assert span.attributes["minillm.attempts"] == 2
    assert span.status.status_code is StatusCode.UNSET


async def test_tokens_of_rejected_answers_are_counted(telemetry):
    """They are used and billed."""
    await ask(generator(CHAT, good(CHAT), good(CHAT, "{}")), expect="object")
    (output,) = (
        point
        for point in telemetry.points("gen_ai.client.token.usage")
        if point.attributes["gen_ai.token.type"] == "output"
    )
    assert (output.sum, output.count) == (6, 2)


@pytest.mark.parametrize("wire", WIRES)
async def test_an_error(wire, telemetry):
    with pytest.raises(RateLimitError):
        await ask(generator(wire, BUSY), retry=0)
    (span,) = telemetry.spans
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description == "RateLimitError"
    assert span.attributes["error.type"] == "RateLimitError"
    assert span.attributes["http.response.status_code"] == 429
    assert CANARY not in telemetry.everything()


@pytest.mark.parametrize("wire", WIRES)
async def test_a_cut_stream_is_an_error_with_what_was_told(wire, telemetry):
    whole_stream = streamed(wire, CANARY, CANARY)
    cut = whole_stream[: whole_stream.rindex(CANARY.encode())]
    with pytest.raises(StreamInterrupted):
        async with ChatNode.root().stream(generator(wire, MockResponse.sse(cut)), user="Hi") as stream:
            await stream.finish()
    (span,) = telemetry.spans
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes["error.type"] == "StreamInterrupted"
    assert span.attributes["gen_ai.response.id"] == IDS[wire]
    assert span.attributes["gen_ai.response.time_to_first_chunk"] > 0
    if wire in (MESSAGES, GEMINI):  # they tell the prompt's tokens at the start
        assert span.attributes["gen_ai.usage.input_tokens"] == 7
    assert CANARY not in telemetry.everything()


async def test_cancelled(telemetry):
    slow = MockResponse(200, {"content-type": "application/json"}, b"{}", delay=60)
    task = asyncio.create_task(ask(generator(CHAT, slow)))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (span,) = telemetry.spans
    assert span.attributes["error.type"] == "CancelledError"
    assert span.status.status_code is StatusCode.ERROR


@pytest.mark.parametrize("wire", WIRES)
async def test_a_stream_whose_reader_is_cancelled(wire, telemetry):
    first, _, _ = streamed(wire, CANARY, CANARY).rpartition(CANARY.encode())
    body = [first[: first.rindex(b"\n\n") + 2], 30.0]
    gen = generator(wire, MockResponse(200, {"content-type": "text/event-stream"}, body))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05), ChatNode.root().stream(gen, user="Hi") as stream:
            await stream.finish()
    (span,) = telemetry.spans
    assert span.attributes["error.type"] == "CancelledError"
    assert span.attributes["gen_ai.response.id"] == IDS[wire]


async def test_left_early_is_no_error(telemetry):
    async with ChatNode.root().stream(generator(CHAT, MockResponse.sse(streamed(CHAT))), user="Hi"):
        pass
    (span,) = telemetry.spans
    assert span.status.status_code is StatusCode.UNSET
    assert span.attributes["minillm.left"] is True


async def test_a_stream_ends_with_its_last_event_and_not_when_it_is_left(telemetry):
    async with ChatNode.root().stream(generator(CHAT, MockResponse.sse(streamed(CHAT))), user="Hi") as stream:
        await stream.finish()
        await asyncio.sleep(0.05)
    (span,) = telemetry.spans
    assert span.end_time - span.start_time < 40_000_000


# ---------------------------------------------------------------- parents


async def test_spans_of_the_program_are_parents(telemetry):
    with telemetry.tracer.start_as_current_span("work") as work:
        await ask(generator(CHAT, good(CHAT)))
        assert trace.get_current_span() is work
    assert telemetry.span("chat gpt-5.4").parent.span_id == work.get_span_context().span_id


async def test_spans_of_the_transport_are_children(telemetry):
    """While a request is made, its span is the current one: what HTTP instrumentation makes nests under it."""

    def answer(request):
        with telemetry.tracer.start_as_current_span("POST"):
            return good(CHAT)

    await ask(generator(CHAT, transport=MockTransport(answer)))

    def stream(request):
        with telemetry.tracer.start_as_current_span("POST"):
            return MockResponse.sse(streamed(CHAT))

    async with ChatNode.root().stream(generator(CHAT, transport=MockTransport(stream)), user="Hi") as opened:
        await opened.finish()
    posts = [span for span in telemetry.spans if span.name == "POST"]
    chats = [span for span in telemetry.spans if span.name == "chat gpt-5.4"]
    assert [post.parent.span_id for post in posts] == [chat.context.span_id for chat in chats]


async def test_siblings_of_a_branch(telemetry):
    with telemetry.tracer.start_as_current_span("work") as work:
        gen = generator(CHAT, *[good(CHAT)] * 8)
        await ChatNode.root().add_user("Hi").branch(gen, n=8)
    chats = [span for span in telemetry.spans if span.name == "chat gpt-5.4"]
    assert len(chats) == 8
    assert {span.parent.span_id for span in chats} == {work.get_span_context().span_id}


async def test_a_stream_holds_no_context(telemetry, caplog):
    """Opened in one task, read in a second, left in a third: and no span is current anywhere."""
    gen = generator(CHAT, MockResponse.sse(streamed(CHAT)))
    manager = ChatNode.root().stream(gen, user="Hi")

    async def enter():
        stream = await manager.__aenter__()
        return stream, trace.get_current_span()

    stream, current = await asyncio.create_task(enter())
    assert current is trace.INVALID_SPAN
    await asyncio.create_task(stream.finish())
    await asyncio.create_task(manager.__aexit__(None, None, None))
    assert len(telemetry.spans) == 1
    assert "detach" not in caplog.text


async def test_streams_that_interleave_in_one_task(telemetry, caplog):
    gens = [generator(CHAT, MockResponse.sse(streamed(CHAT))) for _ in range(2)]
    with telemetry.tracer.start_as_current_span("work") as work:
        async with ChatNode.root().stream(gens[0], user="Hi") as one:
            assert trace.get_current_span() is work
            other = ChatNode.root().stream(gens[1], user="Hi")
            two = await other.__aenter__()
            assert trace.get_current_span() is work
            await one.finish()
        await two.finish()
        await other.__aexit__(None, None, None)
    chats = [span for span in telemetry.spans if span.name == "chat gpt-5.4"]
    assert {span.parent.span_id for span in chats} == {work.get_span_context().span_id}
    assert "detach" not in caplog.text


async def test_the_routes_of_a_plan(telemetry):
    """Tokens and times are the routes', not the plan's, where they would count twice."""
    await ask(fallback([generator(CHAT, BUSY), generator(MESSAGES, good(MESSAGES))], retry=0))
    failed, answered = telemetry.span("chat gpt-5.4"), telemetry.span("chat claude-sonnet-4-5")
    plan = telemetry.span("minillm.plan")
    assert plan.kind is SpanKind.INTERNAL
    name = "fallback(openai:gpt-5.4, anthropic:claude-sonnet-4-5)"
    assert dict(plan.attributes) == {"minillm.plan": name, "minillm.attempts": 2}
    assert {failed.parent.span_id, answered.parent.span_id} == {plan.context.span_id}
    assert (failed.attributes["error.type"], answered.status.status_code) == ("RateLimitError", StatusCode.UNSET)
    assert [(name, facts["minillm.news"]) for name, facts in events(plan)] == [
        ("minillm.route", "failed"),
        ("minillm.route", "selected"),
    ]
    assert sum(point.count for point in telemetry.points("gen_ai.client.operation.duration")) == 2


async def test_a_route_that_takes_over_in_the_middle_of_a_stream(telemetry):
    """It is under the plan, which is current nowhere by then, and under no span of who reads."""
    frames = streamed(CHAT, "Hel", "lo.")
    cut = MockResponse.sse(frames[: frames.index(b"lo.")])
    other = generator(MESSAGES, MockResponse.sse(streamed(MESSAGES)))
    plan = fallback([generator(CHAT, cut), other], midstream="restart", retry=0)
    async with ChatNode.root().stream(plan, user="Hi") as stream:
        with telemetry.tracer.start_as_current_span("reading"):
            await stream.finish()
    spans = [telemetry.span("chat gpt-5.4"), telemetry.span("chat claude-sonnet-4-5")]
    assert {span.parent.span_id for span in spans} == {telemetry.span("minillm.plan").context.span_id}
    assert not trace.get_current_span().get_span_context().is_valid


async def test_a_plan_that_fails(telemetry):
    with pytest.raises(AllRoutesFailed):
        await ask(fallback([generator(CHAT, BUSY), generator(CHAT, BUSY)], retry=0))
    assert telemetry.spans[-1].attributes["error.type"] == "AllRoutesFailed"


# ---------------------------------------------------------------- tools and runs


@tool
async def ask_again(question: str) -> str:
    """c4n4ry"""
    return (await ask(MockModel(CANARY))).text


@tool
def fails(question: str) -> str:
    raise LookupError(question)


CALLS = [
    ToolCallPart("c1", "ask_again", json.dumps({"question": CANARY})),
    ToolCallPart("c2", "fails", json.dumps({"question": CANARY})),
]


async def test_tools(telemetry):
    with telemetry.tracer.start_as_current_span("work") as work:
        await execute_calls(CALLS, [ask_again, fails])
    good_one, bad_one = telemetry.span("execute_tool ask_again"), telemetry.span("execute_tool fails")
    for span in (good_one, bad_one):
        assert span.kind is SpanKind.INTERNAL
        assert span.parent.span_id == work.get_span_context().span_id
    assert dict(good_one.attributes) == {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "ask_again",
        "gen_ai.tool.type": "function",
        "gen_ai.tool.call.id": "c1",
    }
    assert bad_one.attributes["error.type"] == "LookupError"
    assert bad_one.status.status_code is StatusCode.ERROR
    assert telemetry.span("chat").parent.span_id == good_one.context.span_id, "what a tool asks is within it"
    points = telemetry.points("gen_ai.execute_tool.duration")
    assert {point.attributes["gen_ai.tool.name"] for point in points} == {"ask_again", "fails"}
    assert CANARY not in telemetry.everything()


async def test_a_run(telemetry):
    """As the loop does it: active while its own code is at work, not while it hands over."""
    run = observe.begin_run(agent="guide", host="openai", model="m")
    with run.around():
        await ask(generator(CHAT, good(CHAT)))
    assert trace.get_current_span() is trace.INVALID_SPAN

    async def second_step():
        with run.around():
            await execute_calls(CALLS, [ask_again, fails])

    await asyncio.create_task(second_step())
    run.ended("done", rounds=2, usage=Usage(7, output_tokens=3), cost=CostInfo())
    span = telemetry.span("invoke_agent guide")
    assert dict(span.attributes) == {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "guide",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "m",
        "gen_ai.usage.input_tokens": 7,
        "gen_ai.usage.output_tokens": 3,
        "minillm.rounds": 2,
        "minillm.stop_reason": "done",
    }
    for name in ("chat gpt-5.4", "execute_tool ask_again", "execute_tool fails"):
        assert telemetry.span(name).parent.span_id == span.context.span_id
    (duration,) = telemetry.points("gen_ai.invoke_agent.duration")
    assert dict(duration.attributes) == {"gen_ai.agent.name": "guide", "gen_ai.request.model": "m"}


async def test_a_run_that_fails(telemetry):
    run = observe.begin_run(model="m")
    run.failed(ValueError(CANARY))
    span = telemetry.span("invoke_agent")
    assert span.attributes["error.type"] == "ValueError"
    assert CANARY not in telemetry.everything()


# ---------------------------------------------------------------- content


async def test_content_when_asked_for(with_content):
    reply = await ask(generator(CHAT, good(CHAT, "Zoë")), tools=[fails])
    attributes = with_content.spans[0].attributes
    assert json.loads(attributes["gen_ai.system_instructions"]) == [{"type": "text", "content": CANARY}]
    assert json.loads(attributes["gen_ai.input.messages"]) == [
        {"role": "user", "parts": [{"type": "text", "content": CANARY}]}
    ]
    assert json.loads(attributes["gen_ai.output.messages"]) == [
        {"role": "assistant", "parts": [{"type": "text", "content": reply.text}], "finish_reason": "stop"}
    ]
    assert json.loads(attributes["gen_ai.tool.definitions"])[0]["name"] == "fails"
    await execute_calls(CALLS, [ask_again, fails])
    good_one = with_content.span("execute_tool ask_again").attributes
    assert json.loads(good_one["gen_ai.tool.call.arguments"]) == {"question": CANARY}
    assert json.loads(good_one["gen_ai.tool.call.result"]) == CANARY
    assert good_one["gen_ai.tool.description"] == CANARY
    assert with_content.span("execute_tool fails").attributes["minillm.error.message"] == CANARY


async def test_a_key_is_nowhere_even_with_content(with_content):
    echo = MockResponse.json({"error": {"message": "bad key k3y-0123456789"}}, 401)
    gen = generator(CHAT, echo, api_key="k3y-0123456789")
    with pytest.raises(Exception, match="bad key"):
        await ask(gen)
    assert "k3y-0123456789" not in with_content.everything()
    assert "bad key" in with_content.everything()


async def test_no_content_of_any_answer_without_asking(telemetry):
    """Prompts, answers, calls, results, errors: the whole conversation with the canary in every place."""
    call = {
        "id": "c1",
        "type": "function",
        "function": {"name": "fails", "arguments": json.dumps({"question": CANARY})},
    }
    body = whole(CHAT, CANARY)
    body["choices"][0]["message"]["tool_calls"] = [call]
    body["choices"][0]["finish_reason"] = "tool_calls"
    reply = await ask(generator(CHAT, MockResponse.json(body)), tools=[fails], stop=CANARY, end_user=CANARY)
    await execute_calls(reply.message.tool_calls, [fails])
    assert len(telemetry.spans) == 2
    assert CANARY not in telemetry.everything()


# ---------------------------------------------------------------- on and off


async def test_uninstrumented_nothing_is_watched():
    made = Telemetry()
    with pytest.raises(ConfigurationError, match="instrumented already"):
        otel.instrument()
    otel.uninstrument()
    otel.uninstrument()
    assert hooks.count == 0
    await ask(generator(CHAT, good(CHAT)))
    assert made.spans == ()


async def test_what_is_under_way_is_told_to_its_end():
    made = Telemetry()
    async with ChatNode.root().stream(generator(CHAT, MockResponse.sse(streamed(CHAT))), user="Hi") as stream:
        otel.uninstrument()
        await stream.finish()
    assert len(made.spans) == 1


async def test_the_global_providers_are_the_default():
    """Without any set up, they are silent; nothing breaks."""
    otel.instrument()
    try:
        assert (await ask(generator(CHAT, good(CHAT, "Hi.")))).text == "Hi."
    finally:
        otel.uninstrument()


def test_nothing_else_loads_the_library():
    import subprocess

    program = "import sys, minillm.observe, minillm.stack; print([m for m in sys.modules if 'opentelemetry' in m])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_the_library_the_way_out_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    monkeypatch.delitem(sys.modules, "minillm.observe.otel")
    with pytest.raises(ImportError, match=r"minillm-tree\[otel\]"):
        __import__("minillm.observe.otel")
