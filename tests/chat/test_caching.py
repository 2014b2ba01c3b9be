"""``ensure_cached``: one write, reads after, and nothing sent where the prompt is known to be cached."""

import asyncio
from decimal import Decimal

import anyio
import pytest
from aiohttp import web

from minillm import (
    AuthenticationError,
    ChatNode,
    ConfigurationError,
    CostLedger,
    GeneratorInfo,
    MockModel,
    TokenPrice,
    UnansweredToolCalls,
    loop_local,
    tool,
)
from minillm.chat.caching import CacheOutcome
from minillm.chat.warmth import warmth
from minillm.transport import MockResponse, MockTransport
from minillm.types import CacheBreakpoint, Outcome, TextPart, ToolCallPart
from tests.chat.caching_host import CachingHost, Clock
from tests.chat.four_wires import GEMINI, RESPONSES, at, whole

LONG = "The law of the sea. " * 400  # 2000 of the host's tokens
PRICE = TokenPrice(input=1, output=10, cache_read="0.1", cache_write={"5m": "1.25", "1h": 2})


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Nothing is known before and after a test, and time stands still."""
    clock = Clock()
    monkeypatch.setattr(warmth, "clock", clock)
    monkeypatch.setattr("time.time", clock)  # attempts say when they started
    warmth.forget()
    yield clock
    warmth.forget()


@pytest.fixture
def host(clock):
    return CachingHost(clock)


FORMS = ["anthropic", "openrouter"]


def prompt():
    return ChatNode.root(LONG).cache_breakpoint()


# ---------------------------------------------------------------- written once, read ever after


@pytest.mark.parametrize("form", FORMS)
async def test_four_siblings_read_what_was_written_once(host, form):
    """The host counts one write, by the warming request, and four reads after it."""
    gen = getattr(host, form)(price=PRICE)
    user = prompt().add_user("Who owns a wreck?")
    state = await user.ensure_cached(gen)
    assert (state.outcome, state.warm, state.sent) == (CacheOutcome.WRITTEN, True, True)
    assert state.written_tokens > 2000
    assert state.read_tokens == 0
    replies = await user.branch(gen, n=4)
    assert [reply.response.usage.cache_read_tokens for reply in replies] == [state.written_tokens] * 4
    assert (host.writes, host.reads, len(host.log)) == (1, 4, 5)


@pytest.mark.parametrize("form", FORMS)
async def test_without_it_a_branch_writes_once_by_itself(host, form):
    """The first sibling goes ahead; the others read what it wrote."""
    replies = await prompt().add_user("Hi").branch(getattr(host, form)(), n=4)
    assert len(replies) == 4
    assert (host.writes, host.reads) == (1, 3)


@pytest.mark.parametrize("form", FORMS)
async def test_over_real_sockets(host, form):
    """The same against a server on this machine."""

    async def answer(http):
        key = http.headers.get("x-api-key") or http.headers.get("authorization", "")
        status, said = await host.answer(await http.json(), key)
        if isinstance(said, bytes):
            return web.Response(body=said, content_type="text/event-stream")
        return web.json_response(said, status=status)

    app = web.Application()
    app.router.add_post("/{tail:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.01)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        gen = getattr(host, form)(transport=None, base_url=f"http://127.0.0.1:{runner.addresses[0][1]}/v1")
        user = prompt().add_user("Hi")
        states = await asyncio.gather(*(user.ensure_cached(gen) for _ in range(5)))
        assert [state.outcome for state in states] == [CacheOutcome.WRITTEN, *[CacheOutcome.KNOWN] * 4]
        await user.branch(gen, n=4)
        assert (host.writes, host.reads, len(host.log)) == (1, 4, 5)
    finally:
        await loop_local.aclose()
        await runner.cleanup()


async def test_a_known_prompt_lets_a_branch_start_at_once(host):
    """No sibling has to go ahead: all four are under way before any is answered."""
    gen, user = host.anthropic(), prompt().add_user("Hi")
    await user.ensure_cached(gen)
    host.held = asyncio.Event()
    run = asyncio.ensure_future(user.branch(gen, n=4)._all())
    try:
        await _until(lambda: len(host.bodies) == 5)
    finally:
        host.held.set()
    assert len(await run) == 4
    assert host.reads == 4


async def test_of_several_models_only_those_that_are_cold_go_ahead(host):
    """One is known to be warm and starts all at once; of the other one sibling leads."""
    warm, cold, user = host.anthropic(), host.openrouter(), prompt().add_user("Hi")
    await user.ensure_cached(warm)
    host.held = asyncio.Event()
    run = asyncio.ensure_future(user.branch([warm, cold], n=3)._all())
    try:
        await _until(lambda: len(host.bodies) == 5)
        for _ in range(20):
            await asyncio.sleep(0)
        assert [body["model"] for body in host.bodies[1:]].count(cold.model) == 1
    finally:
        host.held.set()
    assert len(await run) == 6
    assert (host.writes, host.reads) == (2, 5)


# ---------------------------------------------------------------- cheap


async def test_the_request_is_the_cheapest_that_writes(host):
    """No answer, and nothing of what stands behind the mark."""
    node = prompt().add_user("long " * 100).add_assistant("yes").add_user("more")
    state = await node.ensure_cached(host.anthropic(price=PRICE), temperature=0.5, stop=["x"], max_tokens=500)
    (body,) = host.bodies
    assert body["max_tokens"] == 0
    assert "stop_sequences" not in body
    assert body["messages"] == [{"role": "user", "content": "."}]
    assert body["system"][0]["cache_control"] == {"type": "ephemeral"}
    assert state.cost.usage.output_tokens == 0
    assert state.cost.usd == (Decimal("1.25") * state.written_tokens + state.cost.usage.uncached_tokens) / 1_000_000


async def test_what_is_known_costs_nothing(host, clock):
    """The second call sends nothing and says until when the prompt lasts."""
    gen, node = host.anthropic(), prompt().add_user("Hi")
    first = await node.ensure_cached(gen)
    again = await node.ensure_cached(gen)
    assert (again.outcome, again.cost.usd, again.sent, again.attempts) == (CacheOutcome.KNOWN, 0, False, ())
    assert again.until == first.until == clock() + 300
    assert len(host.log) == 1


async def test_it_is_sent_again_when_the_time_is_over(host, clock):
    """And not a moment before."""
    gen, node = host.anthropic(), prompt().add_user("Hi")
    await node.ensure_cached(gen)
    clock.now += 299
    assert (await node.ensure_cached(gen)).outcome is CacheOutcome.KNOWN
    clock.now += 1
    assert (await node.ensure_cached(gen)).outcome is CacheOutcome.WRITTEN
    assert host.writes == 2


@pytest.mark.parametrize("form", FORMS)
async def test_replies_that_read_the_cache_keep_it_known(host, clock, form):
    """Each use is a new beginning of its time, at the host and in what is known of it."""
    gen, node = getattr(host, form)(), prompt().add_user("Hi")
    await node.ensure_cached(gen)
    for _ in range(3):
        clock.now += 200
        await node.complete(gen)
    clock.now += 200
    assert (await node.ensure_cached(gen)).outcome is CacheOutcome.KNOWN
    assert host.writes == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_a_reply_that_wrote_is_enough(host, stream):
    """Nobody has to be asked about a prompt that was just answered."""
    gen, node = host.anthropic(), prompt().add_user("Hi")
    if stream:
        async with node.stream(gen) as answer:
            await answer.finish()
    else:
        await node.complete(gen)
    assert (await node.ensure_cached(gen)).outcome is CacheOutcome.KNOWN
    assert len(host.log) == 1


async def test_the_host_may_have_it_already(host):
    """Another program wrote it: it is read, for a tenth of the price."""
    gen, node = host.anthropic(price=PRICE), prompt().add_user("Hi")
    await node.ensure_cached(gen)
    warmth.forget()
    state = await node.ensure_cached(gen)
    assert (state.outcome, state.written_tokens) == (CacheOutcome.READ, 0)
    assert state.read_tokens > 2000
    assert state.cost.usd < Decimal("0.001")


async def test_it_is_known_in_another_event_loop(host):
    """What one ``asyncio.run`` has warmed is warm for the next."""
    gen = host.anthropic()
    await prompt().ensure_cached(gen)
    await asyncio.to_thread(lambda: asyncio.run(_known_there(gen)))
    assert len(host.log) == 1


async def _known_there(gen):
    assert (await prompt().ensure_cached(gen)).outcome is CacheOutcome.KNOWN


# ---------------------------------------------------------------- whose, and of what


def _another_key(host, node, gen):
    return node, gen.replace(api_key="sk-other"), {}


def _another_model(host, node, gen):
    return node, gen.replace(model="claude-sonnet-5"), {}


def _another_text(host, node, gen):
    return ChatNode.root(LONG + "!").cache_breakpoint().add_user("Hi"), gen, {}


def _other_tools(host, node, gen):
    return node, gen, {"tools": [weather]}


def _thinking(host, node, gen):
    return node, gen, {"reasoning": "high"}


def _longer(host, node, gen):
    return node, gen, {"ttl": "1h"}


@tool
def weather(city: str) -> str:
    """The weather in a city."""
    return city


OTHERS = [_another_key, _another_model, _another_text, _other_tools, _thinking, _longer]


@pytest.mark.parametrize("other", OTHERS)
async def test_another_prompt_is_another(host, other):
    """Credential, model, text, tools, thinking, a longer life: each is asked for by itself."""
    gen, node = host.anthropic(), prompt().add_user("Hi")
    await node.ensure_cached(gen)
    node, gen, options = other(host, node, gen)
    state = await node.ensure_cached(gen, **options)
    assert state.sent
    assert state.outcome in (CacheOutcome.WRITTEN, CacheOutcome.READ)
    assert (await node.ensure_cached(gen, **options)).outcome is CacheOutcome.KNOWN


async def test_the_same_prompt_elsewhere_is_the_same(host):
    """Other nodes, another tree, another generator object with the same key, what comes after the mark."""
    await prompt().add_user("Hi").ensure_cached(host.anthropic())
    there = ChatNode.root((TextPart(LONG, cache=CacheBreakpoint()),)).add_user("Something else")
    assert (await there.ensure_cached(host.anthropic())).outcome is CacheOutcome.KNOWN


async def test_keys_from_a_callable(host):
    """The callable stands for whose cache it is, whatever it gives."""
    tokens = iter("abcdef")

    def fetch():
        return "sk-same" if next(tokens) else ""

    gen, node = host.anthropic(api_key=fetch), prompt()
    await node.ensure_cached(gen)
    assert (await node.ensure_cached(gen)).outcome is CacheOutcome.KNOWN
    assert (await node.ensure_cached(host.anthropic(api_key=lambda: "sk-b"))).outcome is CacheOutcome.WRITTEN


async def test_no_key_stands_in_what_is_known(host):
    """Hashes only, and those are salted."""
    await prompt().ensure_cached(host.anthropic(api_key="sk-very-secret", headers={"x-more": "hush-hush"}))
    assert "sk-very-secret" not in repr(warmth._scopes)
    assert "hush-hush" not in repr(warmth._scopes)
    assert "law of the sea" not in repr(warmth._scopes)


# ---------------------------------------------------------------- marks


async def test_a_path_without_marks_is_cached_to_its_end(host):
    """As ``cache=True`` would mark it."""
    gen, node = host.anthropic(), ChatNode.root("Be brief.").add_user(LONG)
    state = await node.ensure_cached(gen, ttl="1h")
    assert host.bodies[0]["messages"][0]["content"][0]["cache_control"] == {"type": "ephemeral", "ttl": "1h"}
    assert state.cost.usage.cache_write_tokens == {"5m": 0, "1h": state.written_tokens}
    reply = await node.complete(gen, cache=True)
    assert reply.response.usage.cache_read_tokens == state.written_tokens


async def test_the_lifetime_fills_marks_that_name_none(host, clock):
    """Those that name one keep it, as far as the host's order of lifetimes allows."""
    node = prompt().add_user(LONG).cache_breakpoint("5m").add_user("Hi")
    state = await node.ensure_cached(host.anthropic(), ttl="1h")
    assert state.cost.usage.cache_write_tokens["5m"] > 2000
    assert state.cost.usage.cache_write_tokens["1h"] > 2000
    assert state.until == clock() + 300
    assert node.path()[0].cache_mark == CacheBreakpoint()


async def test_more_marks_than_the_host_takes(host):
    """The last four are kept, the others told by name."""
    node = prompt()
    for number in range(6):
        node = node.add_user(f"{number} {LONG}").cache_breakpoint()
    state = await node.ensure_cached(host.anthropic())
    assert state.outcome is CacheOutcome.WRITTEN
    assert [loss.path for loss in state.losses] == [f"messages[{i}].content[0].cache" for i in range(3)]
    reply = await node.complete(host.anthropic())
    assert [loss.path for loss in reply.response.losses] == [loss.path for loss in state.losses]
    assert reply.response.usage.cache_write_tokens == {"5m": 0, "1h": 0}


async def test_a_mark_behind_a_call_takes_its_results_along(host):
    """What is cut off leaves no call without its results: hosts refuse that."""
    calls = (TextPart(LONG), ToolCallPart("a", "f", "{}"), ToolCallPart("b", "f", "{}"))
    asked = ChatNode.root("s").add_user("u").add_assistant(calls).cache_breakpoint()
    node = asked.add_tool_results({"a": "1", "b": "2"}).add_assistant("three").add_user("and?")
    await node.ensure_cached(host.anthropic())
    roles = [message["role"] for message in host.bodies[0]["messages"]]
    assert roles == ["user", "assistant", "user"]
    assert [block["type"] for block in host.bodies[0]["messages"][2]["content"]] == ["tool_result"] * 2


@pytest.mark.parametrize(
    ("options", "most"),
    [
        ({"reasoning": "high"}, 1),
        ({"reasoning": "none"}, 0),
        ({"response_format": None}, 0),
        ({"tools": [weather], "tool_choice": "required"}, 1),
        ({"tools": [weather], "tool_choice": "auto"}, 0),
    ],
)
async def test_where_no_answer_at_all_is_refused_the_shortest_is_asked_for(host, options, most):
    """Thinking and forced tools cannot go without; they stay, or the calls to come would not find the prompt."""
    await prompt().add_user("Hi").ensure_cached(host.anthropic(), **options)
    (body,) = host.bodies
    assert body["max_tokens"] == most
    assert host.writes == 1


async def test_a_thinking_budget_fits_under_the_ceiling(host):
    """The host refuses a budget that does not."""
    from minillm.types import ReasoningConfig

    await prompt().ensure_cached(host.anthropic("claude-sonnet-4-5"), reasoning=ReasoningConfig(budget_tokens=1024))
    assert host.bodies[0]["max_tokens"] == 1025


async def test_a_host_that_knows_no_empty_answer_is_asked_for_a_short_one(clock):
    """A proxy may refuse ``max_tokens: 0``: that costs nothing, and one token is asked for instead."""
    host = CachingHost(clock, knows_zero=False)
    state = await prompt().ensure_cached(host.anthropic())
    assert [body["max_tokens"] for body in host.bodies] == [0, 1]
    assert state.outcome is CacheOutcome.WRITTEN
    assert [attempt.outcome for attempt in state.attempts] == [Outcome.FAILED, Outcome.ACCEPTED]


# ---------------------------------------------------------------- too short


async def test_a_prompt_that_is_surely_too_short_costs_nothing(host):
    """The host's minimum is documented: no money is spent on what it would not cache."""
    state = await ChatNode.root("Be brief.").ensure_cached(host.anthropic())
    assert (state.outcome, state.warm, state.cost.usd, state.sent) == (CacheOutcome.NOT_CACHED, False, 0, False)
    assert "512 tokens" in state.note
    assert host.bodies == []


async def test_a_prompt_that_turns_out_too_short_is_not_tried_again(host, clock):
    """The host's own count decides; it is asked again when it might have forgotten."""
    gen, node = host.anthropic(), ChatNode.root("x " * 700)
    state = await node.ensure_cached(gen)
    assert (state.outcome, state.until) == (CacheOutcome.NOT_CACHED, None)
    assert state.sent
    again = await node.ensure_cached(gen)
    assert (again.outcome, again.sent) == (CacheOutcome.NOT_CACHED, False)
    clock.now += 301
    assert (await node.ensure_cached(gen)).sent


async def test_pictures_are_not_counted_in_bytes(host):
    """Their tokens are not a matter of length: the host is asked."""
    from minillm.types import ImagePart

    node = ChatNode.root("s").add_user((ImagePart(url="https://h.test/a.png"), TextPart("What is it?")))
    assert (await node.ensure_cached(host.anthropic())).sent


async def test_nothing_to_mark_is_told(host):
    """An empty prompt."""
    state = await ChatNode.root("").ensure_cached(host.anthropic())
    assert "nothing to cache" in state.note
    assert host.bodies == []


# ---------------------------------------------------------------- the bill


async def test_it_is_on_the_nodes_bill_and_attaches_nothing(host):
    """The tree is as it was; the callback is told once, and only of what was sent."""
    gen, node, ledger = host.anthropic(price=PRICE), prompt().add_user("Hi"), CostLedger()
    state = await node.ensure_cached(gen, cost_callback=ledger)
    await node.ensure_cached(gen, cost_callback=ledger)
    assert node.children == ()
    assert node.attempts == state.attempts
    assert node.cost.usd == state.cost.usd == ledger.total.usd > 0
    assert len(ledger) == 1


async def test_a_failure_is_on_the_bill_too():
    """And it is not taken for warmth."""
    refused = MockResponse.json({"type": "error", "error": {"type": "authentication_error", "message": "no"}}, 401)
    gen = GeneratorInfo.anthropic("claude-opus-5", api_key="k", transport=MockTransport(refused))
    node = prompt()
    for _ in range(2):
        with pytest.raises(AuthenticationError):
            await node.ensure_cached(gen)
    assert [attempt.outcome for attempt in node.attempts] == [Outcome.FAILED] * 2
    assert node.cost.usd == 0


async def test_nothing_is_sent_where_the_call_would_be_refused(host):
    """A wrong lifetime, an unknown option, an open tool call, no key."""
    gen, node = host.anthropic(), prompt().add_user("Hi")
    with pytest.raises(ConfigurationError, match="ttl must be"):
        await node.ensure_cached(gen, ttl="soon")
    with pytest.raises(ConfigurationError, match="temprature"):
        await node.ensure_cached(gen, temprature=1)
    with pytest.raises(UnansweredToolCalls):
        await node.add_assistant([ToolCallPart("a", "f", "{}")]).ensure_cached(gen)
    with pytest.raises(ConfigurationError, match="ANTHROPIC_API_KEY"):
        await node.ensure_cached(gen.replace(api_key=None))
    assert host.bodies == []
    assert node.attempts == ()


# ---------------------------------------------------------------- many at once


async def test_many_tasks_share_one_request(host):
    """One pays, the others wait for it and pay nothing."""
    gen, tree = host.anthropic(price=PRICE), prompt()
    nodes = [tree.add_user(str(number)) for number in range(20)]
    states = await asyncio.gather(*(node.ensure_cached(gen) for node in nodes))
    assert len(host.bodies) == host.writes == 1
    assert sorted(state.outcome for state in states) == [*[CacheOutcome.KNOWN] * 19, CacheOutcome.WRITTEN]
    assert sum(state.cost.usd for state in states) == sum(node.cost.usd for node in nodes) > 0
    assert len({state.until for state in states}) == 1


async def test_cancelling_one_leaves_the_others(host):
    """Even the one that began: the request goes on while anybody waits for it, on the bill of who began it."""
    gen, node, other = host.anthropic(), prompt(), prompt()
    host.held = asyncio.Event()
    first = asyncio.ensure_future(node.ensure_cached(gen))
    await _until(lambda: host.bodies)
    second = asyncio.ensure_future(other.ensure_cached(gen))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    host.held.set()
    assert (await second).outcome is CacheOutcome.KNOWN
    assert (len(host.bodies), host.cancelled) == (1, 0)
    assert [attempt.outcome for attempt in node.attempts] == [Outcome.ACCEPTED]
    assert other.attempts == ()


@pytest.mark.parametrize("by", ["task", "scope"])
async def test_cancelling_all_ends_the_request(host, by):
    """No task and no request is left behind; the cancelled attempt is on the bill, and the next call sends anew."""
    gen, node = host.anthropic(), prompt()
    host.held = asyncio.Event()
    before = asyncio.all_tasks()
    if by == "task":
        both = [asyncio.ensure_future(node.ensure_cached(gen)) for _ in range(2)]
        await _until(lambda: host.bodies)
        for task in both:
            task.cancel()
        assert [type(end) for end in await asyncio.gather(*both, return_exceptions=True)] == [
            asyncio.CancelledError
        ] * 2
    else:
        async with anyio.create_task_group() as group:
            group.start_soon(node.ensure_cached, gen)
            await _until(lambda: host.bodies)
            group.cancel_scope.cancel()
    assert asyncio.all_tasks() == before
    assert host.cancelled == 1
    assert [attempt.outcome for attempt in node.attempts] == [Outcome.CANCELLED]
    host.held.set()
    assert (await node.ensure_cached(gen)).outcome is CacheOutcome.WRITTEN


async def test_all_who_wait_see_the_failure():
    """And nobody is left waiting."""
    transport = MockTransport(MockResponse.json({"error": {"message": "no"}}, 401))
    gen = GeneratorInfo.anthropic("claude-opus-5", api_key="k", transport=transport)
    node = prompt()
    ends = await asyncio.gather(*(node.ensure_cached(gen) for _ in range(3)), return_exceptions=True)
    assert [type(end) for end in ends] == [AuthenticationError] * 3
    assert len(transport.requests) == 1


async def _until(true):
    for _ in range(10_000):
        if true():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to that")


# ---------------------------------------------------------------- hosts that cache by themselves


async def test_openai_prepares_without_an_answer():
    """Responses has a switch for it, from GPT-5.6 on; what the caller says beside it stays."""
    transport = MockTransport.json(whole(RESPONSES) | {"usage": _responses_usage(1500)})
    gen = GeneratorInfo.openai("gpt-5.6-sol", api_key="k", wire="openai_responses", transport=transport)
    node = ChatNode.root("s").add_user(LONG).cache_breakpoint("12h")
    state = await node.ensure_cached(gen, extra={"prompt_cache_options": {"mode": "explicit"}})
    sent = _sent(transport)
    assert sent["prompt_cache_options"] == {"mode": "explicit", "prewarm": True}
    assert "max_output_tokens" not in sent
    assert sent["input"][-1]["content"][0]["prompt_cache_breakpoint"] == {"mode": "explicit", "ttl": "12h"}
    assert (state.outcome, state.written_tokens) == (CacheOutcome.WRITTEN, 1500)
    assert state.until == warmth.clock() + 43_200


def _responses_usage(written):
    inputs = {
        "cached_tokens": 0,
        "cache_write_tokens": written,
        "cache_write_tokens_details": {"ttl_12h_tokens": written},
    }
    return {"input_tokens": 2000, "input_tokens_details": inputs, "output_tokens": 0, "total_tokens": 2000}


def _sent(transport):
    import json

    return json.loads(transport.requests[-1].body)


async def test_a_mark_that_cannot_be_said_costs_nothing():
    """The model's own text carries none on Responses: nothing would be cached up to there."""
    transport = MockTransport.json(whole(RESPONSES))
    gen = GeneratorInfo.openai("gpt-6", api_key="k", wire="openai_responses", transport=transport)
    node = ChatNode.root("s").add_user("u").add_assistant(LONG).cache_breakpoint()
    state = await node.ensure_cached(gen)
    assert (state.outcome, state.sent) == (CacheOutcome.NOT_CACHED, False)
    assert "the model's own text carries none" in state.note
    assert transport.requests == []


async def test_older_models_of_openai_cache_by_themselves(clock):
    """No mark, the smallest answer they take; they tell of reading only, and a prompt they have seen counts as warm."""
    transport = MockTransport.json(whole("openai_chat_completions") | {"usage": _chat_usage(0)})
    gen = GeneratorInfo.openai("gpt-5.4", api_key="k", transport=transport)
    node = prompt().add_user("Hi")
    state = await node.ensure_cached(gen)
    sent = _sent(transport)
    assert sent["max_completion_tokens"] == 16
    assert sent["messages"][0] == {"role": "system", "content": LONG}
    assert (state.outcome, state.written_tokens, state.read_tokens) == (CacheOutcome.SENT, None, 0)
    assert "by itself" in state.note
    assert [loss.path for loss in state.losses] == ["messages[0].content[0].cache"]
    assert (await node.ensure_cached(gen)).outcome is CacheOutcome.KNOWN
    clock.now += 250
    transport._answers = MockResponse.json(whole("openai_chat_completions") | {"usage": _chat_usage(1920)})
    # A reply that goes on from there reads it, and it lives on, though nothing is marked.
    await ChatNode.root(LONG).add_user("Hi").complete(gen)
    clock.now += 250
    assert (await node.ensure_cached(gen)).outcome is CacheOutcome.KNOWN


def _chat_usage(cached):
    details = {"cached_tokens": cached}
    return {"prompt_tokens": 2000, "completion_tokens": 3, "total_tokens": 2003, "prompt_tokens_details": details}


@pytest.mark.parametrize(("words", "sent"), [(200, False), (3000, True)])
async def test_gemini_caches_by_itself_above_its_minimum(words, sent):
    """Below it nothing is sent, and the note says why; what marks cannot say there is a note, not a loss."""
    answer = whole(GEMINI) | {"usageMetadata": {"promptTokenCount": words * 4, "candidatesTokenCount": 1}}
    transport = MockTransport.json(answer)
    gen = GeneratorInfo.gemini("gemini-2.5-flash", api_key="k", transport=transport)
    state = await ChatNode.root("law of the sea " * words).cache_breakpoint().add_user("Hi").ensure_cached(gen)
    assert state.sent is sent
    if sent:
        assert _sent(transport)["generationConfig"]["maxOutputTokens"] == 1
        assert state.outcome is CacheOutcome.SENT
    else:
        assert "2048 tokens" in state.note


async def test_a_model_of_nobody_is_asked_once():
    """Nothing is documented of a plain ChatModel: it sees the prompt, and the note says what is not known."""
    model = MockModel(["ok", "ok"])
    node = prompt().add_user("Hi")
    state = await node.ensure_cached(model)
    assert (state.outcome, model.requests[0].parameters.max_tokens) == (CacheOutcome.SENT, 1)
    assert "not documented" in state.note
    assert (await node.ensure_cached(model)).outcome is CacheOutcome.KNOWN
    assert len(model.requests) == 1


# ---------------------------------------------------------------- usage and price


USAGES = {
    "anthropic_messages": {
        "input_tokens": 10,
        "cache_read_input_tokens": 200,
        "cache_creation_input_tokens": 300,
        "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
        "output_tokens": 5,
    },
    "openai_responses": {
        "input_tokens": 510,
        "output_tokens": 5,
        "total_tokens": 515,
        "input_tokens_details": {
            "cached_tokens": 200,
            "cache_write_tokens": 300,
            "cache_write_tokens_details": {"ttl_30m_tokens": 100, "ttl_12h_tokens": 200},
        },
    },
    "openai_chat_completions": {
        "prompt_tokens": 510,
        "completion_tokens": 5,
        "total_tokens": 515,
        "prompt_tokens_details": {"cached_tokens": 200, "cache_write_tokens": 300},
    },
    "gemini_generate_content": {
        "promptTokenCount": 210,
        "cachedContentTokenCount": 200,
        "candidatesTokenCount": 5,
        "totalTokenCount": 215,
    },
}
WRITTEN = {
    "anthropic_messages": {"5m": 100, "1h": 200},
    "openai_responses": {"30m": 100, "12h": 200},
    "openai_chat_completions": {"": 300},
    "gemini_generate_content": None,
}


@pytest.mark.parametrize("wire", list(USAGES))
async def test_tokens_read_and_written_reach_the_reply_and_its_bill(wire):
    """By lifetime where the wire tells it, each at its own rate."""
    name = "usageMetadata" if wire == GEMINI else "usage"
    transport = MockTransport.json(whole(wire) | {name: USAGES[wire]})
    rates = {"5m": 2, "1h": 3, "30m": 2, "12h": 3, "": 4}
    price = TokenPrice(input=1, output=10, cache_read="0.5", cache_write=rates)
    gen = at(wire, "https://h.test", transport=transport, price=price)
    reply = await ChatNode.root("s").chat("Hi", gen)
    usage, written = reply.response.usage, WRITTEN[wire]
    assert (usage.uncached_tokens, usage.cache_read_tokens, usage.output_tokens) == (10, 200, 5)
    assert usage.cache_write_tokens == written
    paid = 10 + 100 + 50 + sum(rates[ttl] * tokens for ttl, tokens in (written or {}).items())
    assert reply.cost.usd == Decimal(paid) / 1_000_000
