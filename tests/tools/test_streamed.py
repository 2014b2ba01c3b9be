"""The arguments of calls while an answer streams in."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from typing import Any

import pytest

from minillm import ChatNode, Message, MockModel, Role, ToolCallPart
from minillm.json import FieldDelta, FieldDone, FieldStarted
from minillm.tools import ArgumentsFailed, StreamedCalls, stream_arguments
from minillm.types import (
    Collector,
    Finish,
    FinishReason,
    MessageEnd,
    PartEnd,
    PartStart,
    StreamEvent,
    TextDelta,
    TextPart,
    ToolCallDelta,
)
from tests.wire import corpus
from tests.wire.streaming import events_of

A = ToolCallPart("1", "write")
B = ToolCallPart("2", "look")


def told(events: Iterable[StreamEvent], **options: Any) -> list[tuple[str, Any]]:
    calls = StreamedCalls(**options)
    return [(call.id, field) for event in events for call, field in calls.feed(event)]


def test_calls_side_by_side() -> None:
    events = [
        PartStart(0, TextPart("")),
        TextDelta(0, "Well."),
        PartStart(1, A),
        PartStart(2, B),
        ToolCallDelta(1, '{"text": "a'),
        ToolCallDelta(2, '{"n": 1'),
        ToolCallDelta(1, "b"),
        ToolCallDelta(2, "}"),
        PartEnd(2),
        ToolCallDelta(1, '"}'),
        PartEnd(1),
        PartEnd(0),
        MessageEnd(),
    ]
    assert told(events) == [
        ("1", FieldStarted((), "object")),
        ("1", FieldStarted(("text",), "string")),
        ("1", FieldDelta(("text",), "a")),
        ("2", FieldStarted((), "object")),
        ("2", FieldStarted(("n",), "number")),
        ("1", FieldDelta(("text",), "b")),
        ("2", FieldDone(("n",), 1)),
        ("2", FieldDone((), {"n": 1})),
        ("1", FieldDone(("text",), "ab")),
        ("1", FieldDone((), {"text": "ab"})),
    ]


WHOLE = ToolCallPart("1", "write", '{"n": 1}')


@pytest.mark.parametrize(
    "events",
    [
        [PartStart(0, WHOLE), PartEnd(0)],
        [PartStart(0, A), PartEnd(0, WHOLE)],
        [PartStart(0, A), ToolCallDelta(0, '{"n": 1}'), PartEnd(0, WHOLE)],
        [PartStart(0, A), ToolCallDelta(0, '{"n":'), ToolCallDelta(0, " 1}"), MessageEnd()],
    ],
)
def test_every_way_in_which_hosts_send_them(events: list[StreamEvent]) -> None:
    """Whole at the start, whole at the end, in pieces, without an end of its own."""
    assert told(events)[-1] == ("1", FieldDone((), {"n": 1}))


def test_no_arguments_are_an_empty_object() -> None:
    assert told([PartStart(0, A), PartEnd(0)]) == [("1", FieldStarted((), "object")), ("1", FieldDone((), {}))]


def test_deltas_without_a_start_have_a_call_without_a_name() -> None:
    assert told([ToolCallDelta(0, "{}")])[-1] == ("", FieldDone((), {}))


def test_choices_are_kept_apart() -> None:
    events = [PartStart(0, A), PartStart(0, B, choice=1), ToolCallDelta(0, "{}"), ToolCallDelta(0, '{"a"', choice=1)]
    assert [id for id, _ in told(events)] == ["1", "1", "2"]


@pytest.mark.parametrize("arguments", ['{"a": 1, oops', '{"a": 1', '{"a": 1}}', "[1"])
def test_a_call_that_fails_does_not_take_the_others(arguments: str) -> None:
    """The stream goes on: the answer may be repaired, or asked for again."""
    events = [
        PartStart(0, A),
        PartStart(1, B),
        ToolCallDelta(0, arguments),
        ToolCallDelta(0, ", more"),
        ToolCallDelta(1, "{}"),
        PartEnd(0),
        PartEnd(1),
    ]
    found = told(events)
    assert [id for id, field in found if isinstance(field, ArgumentsFailed)] == ["1"]
    assert [field for id, field in found if id == "1"][-1].error.path == ""
    assert [field for id, field in found if id == "2"][-1] == FieldDone((), {})


CUT = ToolCallPart("1", "write", '{"n": 1}', incomplete=True)


@pytest.mark.parametrize(
    "events",
    [
        [PartStart(0, A), PartEnd(0, replace(A, incomplete=True))],
        [PartStart(0, A), PartEnd(0, CUT)],
        [PartStart(0, A), Finish(0, FinishReason.LENGTH), MessageEnd()],
        [
            PartStart(0, replace(A, kind="custom")),
            ToolCallDelta(0, "rm -rf /"),
            Finish(0, FinishReason.LENGTH),
            MessageEnd(),
        ],
    ],
)
def test_a_call_that_was_cut_is_never_done(events: list[StreamEvent]) -> None:
    """Also where what came would do; lenient gives it."""
    assert isinstance(told(events)[-1][1], ArgumentsFailed)
    assert not isinstance(told(events, lenient=True)[-1][1], ArgumentsFailed)


def test_a_call_that_ended_before_the_answer_was_cut_is_done() -> None:
    events = [PartStart(0, A), ToolCallDelta(0, "{}"), PartEnd(0), Finish(0, FinishReason.LENGTH), MessageEnd()]
    assert told(events)[-1] == ("1", FieldDone((), {}))


def test_lenient_is_handed_on() -> None:
    events = [PartStart(0, A), ToolCallDelta(0, '{"a": "say "hi"'), MessageEnd()]
    assert told(events, lenient=True)[-1] == ("1", FieldDone((), {"a": 'say "hi'}))


def test_free_text_is_one_text() -> None:
    custom = ToolCallPart("3", "run_sql", kind="custom")
    assert told([PartStart(0, custom), ToolCallDelta(0, "select"), ToolCallDelta(0, " 1"), PartEnd(0)]) == [
        ("3", FieldStarted((), "string")),
        ("3", FieldDelta((), "select")),
        ("3", FieldDelta((), " 1")),
        ("3", FieldDone((), "select 1")),
    ]
    assert told([PartStart(0, custom), PartEnd(0)])[-1] == ("3", FieldDone((), ""))


async def test_it_reads_a_stream_of_the_tree() -> None:
    answer = Message(Role.ASSISTANT, (ToolCallPart("c", "write", '{"path": "a.py", "text": "print()"}'),))
    written = []
    async with ChatNode.root().add_user("Write.").stream(MockModel([answer])) as stream:
        async for call, field in stream_arguments(stream.events()):
            match field:
                case FieldDelta(("text",), delta):
                    written.append((call.name, delta))
    assert written == [("write", "print()")]
    assert stream.node.message == answer


async def test_any_events_will_do() -> None:
    async def events() -> AsyncIterator[StreamEvent]:
        yield PartStart(0, WHOLE)
        yield MessageEnd()

    assert [field async for _, field in stream_arguments(events())][-1] == FieldDone((), {"n": 1})


WIRES = ("openai_chat", "openai_responses", "anthropic_messages", "gemini_generate")
CODECS = {"openai_chat": "openai_chat_completions", "gemini_generate": "gemini_generate_content"}
RECORDED = [(wire, name) for wire in WIRES for name in corpus.names(wire)] or [("openai_chat", "stream_tools")]


def test_every_recorded_call_arrives_as_it_is() -> None:
    """What comes field by field is what the whole call says, on every wire."""
    calls = 0
    for wire, name in RECORDED:
        case = corpus.case(wire, name)
        if not case.has_body or not case.is_stream:
            continue
        events = events_of(CODECS.get(wire, wire), [case.body])
        collector = Collector()
        for event in events:
            collector.feed(event)
        ends = {id: field for id, field in told(events) if isinstance(field, ArgumentsFailed) or field.path == ()}
        for choice in collector.response().choices:
            for part in choice.message.tool_calls:
                if part.incomplete or not collector.complete:
                    continue
                calls += 1
                said = part.arguments if part.kind == "custom" else part.parse_arguments()
                assert ends[part.id] == FieldDone((), said), (wire, name)
    assert calls > 30
