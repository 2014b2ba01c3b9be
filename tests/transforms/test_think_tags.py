"""Thinking between tags becomes reasoning, wherever it stands and however it is cut."""

import pytest
from hypothesis import given

from minillm import ChatNode, ConfigurationError, MockModel, ReasoningPart, TextPart, ToolCallPart
from minillm.transforms import think_tags
from minillm.types import (
    Citation,
    CitationAdded,
    Finish,
    MessageEnd,
    MessageStart,
    PartEnd,
    PartStart,
    ReasoningDelta,
    StreamFailed,
    TextDelta,
    collect,
)

from .streams import assert_laws, assert_slice_independent, assert_wires_agree, changed, cuts, part_events, text_stream
from .streams import texts as texts_of

texts = texts_of("<think>", "</think>", "<thi", "</", "nk>", "Hello", "\n\n")
T, R = TextPart, ReasoningPart


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("<think>\nso\n</think>\n\nHello", (R("so"), T("Hello"))),
        (" \n<think>so</think>Hello", (R("so"), T("Hello"))),
        ("Hi <think>so</think> there", (T("Hi "), R("so"), T(" there"))),
        ("<think>a</think><think>b</think>c", (R("a"), R("b"), T("c"))),
        ("<think></think>c", (T("c"),)),
        ("<think>so</think>\n\n", (R("so"),)),
        ("<think>not closed", (R("not closed"),)),
        ("</think>c", (T("</think>c"),)),
        ("a<think>b</think> <think>c", (T("a"), R("b"), T(" "), R("c"))),
        ("a < b <thin", (T("a < b <thin"),)),
        ("  no tags\n", (T("  no tags\n"),)),
        ("<think>a</think>\n    code", (R("a"), T("    code"))),
    ],
)
def test_what_stands_between_tags_is_reasoning(text, parts):
    assert assert_slice_independent(think_tags, [T(text)], range(len(text))) == parts


@given(texts, cuts)
def test_however_it_is_cut(text, places):
    """Streams cut anywhere and whole answers say the same; no wire breaks it."""
    assert_slice_independent(think_tags, [T(text)], places)
    assert_wires_agree(changed(text_stream(text, places), think_tags()))


@given(texts_of("<think>", "</think>", "Hello", "\n\n"), cuts)
def test_no_character_but_tags_and_their_line_breaks_is_lost(text, places):
    parts = assert_slice_independent(think_tags, [T(text)], places)
    plain = "".join(part.text for part in parts)

    def bare(said):
        return "".join(said.replace("<think>", "").replace("</think>", "").split())

    assert bare(plain) == bare(text)


@given(texts, cuts)
def test_only_what_leads(text, places):
    """A tag in the middle of an answer is what the answer speaks of."""
    parts = assert_slice_independent(lambda: think_tags(leading=True), [T("Tags: " + text)], places)
    assert parts == (T("Tags: " + text),)
    led = assert_slice_independent(lambda: think_tags(leading=True), [T("<think>so</think>Hello" + text)], places)
    assert led == (R("so"), T("Hello" + text))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("so\n</think>\n\nHello", (R("so"), T("Hello"))),
        ("<think>\nso</think>Hello", (R("so"), T("Hello"))),
        ("never closed", (R("never closed"),)),
        ("a</think>b<think>c</think>d", (R("a"), T("b"), R("c"), T("d"))),
        ("<thinking is hard</think>b", (R("<thinking is hard"), T("b"))),
        ("", ()),
    ],
)
def test_a_tag_that_the_prompt_has_opened(text, parts):
    """DeepSeek-R1's template ends with it, so that the answer holds the closing one alone."""
    assert assert_slice_independent(lambda: think_tags(opened=True), [T(text)], range(len(text))) == parts


@given(texts, cuts)
def test_a_tag_of_the_prompt_however_it_is_cut(text, places):
    assert_slice_independent(lambda: think_tags(opened=True), [T(text)], places)


def test_other_tags():
    both = think_tags("reason", ("[THINK]", "[/THINK]"))
    for text in ("[THINK]so</reason>[/THINK]x", "<reason>so</reason>x"):
        parts = assert_slice_independent(lambda: both, [T(text)], range(len(text)))
        assert parts[0].text.startswith("so")
        assert parts[-1] == T("x")


@pytest.mark.parametrize("tag", ["", ("", "x"), ("x", "")])
def test_a_tag_must_be_one(tag):
    with pytest.raises(ConfigurationError, match="a think tag must be"):
        think_tags(tag)


def test_calls_and_other_parts_are_numbered_anew():
    """What follows a part that became two has another number; what is told of it follows."""
    call = ToolCallPart("1", "f", '{"a":1}')
    parts = assert_slice_independent(think_tags, [T("<think>so</think>Hello"), call, R("more"), T("x")], range(40))
    assert parts == (R("so"), T("Hello"), call, R("more"), T("x"))


def test_calls_that_interleave_keep_their_deltas():
    """And a text that goes on behind a call stays one text."""
    events = [
        MessageStart(),
        PartStart(0, T("")),
        TextDelta(0, "<think>so</think>Hel"),
        PartStart(1, ToolCallPart("1", "f")),
        TextDelta(0, "lo"),
        *part_events(ToolCallPart("1", "f", "{}"), 1)[1:],
        PartEnd(0),
        MessageEnd(),
    ]
    out = changed(events, think_tags())
    assert_laws(out)
    assert collect(out).message.parts == (R("so"), T("Hello"), ToolCallPart("1", "f", "{}"))


@given(texts, texts, cuts)
def test_each_choice_thinks_for_itself(one, two, places):
    """Pieces of several answers come in turn."""
    first, second = part_events(T(one), 0, 0, places), part_events(T(two), 0, 1, places)
    mixed = [event for pair in zip(first, second, strict=True) for event in pair]
    out = changed([MessageStart(), *mixed, Finish(0), Finish(1), MessageEnd()], think_tags())
    assert_laws(out)
    alone = [collect(changed(text_stream(text), think_tags())).message.parts for text in (one, two)]
    assert [choice.message.parts for choice in collect(out).choices] == alone


def test_sources_stay_with_the_text():
    """Also where they come before it begins; where they pointed to in it is not known any more."""
    source = Citation("https://x.y", start=20, end=22)
    events = text_stream("<think>so</think>Hello")
    events.insert(2, CitationAdded(0, source))
    parts = collect(changed(events, think_tags())).message.parts
    assert parts == (R("so"), T("Hello", (Citation("https://x.y"),)))


@pytest.mark.parametrize("text", ["<think>so far", "Hello <thi", "<think>a</thi", "  "])
def test_what_waits_is_in_the_partial_of_a_cut_stream(text):
    """A cut stream keeps all that came."""
    events = [*text_stream(text, range(len(text)))[:-3], StreamFailed(ConnectionError("cut"))]
    out = changed(events, think_tags())
    assert isinstance(out[-1], StreamFailed)
    assert "".join(event.delta for event in out if isinstance(event, TextDelta | ReasoningDelta)) in (
        text,
        text.removeprefix("<think>"),
    ) or text.startswith("<think>a")


async def test_it_stands_in_transforms_of_a_call():
    """Whole, streamed and branched; each stream begins anew."""
    model = MockModel(lambda _: "<think>hm</think>Yes")
    root, change = ChatNode.root("Hi"), think_tags()
    replies = [await root.complete(model, transforms=[change]) for _ in range(2)]
    replies += await root.branch(model, n=2, transforms=[change])
    async with root.stream(model, transforms=[change]) as stream:
        shown = [chunk.delta async for chunk in stream]
    assert shown == ["Yes"]
    assert {(reply.text, reply.message.reasoning) for reply in [*replies, stream.node]} == {("Yes", "hm")}
