"""Events into a response: whatever comes, in whatever pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.errors import ServerError, StreamInterrupted
from minillm.types import (
    AudioDelta,
    AudioPart,
    Citation,
    CitationAdded,
    Collector,
    Finish,
    FinishReason,
    Message,
    MessageEnd,
    MessageStart,
    NativeEvent,
    PartEnd,
    PartStart,
    ReasoningDelta,
    ReasoningPart,
    RefusalDelta,
    RefusalPart,
    Role,
    SignatureDelta,
    StreamFailed,
    TextDelta,
    TextPart,
    TokenLogprob,
    ToolCallDelta,
    ToolCallPart,
    Usage,
    UsageUpdate,
    acollect,
    collect,
)

END = [Finish(0, FinishReason.STOP, "stop"), MessageEnd()]


def test_text_in_pieces_becomes_one_text():
    events = [MessageStart("id", "m", 5.0), PartStart(0, TextPart("")), TextDelta(0, "Hel"), TextDelta(0, "lo"), *END]
    response = collect(events)
    assert (response.id, response.model, response.created, response.text) == ("id", "m", 5.0, "Hello")
    assert response.message == Message(Role.ASSISTANT, "Hello")
    assert isinstance(response.message.content, str)
    assert (response.finish_reason, response.raw_finish_reason) == (FinishReason.STOP, "stop")


@given(st.lists(st.text(max_size=4), max_size=8))
def test_text_is_whole_however_it_was_cut(pieces):
    collector = Collector()
    collector.feed(PartStart(0, TextPart("")))
    for number, piece in enumerate(pieces):
        collector.feed(TextDelta(0, piece))
        assert collector.text() == "".join(pieces[: number + 1])
    for event in END:
        collector.feed(event)
    assert collector.response().text == "".join(pieces)


def test_many_events_at_once_are_the_same_as_one_by_one():
    """Texts that open their part, that continue it, that carry probabilities, and other events between them."""
    likely = (TokenLogprob("c", -0.5),)
    events = [
        TextDelta(0, "a"),
        TextDelta(0, "b"),
        ReasoningDelta(1, "r"),
        TextDelta(0, "c", likely),
        TextDelta(2, "d"),
    ]
    events += [TextDelta(0, "other", None, 1), TextDelta(0, "e"), *END]
    one_by_one, at_once = Collector(), Collector()
    for event in events:
        one_by_one.feed(event)
    at_once.feed_many(events)
    assert at_once.response() == one_by_one.response()
    assert at_once.text() == one_by_one.text() == "abced"


def test_a_delta_opens_its_part_itself():
    response = collect(
        [ReasoningDelta(0, "hm"), TextDelta(1, "a"), RefusalDelta(2, "no"), ToolCallDelta(3, "{}"), *END]
    )
    assert response.message.parts == (
        ReasoningPart("hm"),
        TextPart("a"),
        RefusalPart("no"),
        ToolCallPart("", "", "{}", incomplete=False),
    )


def test_parts_stand_in_the_order_they_opened():
    events = [
        PartStart(1, TextPart("")),
        PartStart(0, ReasoningPart("")),
        TextDelta(1, "a"),
        ReasoningDelta(0, "hm"),
        *END,
    ]
    assert collect(events).message.parts == (TextPart("a"), ReasoningPart("hm"))


def test_everything_a_part_can_gather():
    logprob, citation = TokenLogprob("a", -0.5), Citation("https://a.test")
    events = [
        PartStart(0, TextPart("", logprobs=(logprob,), citations=(citation,))),
        TextDelta(0, "a", (logprob,)),
        TextDelta(0, "b", (logprob,)),
        CitationAdded(0, citation),
        PartStart(1, ReasoningPart("")),
        ReasoningDelta(1, "hm"),
        SignatureDelta(1, "one"),
        SignatureDelta(1, "two", "sealed"),
        PartStart(2, RefusalPart("")),
        RefusalDelta(2, "no", (logprob,)),
        PartStart(3, AudioPart("audio/wav")),
        AudioDelta(3, "AA", "la"),
        AudioDelta(3, "==", " li"),
        PartStart(4, ToolCallPart("c", "f")),
        ToolCallDelta(4, '{"a"'),
        ToolCallDelta(4, ":1}"),
        *END,
    ]
    assert collect(events).message.parts == (
        TextPart("ab", (citation, citation), (logprob, logprob, logprob)),
        ReasoningPart("hm", "two", "sealed"),
        RefusalPart("no", (logprob,)),
        AudioPart("audio/wav", "AA==", transcript="la li"),
        ToolCallPart("c", "f", '{"a":1}'),
    )


def test_a_part_that_came_whole_is_taken_as_it_is():
    part = AudioPart("audio/wav", "AA==")
    assert collect([PartStart(0, part), PartEnd(0), *END]).message.parts == (part,)


def test_a_source_for_a_refusal_is_passed_over():
    """A peer may address its annotations wrongly: that costs no answer."""
    events = [PartStart(0, RefusalPart("no")), CitationAdded(0, Citation("https://x.test")), MessageEnd()]
    assert collect(events).message.parts == (RefusalPart("no"),)


def test_the_wires_own_final_form_wins():
    events = [PartStart(0, TextPart("")), TextDelta(0, "aproximately"), PartEnd(0, TextPart("approximately")), *END]
    assert collect(events).text == "approximately"
    assert collect([PartEnd(0, TextPart("only this")), *END]).text == "only this"
    assert collect([PartEnd(7), *END]).message.parts == ()


def test_the_wires_snapshot_wins_over_everything():
    said = Message(Role.ASSISTANT, [TextPart("whole")])
    assert collect([TextDelta(0, "par"), Finish(), MessageEnd(said)]).message is said


def test_choices_are_kept_apart_and_in_order():
    events = [TextDelta(0, "b", choice=1), TextDelta(0, "a"), Finish(1, FinishReason.LENGTH), *END]
    response = collect(events)
    assert [(choice.index, choice.message.text) for choice in response.choices] == [(0, "a"), (1, "b")]
    assert response.choices[1].finish_reason is FinishReason.LENGTH


def test_the_last_finish_holds():
    """OpenRouter sends two."""
    response = collect(
        [TextDelta(0, "a"), Finish(0, FinishReason.LENGTH, "x"), Finish(0, FinishReason.STOP, "y"), MessageEnd()]
    )
    assert (response.finish_reason, response.raw_finish_reason) == (FinishReason.STOP, "y")


def test_usage_is_overwritten_by_what_comes_later():
    events = [MessageStart(usage=Usage(10, output_tokens=1)), UsageUpdate(Usage(output_tokens=7)), *END]
    assert collect(events).usage == Usage(10, output_tokens=7)
    assert collect(END).usage is None


def test_what_has_no_neutral_form_is_passed_over():
    assert collect([NativeEvent("w", "ping"), TextDelta(0, "a"), *END]).text == "a"


def test_a_call_cut_by_its_length_is_incomplete():
    """It must never be run."""
    events = [
        PartStart(0, ToolCallPart("c", "f")),
        ToolCallDelta(0, "{}"),
        Finish(0, FinishReason.LENGTH),
        MessageEnd(),
    ]
    assert collect(events).tool_calls[0].incomplete


def test_a_call_that_ended_before_the_cut_is_complete():
    ended = [PartStart(0, ToolCallPart("c", "f")), ToolCallDelta(0, "{}"), PartEnd(0)]
    collector = Collector()
    for event in [*ended, PartStart(1, ToolCallPart("d", "g")), ToolCallDelta(1, "{")]:
        collector.feed(event)
    assert [call.incomplete for call in collector.response().tool_calls] == [False, True]
    assert not collect([*ended, Finish(0, FinishReason.LENGTH), MessageEnd()]).tool_calls[0].incomplete


def test_events_that_just_end_are_an_interruption():
    with pytest.raises(StreamInterrupted) as caught:
        collect([TextDelta(0, "Hel")])
    assert caught.value.response.text == "Hel"


def test_a_failure_is_raised_with_what_came():
    error = ServerError("down")
    with pytest.raises(ServerError) as caught:
        collect([TextDelta(0, "Hel"), UsageUpdate(Usage(3)), StreamFailed(error)])
    assert caught.value is error
    assert caught.value.partial.text == "Hel"
    assert caught.value.partial.usage == Usage(3)


def test_what_a_failure_knows_already_is_kept():
    from minillm.types import ChatResponse

    known = ChatResponse("known")
    with pytest.raises(ServerError) as caught:
        collect([TextDelta(0, "Hel"), StreamFailed(ServerError("down", partial=known))])
    assert caught.value.partial is known


def test_a_failure_that_is_no_error_of_ours_is_raised_as_it_is():
    with pytest.raises(KeyError):
        collect([StreamFailed(KeyError("x"))])


async def test_an_asynchronous_stream_is_collected_the_same():
    async def events():
        for event in [TextDelta(0, "a"), *END]:
            yield event

    assert (await acollect(events())).text == "a"


def test_the_response_so_far_can_be_asked_for_at_any_time():
    collector = Collector()
    assert collector.response().choices == ()
    collector.feed(TextDelta(0, "a"))
    assert collector.response().text == "a"
    assert not collector.complete
