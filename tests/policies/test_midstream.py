"""Streams that are cut after their first content: begun anew beside the partial answer, or gone on with."""

import json
from functools import partial

import pytest

from minillm import (
    AllRoutesFailed,
    BadRequestError,
    ChatNode,
    CostLedger,
    GeneratorInfo,
    MockModel,
    MockTransport,
    StreamInterrupted,
    fallback,
    hedge,
)
from minillm.policies.options import CallOptions
from minillm.stack import build
from minillm.types import (
    ChatRequest,
    Finish,
    FinishReason,
    Message,
    MessageEnd,
    MessageStart,
    PartStart,
    ReasoningDelta,
    ReasoningPart,
    StreamFailed,
    TextDelta,
    TextPart,
    ToolCallPart,
)

from .faulty_hosts import faulty_hosts
from .models import Tracked
from .test_fallback import CENTS, WELL, table

REQUEST = ChatRequest(None, (Message("user", "Capital?"),))
CUT = "dropafter 200 failed StreamInterrupted"


@pytest.fixture
async def hosts():
    async with faulty_hosts() as hosts:
        yield hosts


def groq(hosts, fault):
    """A host that goes on with a started answer."""
    return GeneratorInfo.groq("m", base_url=f"{hosts.url}/{fault}", api_key="k-12345678")


def plan_of(hosts, faults, midstream, **rules):
    return fallback([hosts.gen(fault) for fault in faults.split()], midstream=midstream, retry=0, **rules)


async def test_begun_anew_the_partial_answer_is_a_sibling(hosts):
    told, ledger, root = [], CostLedger(), ChatNode.root("x")
    plan = plan_of(
        hosts, "dropafter 500 well", "restart", on_route=lambda event: told.append((event.news, event.index))
    )
    async with root.stream(plan, user="Capital?", cost_callback=ledger) as stream:
        seen = [chunk.delta async for chunk in stream]
    assert seen == ["Pa", "ris ", "Pa", "ris ", "of ", "well."]
    reply = stream.node
    assert stream.text == reply.text == "Paris of well."
    partial, same = reply.parent.children
    assert same is reply
    assert (partial.text, partial.response.finish_reason) == ("Paris ", FinishReason.INTERRUPTED)
    assert table(partial.attempts) == [CUT]
    assert table(reply.attempts) == ["500 500 failed ServerError", WELL]
    assert table(ledger.attempts) == [CUT, "500 500 failed ServerError", WELL]
    assert told == [("selected", 0), ("cut", 0), ("failed", 1), ("restarted", 2)]
    assert reply.response.message.origin == ("well", "m")


async def test_the_second_start_is_an_event(hosts):
    plan = plan_of(hosts, "dropafter well", "restart")
    async with ChatNode.root("x").stream(plan, user="Capital?") as stream:
        kinds = [type(event) async for event in stream.events()]
    assert kinds.count(MessageStart) == 2
    assert kinds.count(MessageEnd) == 1


async def test_what_was_said_of_a_cut_holds_from_the_start_on(hosts):
    """A start that commits says whose the stream is, and ``midstream`` what follows then."""
    for midstream, ends in (("fail", True), ("restart", False)):
        async with ChatNode.root("x").stream(
            plan_of(hosts, "dropafter well", midstream, commit="start"), user="Capital?"
        ) as stream:
            if ends:
                with pytest.raises(StreamInterrupted):
                    await stream.finish()
            else:
                assert (await stream.finish()).text == "Paris of well."


async def test_a_growing_value_begins_anew_too(hosts):
    plan = plan_of(hosts, "dropafter well", "restart")
    with pytest.raises(Exception, match="no JSON"):  # the words of these hosts are none; what counts is the partials
        async with ChatNode.root("x").stream(plan, user="Capital?", expect="any") as stream:
            assert [value async for value in stream.partials()] == []
    start = [MessageStart("1"), PartStart(0, TextPart(""))]
    broken = [*start, TextDelta(0, '{"a": [1, 2, '), StreamFailed(StreamInterrupted("cut", retryable=True))]
    whole = [*start, TextDelta(0, '{"a": '), TextDelta(0, "[7]}"), Finish(0, FinishReason.STOP), MessageEnd()]
    plan = fallback([MockModel([broken]), MockModel([whole])], midstream="restart", retry=0)
    async with ChatNode.root("x").stream(plan, user="?", expect="object") as stream:
        values = [value async for value in stream.partials()]
    assert values[-1] == {"a": [7]}
    assert values[0] == {"a": [1, 2]}
    assert stream.node.output == {"a": [7]}


async def test_two_cuts_leave_two_siblings(hosts):
    root = ChatNode.root("x")
    plan = plan_of(hosts, "dropafter dropafter well", "restart")
    async with root.stream(plan, user="Capital?") as stream:
        reply = await stream.finish()
    assert [node.text for node in reply.parent.children] == ["Paris ", "Paris ", "Paris of well."]
    assert [len(node.attempts) for node in reply.parent.children] == [1, 1, 1]


async def test_when_nobody_is_left_the_tree_is_as_it_was(hosts):
    root = ChatNode.root("x")
    with pytest.raises(AllRoutesFailed) as caught:
        async with root.stream(plan_of(hosts, "dropafter 500", "restart"), user="Capital?") as stream:
            await stream.finish()
    assert table(caught.value.attempts) == table(root.attempts) == [CUT, "500 500 failed ServerError"]
    assert caught.value.partial.text == "Paris "
    assert root.children == ()
    with pytest.raises(StreamInterrupted) as cut:
        async with root.stream(plan_of(hosts, "dropafter", "restart"), user="Capital?") as stream:
            await stream.finish()
    assert cut.value.response.text == "Paris "
    assert table(cut.value.attempts) == [CUT]


async def test_an_error_that_does_not_move_on_is_the_end(hosts):
    start = [MessageStart("1"), PartStart(0, TextPart("")), TextDelta(0, "A")]
    broken = [*start, StreamFailed(BadRequestError("filtered"))]
    plan = fallback([MockModel([broken]), MockModel(["B"])], midstream="restart")
    with pytest.raises(BadRequestError) as caught:
        async with ChatNode.root("x").stream(plan, user="?") as stream:
            await stream.finish()
    assert caught.value.partial.text == "A"


async def test_left_early_after_a_new_start_both_are_kept(hosts):
    plan = plan_of(hosts, "dropafter stall", "restart")
    async with ChatNode.root("x").stream(plan, user="Capital?", on_cancel="keep") as stream:
        async for _ in stream:
            if stream.response.model and len(stream._events.abandoned) == 1:
                break
    partial, reply = stream.node.parent.children
    assert (partial.text, reply.text) == ("Paris ", "Pa")
    assert (table(partial.attempts), table(reply.attempts)) == ([CUT], ["stall 200 cancelled"])


async def test_gone_on_with_it_is_one_text_by_two(hosts):
    told = []
    plan = fallback(
        [hosts.gen("dropafter"), hosts.gen("500"), groq(hosts, "other")],
        midstream="continue",
        retry=0,
        on_route=lambda event: told.append((event.news, event.index)),
    )
    async with ChatNode.root("x").stream(plan, user="Capital?") as stream:
        seen = [event async for event in stream.events()]
    assert [event.delta for event in seen if type(event) is TextDelta] == ["Pa", "ris ", "of other."]
    assert [type(event) for event in seen].count(MessageStart) == 1
    reply = stream.node
    assert reply.text == "Paris of other."
    assert reply.parent.children == (reply,)
    assert table(reply.attempts) == [CUT, "groq 200 accepted"]
    assert reply.response.message.origin == ("groq", "m")
    assert reply.response.usage.output_tokens == 4  # of the exchange that ended it
    assert [loss.reason for loss in reply.response.losses] == [
        "dropafter:m was cut after 6 characters, and groq:m went on"
    ]
    assert told == [("selected", 0), ("cut", 0), ("skipped", 1), ("continued", 2)]
    assert hosts.asked[-1][1]["messages"][-1] == {"role": "assistant", "content": "Paris"}


async def test_where_no_host_can_go_on_it_is_the_cut_itself(hosts):
    with pytest.raises(StreamInterrupted) as caught:
        async with ChatNode.root("x").stream(plan_of(hosts, "dropafter well", "continue"), user="?") as stream:
            await stream.finish()
    assert caught.value.response.text == "Paris "
    assert [fault for fault, _ in hosts.asked] == ["dropafter"]


def broken(*events):
    start = [MessageStart("1", "first")]
    return MockModel([[*start, *events, StreamFailed(StreamInterrupted("cut", retryable=True))]])


TEXT = (PartStart(0, TextPart("")), TextDelta(0, "One "))
THOUGHT = (PartStart(0, ReasoningPart("")), ReasoningDelta(0, "hm"))


@pytest.mark.parametrize(
    "events",
    [THOUGHT, (*TEXT, PartStart(1, ToolCallPart("c", "f", "{}"))), (PartStart(0, TextPart("")), TextDelta(0, " "))],
    ids=["thoughts alone", "a call", "blanks"],
)
async def test_what_is_no_single_text_cannot_be_gone_on_with(events):
    plan = fallback([broken(*events), MockModel(["One two."])], midstream="continue", retry=0)
    with pytest.raises(StreamInterrupted):
        async with ChatNode.root("x").stream(plan, user="?") as stream:
            await stream.finish()


@pytest.mark.parametrize(
    "answer", ["One two.", "two.", Message("assistant", (ReasoningPart("so"), TextPart("two.")))], ids=str
)
async def test_what_the_second_host_repeats_is_said_once(answer):
    """Its thoughts about how to go on are not put amid the answer; those of the first stay behind, and that is said."""
    events = (*THOUGHT, PartStart(1, TextPart("")), TextDelta(1, "One "))
    plan = fallback([broken(*events), MockModel([answer])], midstream="continue", retry=0)
    async with ChatNode.root("x").stream(plan, user="?") as stream:
        seen = [event async for event in stream.events()]
    assert "".join(event.delta for event in seen if type(event) is TextDelta) == "One two."
    assert {event.index for event in seen if type(event) is TextDelta} == {1}
    assert stream.node.message.parts == (TextPart("One two."),)
    assert [loss.what for loss in stream.node.response.losses] == ["one author", "reasoning"]


async def test_a_call_after_the_text_gets_a_place_of_its_own():
    call = ToolCallPart("c", "f", "{}")
    plan = fallback(
        [broken(*TEXT), MockModel([Message("assistant", (TextPart("two."), call))])], midstream="continue", retry=0
    )
    async with ChatNode.root("x").stream(plan, user="?") as stream:
        starts = [(event.index, type(event.part)) async for event in stream.events() if type(event) is PartStart]
    assert starts == [(0, TextPart), (1, ToolCallPart)]
    assert stream.node.message.parts == (TextPart("One two."), call)


async def test_without_a_tree_the_partials_are_on_the_stream(hosts):
    model = build(plan_of(hosts, "dropafter well", "restart"), CallOptions())
    async with model.stream(REQUEST) as stream:
        response = await stream.collect()
    assert response.text == "Paris of well."
    assert [partial.text for partial in stream.abandoned] == ["Paris "]
    assert table(response.attempts) == [CUT, WELL]
    assert response.attempts[-1].cost.usd == CENTS


@pytest.mark.parametrize(
    "rules", [{"midstream": "restart"}, {"commit": lambda event: type(event) is MessageEnd}], ids=str
)
async def test_a_stream_that_was_cut_is_closed_before_the_next_is_opened(rules):
    first = Tracked(broken(*TEXT))

    def second(request):
        assert (len(first.held), first.open) == (1, 0)
        return "Two."

    async with ChatNode.root("x").stream(fallback([first, MockModel(second)], retry=0, **rules), user="?") as stream:
        assert (await stream.finish()).text == "Two."


async def test_a_new_start_is_told_whatever_its_wire_says():
    silent = [PartStart(0, TextPart("")), TextDelta(0, "Two."), Finish(0, FinishReason.STOP), MessageEnd()]
    plan = fallback([broken(*TEXT), MockModel([silent])], midstream="restart", retry=0)
    async with ChatNode.root("x").stream(plan, user="?") as stream:
        kinds = [type(event) async for event in stream.events()]
    assert kinds.count(MessageStart) == 2


@pytest.mark.parametrize("make", [fallback, partial(hedge, after=9)], ids=["fallback", "hedge"])
async def test_a_cut_that_ends_the_call_is_told_and_counts_against_its_route(hosts, make):
    told = []
    rules = {"retry": 0, "failures": 1, "on_route": lambda event: told.append((event.news, event.index, event.until))}
    plan = make([hosts.gen("dropafter"), hosts.gen("well")], **rules)
    with pytest.raises(StreamInterrupted):
        async with ChatNode.root("x").stream(plan, user="?") as stream:
            await stream.finish()
    assert [event[:2] for event in told] == [("selected", 0), ("cut", 0)]
    assert told[-1][2] is not None
    async with ChatNode.root("x").stream(plan, user="?") as stream:
        assert (await stream.finish()).text == "Paris of well."
    told.clear()
    async with ChatNode.root("x").stream(plan, user="?") as stream:
        await anext(aiter(stream))  # left early, which is no failure
    assert [event[0] for event in told] == ["selected"]


def messages_host(texts):
    """An Anthropic model that goes on with a started answer, and says this."""
    start = {"type": "message_start", "message": {"id": "a", "model": "claude", "usage": {"input_tokens": 9}}}
    block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    said = [{"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": t}} for t in texts]
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 3}}
    events = [start, block, *said, {"type": "content_block_stop", "index": 0}, end, {"type": "message_stop"}]
    frames = "".join(f"event: {each['type']}\ndata: {json.dumps(each)}\n\n" for each in events)
    transport = MockTransport.sse(frames.encode())
    return GeneratorInfo.anthropic("claude-sonnet-4-5", api_key="k-12345678", transport=transport), transport


@pytest.mark.parametrize("midstream", ["restart", "continue"])
async def test_another_wire_may_take_over(hosts, midstream):
    claude, transport = messages_host(["of ", "Claude."] if midstream == "continue" else ["I am ", "Claude."])
    plan = fallback([hosts.gen("dropafter"), claude], midstream=midstream, retry=0)
    async with ChatNode.root("x").stream(plan, user="Capital?") as stream:
        seen = [chunk.delta async for chunk in stream]
    sent = json.loads(transport.requests[0].body)["messages"]
    if midstream == "continue":
        assert seen == ["Pa", "ris ", "of ", "Claude."]
        assert stream.node.text == "Paris of Claude."
        assert [message["role"] for message in sent] == ["user", "assistant"]
    else:
        assert seen == ["Pa", "ris ", "I am ", "Claude."]
        assert stream.node.text == "I am Claude."
        assert [message["role"] for message in sent] == ["user"]
    assert stream.node.response.finish_reason is FinishReason.STOP
    assert stream.node.response.usage.input_tokens == 9
    assert [one.wire for one in stream.node.parent.children[-1].attempts][-1] == "anthropic_messages"


async def test_what_needs_no_second_route_passes_as_it_is(hosts):
    for midstream in ("restart", "continue"):
        async with ChatNode.root("x").stream(plan_of(hosts, "well other", midstream), user="?") as stream:
            assert [chunk.delta async for chunk in stream] == ["Pa", "ris ", "of ", "well."]
        assert stream.node.response.usage.total_tokens == 14
        assert table(stream.node.attempts) == [WELL]
