"""Text in even pieces: every character, once, in order."""

import re

import pytest
from hypothesis import given

from minillm import ChatNode, ConfigurationError, MockModel, ReasoningPart, TextPart, ToolCallPart
from minillm.transforms import smooth
from minillm.types import (
    Citation,
    CitationAdded,
    NativeEvent,
    StreamFailed,
    TextDelta,
    TokenLogprob,
    collect,
)

from .streams import assert_laws, assert_slice_independent, changed, cuts, stream, text_stream, texts

words = texts("Hello", "world", ".\n\n", "  ", "    x", "a-very-long-word")


def deltas(events):
    """What is shown; a piece without text shows nothing."""
    return [event.delta for event in events if isinstance(event, TextDelta) and event.delta]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("word", ["Hello ", "big  ", "world\n\n", "and ", "all"]),
        ("line", ["Hello big  world\n", "\n", "and all"]),
        (re.compile(r".{5}", re.DOTALL), ["Hello", " big ", " worl", "d\n\nan", "d all"]),
    ],
)
def test_pieces_are_whole(by, expected):
    text = "Hello big  world\n\nand all"
    for places in ((), range(len(text)), (3, 7, 8)):
        assert deltas(changed(text_stream(text, places), smooth(by))) == expected


@given(words, cuts)
def test_however_it_is_cut(text, places):
    """The same pieces, and in them the same text, in texts and reasoning alike."""
    parts = assert_slice_independent(smooth, [ReasoningPart(text), TextPart(text)], places)
    assert [part.text for part in parts] == [text, text] if text else True
    once = deltas(changed(text_stream(text), smooth()))
    assert deltas(changed(text_stream(text, places), smooth())) == once
    assert "".join(once) == text


@given(words, cuts)
def test_nothing_waits_for_ever(text, places):
    """Where no end of a piece is in sight."""
    by = smooth(re.compile("never found"), longest=4)
    made = deltas(changed(text_stream(text, places), by))
    assert made == [text[at : at + 4] for at in range(0, len(text), 4)] or not text


def test_pieces_that_are_even_already_go_on_untouched():
    """Calls too."""
    events = [*stream(TextPart("Hello big world"), ToolCallPart("1", "f", '{"a": 1}'), places=[6, 10])]
    # The call is cut at the same places; nothing of it is a word.
    assert all(new is old for new, old in zip(changed(events, smooth()), events, strict=True))


def test_a_word_does_not_wait_for_the_rest_of_its_piece():
    """What is whole is shown, before the rest of what came with it is."""
    chain_out = changed(text_stream("one two thr"), smooth(), batch=3)
    assert deltas(chain_out) == ["one ", "two ", "thr"]


def test_probabilities_and_sources_come_along():
    token = TokenLogprob("x", -1.0)
    events = [*text_stream("Hello wor"), *text_stream("")]
    events = [*text_stream("Hello wor")[:2], TextDelta(0, "Hel", (token,)), TextDelta(0, "lo w", (token,))]
    events += [CitationAdded(0, Citation("https://x.y", start=0, end=5)), *text_stream("")[-3:]]
    out = changed(events, smooth())
    assert_laws(out)
    assert collect(out) == collect(events)


def test_a_call_does_not_wait_for_the_text_before_it():
    """Some wires never say that a text has ended."""
    from minillm.transforms import StreamChain
    from minillm.types import PartStart

    chain = StreamChain([smooth()])
    chain([*text_stream("Hel")[:-3]])
    start = PartStart(1, ToolCallPart("1", "f"))
    assert chain([start]) == [TextDelta(0, "Hel"), start]


def test_pings_keep_their_place():
    ping = NativeEvent("anthropic_messages", "ping", structural=True)
    events = text_stream("Hello big", [3, 4])
    events.insert(3, ping)
    out = changed(events, smooth())
    assert out.index(ping) == 3
    assert deltas(out) == ["Hello ", "big"]


def test_what_waits_is_in_the_partial_of_a_cut_stream():
    events = [*text_stream("Hello wor", [7])[:-3], StreamFailed(ConnectionError("cut"))]
    assert "".join(deltas(changed(events, smooth("line")))) == "Hello wor"


@pytest.mark.parametrize("wrong", [{"by": "sentence"}, {"longest": 0}])
def test_what_it_cannot_do_is_told(wrong):
    with pytest.raises(ConfigurationError, match=r"smooth\((by|longest)=...\) must be"):
        smooth(**wrong)


async def test_it_stands_in_transforms_of_a_call():
    async with ChatNode.root("Hi").stream(MockModel(["Hello big world"]), transforms=[smooth()]) as stream_:
        assert [chunk.delta async for chunk in stream_] == ["Hello ", "big ", "world"]
