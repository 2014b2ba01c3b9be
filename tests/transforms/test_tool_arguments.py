"""Arguments that are meant to be JSON become it, whole and streamed; half a call never looks like a whole one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm import ChatNode, MockModel, TextPart, ToolCallPart
from minillm.transforms import repair_tool_arguments
from minillm.types import (
    Finish,
    FinishReason,
    MessageEnd,
    MessageStart,
    PartEnd,
    PartStart,
    StreamFailed,
    ToolCallDelta,
    collect,
)

from .streams import assert_slice_independent, assert_wires_agree, changed, cuts, part_events, stream, texts


def call(arguments, id_="1", **more):
    return ToolCallPart(id_, "f", arguments, **more)


BROKEN = {
    '{"a": "two\nlines"}': {"a": "two\nlines"},
    '{"a": True, "b": [1, 2,],}': {"a": True, "b": [1, 2]},
    "{'a': 'b'}": {"a": "b"},
    '```json\n{"a": 1}\n```': {"a": 1},
    '"{\\"a\\": 1}"': {"a": 1},
    '{}{"a": 1}': {"a": 1},
    '{"a": "he said "hi" to me"}': {"a": 'he said "hi" to me'},
}
LEFT_ALONE = ['{"a": 1}', ' {"a":\t1 } ', "", "null", '{"a": "cut of', "no JSON }", "[1, 2", "  "]


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_meant_is_said(text):
    (part,) = assert_slice_independent(repair_tool_arguments, [call(text)], range(0, len(text), 3))
    assert json.loads(part.arguments) == BROKEN[text]
    assert_wires_agree(changed(stream(call(text), places=range(len(text))), repair_tool_arguments()))


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_is_sound_or_breaks_off_stays(text):
    """And in a stream the very events go on."""
    for places in ((), range(len(text))):
        events = stream(call(text), places=places, final=True, snapshot=True)
        out = changed(events, repair_tool_arguments())
        assert all(new is old for new, old in zip(out, events, strict=True))


@given(texts('{"a":', "1", "True", "}", "'", '"', ",", "\\", "[", "]", "{"), cuts)
def test_however_it_is_cut(text, places):
    assert_slice_independent(repair_tool_arguments, [TextPart("So:"), call(text), call("{'b': 1}", "2")], places)


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3), cuts)
def test_sound_arguments_are_never_touched(value, places):
    text = json.dumps(value)
    assert assert_slice_independent(repair_tool_arguments, [call(text)], places) == (call(text),)


def test_calls_that_interleave():
    """As Chat Completions may send them: each is mended by itself, in the order they opened."""
    first, second = (
        part_events(call("{'a': 1}"), 0, places=[3, 5]),
        part_events(call('{"b": 2}', "2"), 1, places=[2, 4]),
    )
    mixed = [event for pair in zip(first, second, strict=True) for event in pair]
    out = changed([MessageStart(), *mixed, MessageEnd()], repair_tool_arguments())
    assert [one.parse_arguments() for one in collect(out).tool_calls] == [{"a": 1}, {"b": 2}]
    assert [event for event in out if getattr(event, "index", 0) == 1] == second


def test_arguments_that_came_with_the_start():
    """Some hosts say a call whole, where it opens."""
    events = [MessageStart(), PartStart(0, call("{'a': 1}")), PartEnd(0), MessageEnd()]
    out = changed(events, repair_tool_arguments())
    assert out[1:3] == [PartStart(0, call("")), ToolCallDelta(0, '{"a":1}')]


@pytest.mark.parametrize(
    "end",
    [
        [StreamFailed(ConnectionError("cut"))],
        [Finish(0, FinishReason.LENGTH), MessageEnd()],
        [PartEnd(0, call("{'a': {'b': 1}", incomplete=True)), MessageEnd()],
    ],
    ids=["cut", "length", "incomplete"],
)
def test_a_call_that_broke_off_keeps_its_words(end):
    """Whatever its last character is: nothing is made up."""
    events = [MessageStart(), *part_events(call("{'a': {'b': 1}"), ends=False), *end]
    assert changed(events, repair_tool_arguments()) == events


def test_free_text_and_long_arguments_are_left_alone():
    free, long = call("{'a'", kind="custom"), call("{'a': '" + "x" * 100 + "'}")
    make = lambda: repair_tool_arguments(longest=50)  # noqa: E731
    assert assert_slice_independent(make, [free, long], [2]) == (free, long)


async def test_it_stands_in_transforms_of_a_call():
    model = MockModel(lambda _: stream(call("{'a': 1}"), places=[3]))
    root = ChatNode.root("Hi")
    reply = await root.complete(model, transforms=[repair_tool_arguments()])
    async with root.stream(model, transforms=[repair_tool_arguments()]) as streamed:
        assert (await streamed.finish()).message.tool_calls[0].arguments == '{"a":1}'
    assert reply.message.tool_calls[0].arguments == '{"a":1}'
