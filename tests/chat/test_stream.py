"""A reply while it is being written: read, left early, cut, judged."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from minillm import (
    ChatNode,
    ConfigurationError,
    CostInfo,
    EmptyResponse,
    FinishReason,
    InvalidOutput,
    MockModel,
    ServerError,
    StreamConsumed,
    StreamInterrupted,
    ToolCallPart,
)
from minillm.types import (
    Attempt,
    Finish,
    MessageEnd,
    MessageStart,
    Outcome,
    PartStart,
    ReasoningDelta,
    StreamFailed,
    TextDelta,
    TextPart,
    ToolCallDelta,
    UsageUpdate,
)

HELLO = [
    MessageStart("id", "m"),
    TextDelta(0, "Hel"),
    TextDelta(0, "lo."),
    Finish(0, FinishReason.STOP, "stop"),
    MessageEnd(),
]


def user():
    return ChatNode.root("Be terse.").add_user("Hi")


async def test_text_comes_piece_by_piece_and_the_reply_at_the_end():
    node = user()
    async with node.stream(MockModel([HELLO])) as stream:
        pieces = []
        async for chunk in stream:
            pieces.append(chunk.delta)
            assert stream.text == "".join(pieces)
    reply = stream.node
    assert pieces == ["Hel", "lo."]
    assert (reply.text, reply.parent, node.children) == ("Hello.", node, (reply,))
    assert reply.response.finish_reason is FinishReason.STOP


async def test_the_reply_is_there_inside_the_block_too():
    async with user().stream(MockModel([HELLO])) as stream:
        async for _ in stream:
            pass
        assert stream.node.text == "Hello."


async def test_finish_reads_on_to_the_end():
    async with user().stream(MockModel([HELLO])) as stream:
        assert (await anext(stream)).delta == "Hel"
        reply = await stream.finish()
        assert await stream.finish() is reply
    assert reply is stream.node
    assert reply.text == "Hello."


async def test_all_events_on_the_same_cursor():
    async with user().stream(MockModel([HELLO])) as stream:
        assert (await anext(stream)).delta == "Hel"
        rest = [event async for event in stream.events()]
    assert rest == HELLO[2:]
    assert stream.node.text == "Hello."


async def test_thinking_is_among_the_events_and_not_the_text():
    events = [ReasoningDelta(0, "hm"), TextDelta(1, "Hi"), *HELLO[3:]]
    async with user().stream(MockModel([events])) as stream:
        assert [chunk.delta async for chunk in stream] == ["Hi"]
    assert stream.node.response.reasoning == "hm"


async def test_a_question_attaches_with_its_reply():
    root = ChatNode.root()
    async with root.stream(MockModel([HELLO]), user="Hi") as stream:
        assert root.children == ()
        await stream.finish()
    assert [message.text for message in stream.node.thread()] == ["", "Hi", "Hello."]
    assert root.children == (stream.node.parent,)


async def test_an_unattached_reply_is_not_listed():
    node = user()
    async with node.stream(MockModel([HELLO]), attach=False) as stream:
        reply = await stream.finish()
    assert (reply.parent, node.children) == (node, ())


# ---------------------------------------------------------------- misuse


async def test_it_must_be_opened_first():
    stream = user().stream(MockModel([HELLO]))
    with pytest.raises(StreamConsumed, match="async with"):
        await anext(stream)
    with pytest.raises(StreamConsumed, match="async with"):
        aiter(stream)
    with pytest.raises(StreamConsumed, match="async with"):
        await anext(stream.events())
    assert (stream.text, stream.response.choices) == ("", ())


async def test_there_is_no_reply_before_the_end():
    async with user().stream(MockModel([HELLO])) as stream:
        await anext(stream)
        with pytest.raises(StreamConsumed, match=r"await stream\.finish"):
            _ = stream.node
        await stream.finish()


async def test_it_opens_once():
    stream = user().stream(MockModel([HELLO, HELLO]))
    async with stream:
        await stream.finish()
    with pytest.raises(StreamConsumed, match="opened before"):
        await stream.__aenter__()


async def test_it_is_read_once():
    async with user().stream(MockModel([HELLO])) as stream:
        await stream.finish()
        with pytest.raises(StreamConsumed, match="read to its end"):
            aiter(stream)
        with pytest.raises(StreamConsumed, match="read to its end"):
            await anext(stream.events())


async def test_a_second_reader_at_the_same_time_is_refused():
    gate = asyncio.Event()
    reached = asyncio.Event()

    class Slow(MockModel):
        def stream(self, request):
            manager = super().stream(request)

            class Held:
                async def __aenter__(self):
                    stream = await manager.__aenter__()
                    read = stream._read

                    async def held():
                        reached.set()
                        await gate.wait()
                        return await read()

                    stream._read = held
                    return stream

                async def __aexit__(self, *error):
                    return await manager.__aexit__(*error)

            return Held()

    async with user().stream(Slow([HELLO])) as stream:
        await anext(stream)
        first = asyncio.ensure_future(anext(stream))
        await reached.wait()
        with pytest.raises(StreamConsumed, match="one reader"):
            await anext(stream)
        gate.set()
        assert (await first).delta == "lo."
        await stream.finish()
    assert stream.node.text == "Hello."


async def test_after_the_block_it_is_closed():
    async with user().stream(MockModel([HELLO])) as stream:
        await anext(stream)
    for read in (lambda: anext(stream), stream.finish, lambda: anext(stream.events())):
        with pytest.raises(StreamConsumed):
            await read()
    with pytest.raises(StreamConsumed, match="left before its end"):
        _ = stream.node
    assert stream.text == "Hel"  # what came is still there to look at


# ---------------------------------------------------------------- left early


async def by_break(stream):
    async for _ in stream:
        break


async def by_exception(stream):
    await anext(stream)
    raise KeyError("mine")


async def by_cancellation(stream):
    await anext(stream)
    raise asyncio.CancelledError


leavings = pytest.mark.parametrize("leave", [by_break, by_exception, by_cancellation])


async def left(node, leave, events=HELLO, **options):
    """Leave a stream and hand back what is left of it."""
    holder = []

    async def run():
        async with node.stream(MockModel([events]), **options) as stream:
            holder.append(stream)
            await leave(stream)

    if leave is by_break:
        await run()
    else:
        with pytest.raises(KeyError if leave is by_exception else asyncio.CancelledError):
            await run()
    return holder[0]


@leavings
async def test_a_stream_left_early_is_discarded(leave):
    node = user()
    stream = await left(node, leave)
    assert node.children == ()
    with pytest.raises(StreamConsumed):
        _ = stream.node


@leavings
async def test_a_stream_left_early_is_kept_when_told_so(leave):
    """One case, whichever way it was left."""
    node = user()
    stream = await left(node, leave, on_cancel="keep")
    (reply,) = node.children
    assert reply is stream.node
    assert reply.text == "Hel"
    assert reply.response.finish_reason is FinishReason.INTERRUPTED


@leavings
async def test_a_question_is_kept_or_dropped_with_its_reply(leave):
    for keep in (True, False):
        root = ChatNode.root()
        await left(root, leave, user="Hi", on_cancel="keep" if keep else "discard")
        assert [child.text for child in root.children] == (["Hi"] if keep else [])


@leavings
@pytest.mark.parametrize("keep", ["keep", "discard"])
async def test_a_stream_left_early_is_on_the_bill_once(leave, keep):
    node, bills = user(), []
    await left(node, leave, on_cancel=keep, cost_callback=bills.append)
    assert len(bills) == 1
    assert bills[0].usd is None  # nobody knows how much was made by then
    where = node.children[0] if keep == "keep" else node
    assert [attempt.outcome for attempt in where.attempts] == [Outcome.CANCELLED]


async def test_nothing_that_came_is_nothing_to_keep():
    node = user()

    async def at_once(_):
        raise KeyError

    with pytest.raises(KeyError):
        async with node.stream(MockModel([[MessageStart(), MessageEnd()]]), on_cancel="keep") as stream:
            await at_once(stream)
    assert node.children == ()


async def test_a_kept_call_that_was_cut_must_not_be_run():
    events = [PartStart(0, ToolCallPart("c", "f")), ToolCallDelta(0, '{"a'), ToolCallDelta(0, '": 1}'), *HELLO[3:]]
    node = user()
    async with node.stream(MockModel([events]), on_cancel="keep") as stream:
        async for event in stream.events():
            if isinstance(event, ToolCallDelta):
                break
    assert stream.node.message.tool_calls[0].incomplete


async def test_leaving_right_behind_the_last_event_is_no_interruption():
    """``if isinstance(event, MessageEnd): break`` is a natural thing to write."""
    node = user()
    async with node.stream(MockModel([HELLO])) as stream:
        async for event in stream.events():
            if isinstance(event, MessageEnd):
                break
    assert stream.node.text == "Hello."
    assert stream.node.response.finish_reason is FinishReason.STOP
    assert node.children == (stream.node,)


async def to_the_last_event(stream):
    async for event in stream.events():
        if isinstance(event, MessageEnd):
            break


async def test_an_answer_read_to_its_last_event_is_judged_on_leaving():
    node = user()
    stream = node.stream(MockModel([HELLO]), expect="object")
    await stream.__aenter__()
    await to_the_last_event(stream)
    with pytest.raises(InvalidOutput):
        await stream.__aexit__(None, None, None)
    assert node.children == ()
    assert len(node.attempts) == 1


async def test_the_callers_own_error_is_not_replaced():
    with pytest.raises(KeyError, match="mine") as caught:
        async with user().stream(MockModel([HELLO])):
            raise KeyError("mine")
    assert caught.value.__context__ is None


# ---------------------------------------------------------------- broken and refused


async def test_a_cut_answer_attaches_nothing_and_is_at_hand():
    node = user()
    async with node.stream(MockModel([HELLO[:2]]), on_cancel="keep") as stream:
        with pytest.raises(StreamInterrupted) as caught:
            await stream.finish()
        with pytest.raises(StreamConsumed, match="closed"):
            await anext(stream)
    assert caught.value.response.text == "Hel"
    assert node.children == ()
    assert len(node.attempts) == 1


async def test_an_error_that_leaves_the_block_is_told_once():
    node, bills = user(), []
    with pytest.raises(ServerError):
        async with node.stream(
            MockModel([[*HELLO[:2], StreamFailed(ServerError("down"))]]), cost_callback=bills.append
        ) as stream:
            await stream.finish()
    assert node.children == ()
    assert len(bills) == 1
    assert [attempt.outcome for attempt in node.attempts] == [Outcome.FAILED]


async def test_opening_is_asked_again():
    model = MockModel([ServerError("down", retryable=True), [StreamFailed(ServerError("down", retryable=True))], HELLO])
    async with user().stream(model, back_off_time=0) as stream:
        assert (await stream.finish()).text == "Hello."
    assert len(model.requests) == 3


async def test_a_failure_to_open_leaves_the_tree_and_is_on_the_bill():
    node, bills = user(), []
    error = ServerError("down", attempts=[Attempt("h", "m", "w", 0.0)])
    with pytest.raises(ServerError):
        async with node.stream(MockModel([error]), cost_callback=bills.append):
            pytest.fail("it must not open")
    assert (node.children, len(node.attempts), len(bills)) == ((), 1, 1)


async def test_nothing_is_asked_again_after_content():
    """Not even where the error says that it may pass."""
    model = MockModel([[*HELLO[:2], StreamFailed(StreamInterrupted("cut", retryable=True))], HELLO])
    async with user().stream(model, back_off_time=0) as stream:
        with pytest.raises(StreamInterrupted):
            await stream.finish()
    assert len(model.requests) == 1


@pytest.mark.parametrize(
    ("events", "options", "kind"),
    [
        (HELLO, {"expect": "object"}, InvalidOutput),
        ([MessageStart(), *HELLO[3:]], {"crash_on_empty_response": True}, EmptyResponse),
    ],
)
async def test_an_answer_is_judged_at_its_end_and_never_replayed(events, options, kind):
    node = user()
    model = MockModel([events, HELLO])
    async with node.stream(model, **options) as stream:
        with pytest.raises(kind) as caught:
            await stream.finish()
    assert node.children == ()
    assert len(model.requests) == 1
    assert caught.value.response is not None
    assert [attempt.outcome for attempt in node.attempts] == [Outcome.REJECTED]


async def test_json_is_repaired_at_the_end():
    events = [TextDelta(0, "{'a'"), TextDelta(0, ": 1}"), *HELLO[3:]]
    async with user().stream(MockModel([events]), expect="object") as stream:
        reply = await stream.finish()
    assert stream.text == "{'a': 1}"
    assert (reply.output, reply.response.raw_text, reply.response.repaired) == ({"a": 1}, "{'a': 1}", True)


async def test_a_bad_option_is_told_before_anything_is_opened():
    model = MockModel([HELLO])
    with pytest.raises(ConfigurationError):
        user().stream(model, on_cancel="forget")
    assert model.requests == []


# ---------------------------------------------------------------- tasks


async def test_entered_in_one_task_and_left_in_another():
    """A server opens it in one handler and reads it in another."""
    stream = user().stream(MockModel([HELLO]), deadline=3600)
    await asyncio.create_task(stream.__aenter__())
    reply = await asyncio.create_task(stream.finish())
    await asyncio.create_task(stream.__aexit__(None, None, None))
    assert reply.text == "Hello."


async def test_the_reply_attaches_to_the_node_wherever_it_is_by_then():
    root = ChatNode.root()
    node = root.add_user("Hi")
    async with node.stream(MockModel([HELLO])) as stream:
        await anext(stream)
        node.detach()
        reply = await stream.finish()
    assert reply.parent is node
    assert node.children == (reply,)
    assert root.children == ()


async def test_costs_are_told_when_the_stream_has_ended():
    from minillm import TokenPrice, Usage

    bills: list[CostInfo] = []
    events = [*HELLO[:3], UsageUpdate(Usage(1_000_000, output_tokens=0)), *HELLO[3:]]
    async with user().stream(MockModel([events]), token_price=TokenPrice(2, 2), cost_callback=bills.append) as stream:
        await anext(stream)
        assert bills == []
        await stream.finish()
    assert [bill.usd for bill in bills] == [2]
    assert stream.node.cost.usd == 2


async def test_a_text_that_came_whole_is_one_piece():
    """Some servers answer a stream request with everything at once."""
    events = [PartStart(0, TextPart("Hello.")), *HELLO[3:]]
    async with user().stream(MockModel([events])) as stream:
        assert [chunk.delta async for chunk in stream] == ["Hello."]
    assert stream.node.text == stream.text == "Hello."


# ---------------------------------------------------------------- values that grow


@dataclass
class Person:
    name: str
    tags: list[str] = field(default_factory=list)


def written(*pieces):
    return [MessageStart("id", "m"), *(TextDelta(0, piece) for piece in pieces), *HELLO[3:]]


async def shown(events, **options):
    async with user().stream(MockModel([events]), **options) as stream:
        values = [value async for value in stream.partials()]
    return values, stream.node


async def put(values, stream):
    async for value in stream.partials():
        values.append(value)


async def test_a_value_is_shown_as_it_grows():
    """What JSON makes of it, unchecked; the object stands on the reply."""
    events = written('```json\n{"na', 'me": "A', 'nn", "tags"', ': ["x", "y', '"]}', "\n", "```")
    values, reply = await shown(events, output=Person)
    assert values == [
        {},
        {"name": "A"},
        {"name": "Ann"},
        {"name": "Ann", "tags": ["x", "y"]},
    ]
    assert reply.output == Person("Ann", ["x", "y"])


async def test_a_list_is_taken_out_of_the_object_it_travels_in():
    events = written("{", '"answer": ', "[", "1, 2", ", 3]", "}")
    values, reply = await shown(events, output=list[int])
    assert values == [[], [1, 2], [1, 2, 3]]
    assert reply.output == [1, 2, 3]
    assert (await shown(written("[1,", " 2]"), output=list[int]))[0] == [[1], [1, 2]]
    assert (await shown(written('{"answer": "a', 'b"}'), output=str))[0] == ["a", "ab"]


async def test_without_a_type_any_json_is_shown():
    values, reply = await shown(written('See: {"a"', ": 1}"), expect="object")
    assert (values, reply.output) == ([{}, {"a": 1}], {"a": 1})
    values, reply = await shown(written("[", "1]"))
    assert (values, reply.output) == ([[1]], "[1]")


async def test_a_part_that_came_whole_is_shown_too():
    events = [PartStart(0, TextPart('{"name": "Ann"}')), *HELLO[3:]]
    assert (await shown(events, output=Person))[0] == [{"name": "Ann"}]


async def test_what_came_at_once_is_read_once():
    """However many pieces it is in: a slow reader pays for what it sees."""

    class AtOnce(MockModel):
        @asynccontextmanager
        async def stream(self, request):
            async with super().stream(request) as stream:
                batches = [written(*'{"name": "Ann"}')]

                async def read():
                    return batches.pop() if batches else None

                stream._read, stream._batch = read, []
                yield stream

    async with user().stream(AtOnce([HELLO]), output=Person) as stream:
        assert [value async for value in stream.partials()] == [{"name": "Ann"}]


async def test_the_end_is_shown_however_little_came_since():
    """In a long text a few characters alone are not read at once."""
    values, _ = await shown(written('{"name": "' + "x" * 1000, "y", '"}'), output=Person)
    assert values == [{"name": "x" * 1000}, {"name": "x" * 1000 + "y"}]


async def test_it_shares_the_cursor():
    """What was read before counts; what comes later can be read otherwise."""
    events = written('{"name": ', '"An', "n", '"}')
    async with user().stream(MockModel([events]), output=Person) as stream:
        await anext(stream)
        values = stream.partials()
        assert [await anext(values), await anext(values)] == [{}, {"name": "An"}]
        assert [chunk.delta async for chunk in stream] == ["n", '"}']
        with pytest.raises(StreamConsumed):
            await anext(stream.partials())
    assert stream.node.output == Person("Ann")


async def test_it_is_judged_at_its_end():
    node = user()
    async with node.stream(MockModel([written('{"nome": ', '"Ann"}')]), output=Person) as stream:
        values = []
        with pytest.raises(InvalidOutput) as caught:
            await put(values, stream)
    assert values == [{}, {"nome": "Ann"}]
    assert caught.value.response.text == '{"nome": "Ann"}'
    assert node.children == ()


async def test_a_cut_is_an_error_here_too():
    events = [*written('{"name": "A')[:2], StreamFailed(StreamInterrupted("cut"))]
    async with user().stream(MockModel([events]), output=Person) as stream:
        values = []
        with pytest.raises(StreamInterrupted):
            await put(values, stream)
    assert values == [{"name": "A"}]


async def test_what_was_left_early_has_no_output():
    """A text is no Person."""
    async with user().stream(MockModel([written('{"name": ', '"Ann"}')]), output=Person, on_cancel="keep") as stream:
        await anext(stream)
    assert (stream.node.text, stream.node.output) == ('{"name": ', None)


async def test_a_call_of_a_tool_has_no_output():
    events = [MessageStart("id", "m"), PartStart(0, ToolCallPart("c", "f")), ToolCallDelta(0, "{}"), *HELLO[3:]]
    values, reply = await shown(events, output=Person)
    assert (values, reply.output) == ([], None)
    assert reply.message.tool_calls
