"""Linked sources become footnotes, and the sources are told; nothing is withheld for long."""

import pytest
from hypothesis import given

from minillm import ChatNode, MockModel, TextPart
from minillm.transforms import StreamChain, footnotes
from minillm.types import Citation, CitationAdded, MessageEnd, StreamFailed, TextDelta, collect

from .streams import assert_slice_independent, assert_wires_agree, changed, cuts, text_stream, texts

A, B = "https://a.org", "https://b.org/x_(y)?q=1"
words = texts(f"([a]({A}))", f"([b]({B}))", "([", "](", "))", f"[a]({A})", "[1]", "https://", "(", ")", "[", "]")


def one(text, **more):
    (part,) = assert_slice_independent(lambda: footnotes(**more), [TextPart(text)], range(0, len(text), 2))
    return part


@pytest.mark.parametrize(
    ("text", "expected", "urls"),
    [
        (f"So ([a]({A})), and ([b]({B})); again ([c]({A})).", "So [^1], and [^2]; again [^1].", [A, B]),
        (f"([]({A}))", "[^1]", [A]),
        (f"See [a]({A}) and (this).", f"See [a]({A}) and (this).", []),
        ("([a](file:///x)) ([a](/y))", "([a](file:///x)) ([a](/y))", []),
        ("a ([b", "a ([b", []),
        ("list[1], [2]", "list[1], [2]", []),
        (f"([a\nb]({A}))", f"([a\nb]({A}))", []),
        (f"(([a]({A})))", "([^1])", [A]),
    ],
)
def test_links_in_brackets_are_footnotes(text, expected, urls):
    part = one(text)
    assert (part.text, [source.url for source in part.citations]) == (expected, urls)


def test_numbers_of_the_host():
    """On request only: an index in code looks the same."""
    assert (
        one("So[1][2]. A [3](x), [4]: y, [0], [123]", numbers=True).text == "So[^1][^2]. A [3](x), [4]: y, [0], [123]"
    )


def test_footnotes_are_written_out():
    part = one(f"So ([a]({A})), and ([b]({B})).", definitions=True)
    assert part.text == f"So [^1], and [^2].\n\n[^1]: {A}\n[^2]: {B}"
    assert one("None.", definitions=True).text == "None."


def test_numbers_go_on_in_the_next_text():
    parts = assert_slice_independent(footnotes, [TextPart(f"([a]({A}))"), TextPart(f"([b]({B})) ([a]({A}))")], [5])
    assert [part.text for part in parts] == ["[^1]", "[^2] [^1]"]


@given(words, cuts)
def test_however_it_is_cut(text, places):
    for more in ({}, {"numbers": True}, {"definitions": True}):
        assert_slice_independent(lambda more=more: footnotes(**more), [TextPart(text)], places)
    assert_wires_agree(changed(text_stream(text, places), footnotes()))


def test_the_source_is_told_before_its_mark():
    """So that who shows the mark can show where it leads."""
    out = changed(text_stream(f"So ([a]({A}))"), footnotes())
    assert out[2:5] == [TextDelta(0, "So "), CitationAdded(0, Citation(A, "a")), TextDelta(0, "[^1]")]


@pytest.mark.parametrize("text", ["(", "([", "([label", "([label](https://x", "[1"])
def test_an_open_bracket_waits_and_no_longer_than_it_may_be_a_source(text):
    """It is text as soon as it can be nothing else, at a length of 2,048 characters at the latest."""
    chain = StreamChain([footnotes(numbers=True)])
    chain(text_stream("")[:2])
    assert chain([TextDelta(0, text)]) == []
    assert chain([TextDelta(0, "\n.")]) == [TextDelta(0, text), TextDelta(0, "\n.")]
    assert chain([TextDelta(0, f"([{'x' * 3000}")]) != []


def test_what_waits_is_in_the_partial_of_a_cut_stream():
    events = [*text_stream("So ([a](htt", [4])[:-3], StreamFailed(ConnectionError("cut"))]
    out = changed(events, footnotes(definitions=True))
    assert "".join(event.delta for event in out if isinstance(event, TextDelta)) == "So ([a](htt"


def test_sources_of_the_host_stay():
    """Where they stand in the text is counted anew."""
    text = f"a ([a]({A})) b"
    events = text_stream(text)
    events.insert(-3, CitationAdded(0, Citation(B, start=len(text) - 1, end=len(text))))
    (part,) = collect(changed(events, footnotes())).message.parts
    assert part.text == "a [^1] b"
    assert [(source.url, source.start, source.end) for source in part.citations] == [(A, None, None), (B, 7, 8)]
    assert isinstance(events[-1], MessageEnd)


async def test_it_stands_in_transforms_of_a_call():
    reply = await ChatNode.root("Hi").complete(MockModel([f"So ([a]({A}))."]), transforms=[footnotes()])
    assert (reply.text, reply.message.parts[0].citations) == ("So [^1].", (Citation(A, "a"),))
