"""What must not leave does not leave, and what must not be shown is not shown, however the pieces are cut."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm import ChatNode, ConfigurationError, Message, MockModel, ReasoningPart, TextPart, ToolCallPart
from minillm.transforms import redact
from minillm.types import (
    ChatRequest,
    Citation,
    CitationAdded,
    MessageEnd,
    Native,
    NativeEvent,
    NativePart,
    PartEnd,
    PartStart,
    RefusalPart,
    SignatureDelta,
    StreamFailed,
    TextDelta,
    ToolResultPart,
    collect,
)

from .streams import (
    assert_slice_independent,
    assert_wires_agree,
    changed,
    cuts,
    part_events,
    stream,
    text_stream,
    texts,
)

SECRET = "sk-12-sk-123"
MAIL = re.compile(r"[\w.]+@[\w.]+")
words = texts("sk-", "12", "-sk-123", SECRET, "ann@", "x.org", "me@a")


@given(words, words, cuts)
def test_a_secret_is_caught_however_it_is_cut(text, more, places):
    """In everything that is said; and what is left is what a search in the whole text leaves."""

    def make():
        return redact(SECRET, MAIL, mark="*")

    arguments = '{"q": "' + text.replace("\n", " ") + '"}'
    parts = [ReasoningPart(text), TextPart(more), RefusalPart(text), ToolCallPart("1", "f", arguments)]
    made = assert_slice_independent(make, parts, places)
    expected = [re.sub(f"{re.escape(SECRET)}|{MAIL.pattern}", "*", said) for said in (text, more, text, arguments)]
    assert [part.text for part in made[:-1]] + [made[-1].arguments] == expected
    assert_wires_agree(changed(stream(*parts[:2], parts[3], places=places), make()))


@given(words, cuts)
def test_no_delta_shows_it(text, places):
    shown = [
        event.delta for event in changed(text_stream(text, places), redact(SECRET)) if isinstance(event, TextDelta)
    ]
    assert SECRET not in "".join(shown)


def test_of_several_texts_the_longest_counts():
    parts = assert_slice_independent(
        lambda: redact("abc", "abcdef", "bcx", mark="*"), [TextPart("abcd abcdef bcx")], [3]
    )
    assert parts == (TextPart("*d * *"),)


def test_only_what_may_be_a_secret_waits():
    """The rest is shown at once, the very same."""
    events = text_stream("so it is sk-12 no", [5, 10, 14])
    out = changed(events[:4], redact(SECRET))
    assert out == events[:4]
    assert all(new is old for new, old in zip(changed(events, redact(SECRET)), events, strict=True))


def test_an_expression_is_looked_for_up_to_a_length():
    long = "a" * 30 + "@" + "b" * 100
    parts = assert_slice_independent(lambda: redact(MAIL, longest=64, mark="*"), [TextPart(long)], range(0, 140, 7))
    assert parts == (TextPart("*" + "b" * 67),)
    parts = assert_slice_independent(lambda: redact(MAIL, longest=7, mark="*"), [TextPart("no 1212me@a")], range(11))
    assert parts == (TextPart("no 1*"),), "one that is too long hides none that begins behind it"


def test_frames_and_the_hosts_own_events_hold_nothing_back():
    """They say the words once more."""
    native = Native("openai_responses", {"delta": SECRET})
    part = NativePart("openai_responses", {"results": [{"text": SECRET}]})
    events = [
        PartStart(0, TextPart(""), native=native),
        TextDelta(0, SECRET, native=native),
        NativeEvent("openai_responses", "done", {"text": [SECRET, 1]}, native=native),
        PartEnd(0, TextPart(SECRET), native=native),
        PartStart(1, part),
        PartEnd(1, part),
        MessageEnd(Message("assistant", (TextPart(SECRET), part)), native=native),
    ]
    out = changed(events, redact(SECRET))
    assert SECRET not in repr(out)
    assert [getattr(event, "native", None) for event in out] == [None] * len(out)
    assert "[redacted]" in repr(out[-1])


def test_a_final_form_that_nobody_announced_is_read_too():
    out = changed([PartEnd(0, TextPart(SECRET)), MessageEnd()], redact(SECRET))
    assert collect(out).text == "[redacted]"


def test_changed_reasoning_loses_what_vouches_for_it():
    """A host refuses a signature under other words."""
    for part in (ReasoningPart(SECRET, signature="s"), ReasoningPart("fine", signature="s")):
        (made,) = assert_slice_independent(lambda: redact(SECRET), [part], [4])
        assert made.signature == (None if part.text == SECRET else "s")
    events = [*part_events(ReasoningPart(SECRET), ends=False), SignatureDelta(0, "s"), MessageEnd()]
    assert collect(changed(events, redact(SECRET))).message.parts == (ReasoningPart("[redacted]"),)


def test_sources_point_to_where_the_words_are_now():
    events = text_stream(f"ab {SECRET} cd")
    events.insert(-3, CitationAdded(0, Citation("https://x.y", start=16, end=18)))
    (part,) = collect(changed(events, redact(SECRET, mark="*"))).message.parts
    assert part.text[part.citations[0].start : part.citations[0].end] == "cd"


def test_what_waits_is_in_the_partial_of_a_cut_stream():
    events = [*text_stream("so: sk-12", [5])[:-3], StreamFailed(ConnectionError("cut"))]
    for change in (redact(SECRET), redact(MAIL)):
        out = changed(events, change)
        assert "".join(event.delta for event in out if isinstance(event, TextDelta)) == "so: sk-12"


def test_requests_are_read_everywhere():
    """In each part that a host reads as words."""
    request = ChatRequest(
        "m",
        (
            Message("system", f"Key: {SECRET}"),
            Message("user", (TextPart(SECRET, native=Native("w", {"text": SECRET})), TextPart("fine"))),
            Message("assistant", (ReasoningPart(SECRET, "sig"), ToolCallPart("1", "f", f'{{"k": "{SECRET}"}}'))),
            Message("tool", (ToolResultPart("1", "f", SECRET), ToolResultPart("2", "f", (TextPart(SECRET),)))),
        ),
    )
    made = redact(SECRET).request(request)
    assert SECRET not in repr(made)
    assert made.messages[1].parts[0].native is None
    assert made.messages[2].parts[0] == ReasoningPart("[redacted]")
    assert redact("nothing of it").request(request) is request


def test_one_side_alone():
    assert redact("x", request=False).request is None
    assert redact("x", answer=False).stream is None


def test_no_secret_is_shown_by_the_transform_itself():
    assert SECRET not in repr(redact(SECRET))


@pytest.mark.parametrize("wrong", [None, b"bytes", re.compile(b"bytes"), 7])
def test_what_is_no_text_is_told_and_not_left_unhidden(wrong):
    """Such as ``os.environ.get()`` of a variable that is not set."""
    with pytest.raises(ConfigurationError, match="texts or compiled expressions") as caught:
        redact("a text", wrong)
    assert "bytes'" not in str(caught.value)


@pytest.mark.parametrize("wrong", [(), ("",), (re.compile("a*"),)])
def test_there_must_be_something_to_find(wrong):
    with pytest.raises(ConfigurationError, match="texts to take out"):
        redact(*wrong)
    with pytest.raises(ConfigurationError, match="longest"):
        redact("x", longest=0)


@given(st.text(max_size=20))
def test_equal_changes_are_equal(secret):
    """So that a cache that one call wrote is known to the next."""
    if secret:
        assert redact(secret).request == redact(secret).request


async def test_it_stands_in_transforms_of_a_call():
    model = MockModel(lambda request: f"You said {request.messages[-1].text}, I say {SECRET}.")
    root, change = ChatNode.root("Hi"), redact(SECRET)
    user = root.add_user(f"My key is {SECRET}")
    reply = await user.complete(model, transforms=[change])
    assert reply.text == "You said My key is [redacted], I say [redacted]."
    async with user.stream(model, transforms=[change]) as streamed:
        assert (await streamed.finish()).text == reply.text
    assert user.message.text == f"My key is {SECRET}", "the tree keeps what was said"
