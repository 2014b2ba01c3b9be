"""The engine under all changes of texts: on recorded streams of all wires, nothing that nobody changes is touched."""

import re

import pytest
from hypothesis import given, settings

from minillm.transforms import footnotes, redact, repair_tool_arguments, smooth, think_tags
from minillm.types import (
    Collector,
    MessageEnd,
    MessageStart,
    NativeEvent,
    PartEnd,
    PartStart,
    TextDelta,
    TextPart,
    ToolCallPart,
    Usage,
    UsageUpdate,
    collect,
)
from tests.wire import corpus
from tests.wire.neutral_values import event_sequences
from tests.wire.streaming import events_of

from .streams import changed, part_events, text_stream

WIRES = {
    "openai_chat": "openai_chat_completions",
    "openai_responses": "openai_responses",
    "anthropic_messages": "anthropic_messages",
    "gemini_generate": "gemini_generate_content",
}
CASES = [(folder, name) for folder in WIRES for name in corpus.names(folder)]
# A transform, and whether it takes events with the frames of their wire.
TRANSFORMS = {
    "think_tags": (think_tags(), True),
    "opened": (think_tags(leading=True), True),
    "repair": (repair_tool_arguments(), True),
    "footnotes": (footnotes(), True),
    "redact": (redact("a secret that nobody says"), False),
    "expression": (redact(re.compile("(?:secret ){3}")), False),
    "smooth": (smooth(), True),
}
# Its answer links a source in brackets: the one recording with something to change.
LINKED = ("openai_responses", "stream_web_search")


def test_there_are_recordings_of_all_wires():
    """Else the test below would hold of nothing."""
    if CASES:
        assert {folder for folder, _ in CASES} == set(WIRES)


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("folder", WIRES)
def test_a_recorded_stream_goes_on_untouched(folder, name):
    """The very same events in the same order; smoothing, which cuts anew, keeps the answer."""
    change, framed = TRANSFORMS[name]
    for case in corpus.names(folder) or [""]:
        recorded = corpus.case(folder, case)
        if not recorded.is_stream or (name == "footnotes" and (folder, case) == LINKED):
            continue
        for native in (False, True)[: 1 + framed]:
            events = events_of(WIRES[folder], [recorded.body], native=native)
            out = changed(events, change, batch=7)
            if name == "smooth":
                before, after = Collector(), Collector()
                before.feed_many(events)
                after.feed_many(out)
                assert after.response() == before.response(), case
            else:
                assert all(new is old for new, old in zip(out, events, strict=True)), case


def test_a_recorded_link_becomes_a_footnote():
    """Its final form and the snapshot of the answer say so too."""
    recorded = corpus.case(*LINKED)
    before = collect(events_of(LINKED[0], [recorded.body], native=False))
    after = collect(changed(events_of(LINKED[0], [recorded.body], native=False), footnotes()))
    assert "([britannica.com](" in before.text
    assert "[^1]" in after.text
    assert "([britannica.com](" not in after.text
    assert after.usage == before.usage


def test_everything_keeps_its_order_behind_what_waits():
    """Counts, pings, other answers: a reader sees the order of the host."""
    ping, count = NativeEvent("w", "ping"), UsageUpdate(Usage(output_tokens=1))
    other = part_events(TextPart("other"), 0, 1)
    events = [MessageStart(), PartStart(0, TextPart("")), TextDelta(0, "a <thi"), ping, *other, count]
    end = [TextDelta(0, "ck"), PartEnd(0), MessageEnd()]
    assert changed([*events, *end], think_tags()) == [*events, *end]
    held = changed([*events, TextDelta(0, "nk>x"), *end[1:]], think_tags())
    assert [event for event in held if event in (ping, count) or getattr(event, "choice", 0) == 1] == [
        ping,
        *other,
        count,
    ]


def test_deltas_that_nobody_announced_are_read_too():
    """A function of one's own, or a mock, may leave out the start of a part."""
    events = [MessageStart(), TextDelta(0, "<think>so</think>Hi"), MessageEnd()]
    out = changed(events, think_tags())
    assert [type(event) for event in out if isinstance(event, PartStart)] == [PartStart, PartStart]
    assert collect(out).text == "Hi"
    assert changed([MessageStart(), TextDelta(0, "Hi"), MessageEnd()], think_tags())[1] == TextDelta(0, "Hi")


def test_a_final_form_that_says_more_than_the_pieces_is_heard():
    """Some hosts say the end of a text only there."""
    events = [*text_stream("<think>so</th")[:-3], PartEnd(0, TextPart("<think>so</think>Hi")), MessageEnd()]
    assert collect(changed(events, think_tags())).text == "Hi"
    assert collect(changed(events, redact("so"))).text == "<think>[redacted]</think>Hi"


def test_a_final_form_that_says_something_else_is_changed_by_itself():
    events = [*text_stream("secre")[:-3], PartEnd(0, TextPart("my secret")), MessageEnd()]
    assert collect(changed(events, redact("secret"))).text == "my [redacted]"
    assert changed(events, redact("nothing")) == events


def test_a_part_of_which_nothing_came_is_still_a_part():
    """An empty text between two calls is what the host said."""
    call = ToolCallPart("1", "f", "{}")
    events = [MessageStart(), *part_events(TextPart("")), *part_events(call, 1), MessageEnd()]
    out = changed(events, think_tags(), repair_tool_arguments(), smooth())
    assert all(new is old for new, old in zip(out, events, strict=True))


def test_a_part_that_begins_again_takes_nothing_along():
    """What waited of the former one is given out."""
    events = [PartStart(0, TextPart("sec")), PartStart(0, TextPart("ond")), MessageEnd()]
    assert changed(events, redact("secret")) == events


@settings(max_examples=60)
@given(event_sequences)
def test_whatever_comes_something_comes_out_and_batches_do_not_matter(events):
    """Events in no sensible order, of parts that nobody opened, of several answers; the given ones are not changed."""
    before = repr(events)
    every = [change for change, _ in TRANSFORMS.values()]
    one_by_one, at_once = changed(events, *every), changed(events, *every, batch=1000)
    assert repr(events) == before
    assert type(one_by_one[-1]) is type(events[-1])
    collectors = Collector(), Collector()
    for collector, made in zip(collectors, (one_by_one, at_once), strict=True):
        collector.feed_many(made)
    assert collectors[0].response() == collectors[1].response()


def test_it_costs_a_delta_little():
    """One that is plain at a glance goes round the queue; what a scanner keeps of a long text does not grow."""
    function = think_tags().stream()
    function(text_stream("Hi")[:3])
    for _ in range(1000):
        assert function([event := TextDelta(0, " word")]) == [event]
    state = function._parts[0, 0]
    assert len(state.text) <= 64
    assert not function._queue
