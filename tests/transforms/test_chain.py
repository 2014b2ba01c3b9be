"""Transforms in a row: their order, what a function of one's own may do, and what nobody changes."""

import inspect
from dataclasses import replace

import pytest
from hypothesis import given

import minillm
from minillm import (
    ChatNode,
    ConfigurationError,
    Message,
    MockModel,
    NodeCompletionParameters,
    StreamInterrupted,
    TextPart,
    ToolCallPart,
)
from minillm.transforms import (
    StreamChain,
    Transform,
    cap_tokens,
    change_response,
    footnotes,
    omit,
    redact,
    repair_tool_arguments,
    run_request_middleware_chain,
    run_stream_middleware_chain,
    smooth,
    system_as_user,
    think_tags,
)
from minillm.transforms.chain import as_transforms
from minillm.types import (
    ChatRequest,
    ChatResponse,
    Choice,
    Citation,
    MessageEnd,
    Native,
    ReasoningPart,
    StreamFailed,
    TextDelta,
    TokenLogprob,
    collect,
)

from .streams import answer, assert_laws, assert_wires_agree, changed, cuts, said, stream, text_stream, texts

ASKED = ChatRequest("m", (Message("user", "Hi"),))


def saying(word):
    def request(old):
        return replace(old, messages=(*old.messages, Message("user", word)))

    def events(batch):
        return [replace(one, delta=one.delta + word) if isinstance(one, TextDelta) else one for one in batch]

    return Transform(request, events)


def test_requests_in_order_and_answers_in_reverse():
    """As through the layers of an onion: out, and back in."""
    one, two = saying("1"), saying("2")
    assert [message.text for message in run_request_middleware_chain(ASKED, [one, two]).messages] == ["Hi", "1", "2"]
    assert collect(run_stream_middleware_chain(text_stream("Hi"), [one, two])).text == "Hi21"
    assert change_response(answer(TextPart("Hi")), [one, two]).text == "Hi21"


def test_without_transforms_nothing_is_made_anew():
    events, response = text_stream("Hi"), answer(TextPart("Hi"))
    assert run_request_middleware_chain(ASKED, []) is ASKED
    assert all(new is old for new, old in zip(run_stream_middleware_chain(events, []), events, strict=True))
    assert change_response(response, []) is response
    assert not StreamChain([system_as_user])


def test_events_are_handed_on_as_they_come():
    """The chain reads no further than it must."""
    events = iter(text_stream("one two three", [4, 8]))
    made = run_stream_middleware_chain(events, [think_tags()])
    assert [next(made) for _ in range(3)][-1] == TextDelta(0, "one ")
    assert next(events) == TextDelta(0, "two ")


class Longest:
    """Holds back all text, and gives the longest piece at the end."""

    def __init__(self):
        self.pieces = []

    def __call__(self, events):
        out = []
        for event in events:
            if isinstance(event, TextDelta):
                self.pieces.append(event)
                continue
            if isinstance(event, MessageEnd | StreamFailed) and self.pieces:
                out.append(max(self.pieces, key=lambda piece: len(piece.delta)))
            out.append(event)
        return out


def test_what_remembers_begins_anew_with_each_stream():
    """And gives out what it holds before the terminal event."""
    change = Transform(stream=Longest)
    for _ in range(2):
        assert collect(changed(text_stream("a bcd", [2]), change)).text == "bcd"
        assert change_response(answer(TextPart("abc")), [change]).text == "abc"


def test_a_stream_without_an_end_gives_out_what_was_held():
    events = text_stream("a bcd", [2])[:-1]
    made = changed(events, Transform(stream=Longest), saying("!"))
    assert [event.delta for event in made if isinstance(event, TextDelta)] == ["bcd!"]
    assert not any(isinstance(event, StreamFailed) for event in made)
    with pytest.raises(StreamInterrupted):
        collect(made)


@pytest.mark.parametrize(("which", "expected"), [("request", "a ChatRequest"), ("events", "a list of events")])
def test_a_function_that_gives_nothing_back_is_told(which, expected):
    change = Transform(**{which: lambda _: None})

    def run():
        run_request_middleware_chain(ASKED, [change])
        return list(run_stream_middleware_chain(text_stream("Hi"), [change]))

    with pytest.raises(ConfigurationError, match=f"the {which} function of a Transform must return {expected}"):
        run()


def test_a_whole_answer_that_nobody_changes_stays_the_very_same():
    """With all that events do not carry."""
    parts = (
        ReasoningPart("hm", signature="s"),
        TextPart("Hi", (Citation("https://x.y", start=0, end=2),), native=Native("w", {"x": 1})),
        ToolCallPart("1", "f", "{}"),
    )
    message = Message("assistant", parts, name="Bob", origin=("h", "m"), native=Native("w", {"y": 1}))
    choice = Choice(0, message, logprobs=(TokenLogprob("Hi", -1.0),), native=Native("w", {"z": 1}))
    response = ChatResponse("id", "m", (choice,), raw_text="Hi")
    every = [think_tags(), repair_tool_arguments(), footnotes(), redact("secret"), smooth()]
    assert change_response(response, every) is response


def test_a_changed_answer_keeps_where_it_came_from():
    choice = Choice(0, Message("assistant", "<think>a</think>b", name="Bob", origin=("h", "m")))
    other = Choice(1, Message("assistant", "plain"), native=Native("w", {}))
    made = change_response(ChatResponse("id", "m", (choice, other), raw_text="x"), [think_tags()])
    assert (made.message.name, made.message.origin, made.text, made.raw_text) == ("Bob", ("h", "m"), "b", "x")
    assert made.choices[1] is other


@given(texts("<think>", "</think>", "sk-1", "23", "([a](https://a.org))", "word"), cuts)
def test_all_of_them_at_once(text, places):
    """However it is cut: one answer, streamed and whole, that every wire can say."""
    every = [smooth(), footnotes(), redact("sk-123"), think_tags(), repair_tool_arguments()]
    parts = TextPart(text), ToolCallPart("1", "f", '{"a": True}')
    out = changed(stream(*parts, places=places), *every)
    assert_laws(out)
    assert_wires_agree(out)
    assert said(collect(out)) == said(change_response(answer(*parts), every))


def test_each_ready_made_one_is_documented():
    """What it does, and an example, where a reader looks: at the function and on the page."""
    from tests.import_graph import REPOSITORY

    page = (REPOSITORY / "docs" / "transforms.md").read_text("utf-8")
    made = [
        name
        for name in minillm.transforms.__all__
        if inspect.isfunction(getattr(minillm.transforms, name)) and not name.startswith(("run_", "change_", "_"))
    ]
    assert len(made) >= 11
    for name in made:
        assert "Example:" in (inspect.getdoc(getattr(minillm.transforms, name)) or ""), name
        assert f"\n### `{name}" in page, name


async def test_several_calls_share_them():
    """In the parameters that they share; whole, streamed and branched."""
    model = MockModel(lambda _: "<think>hm</think>Yes")
    shared, root = NodeCompletionParameters(transforms=[think_tags()]), ChatNode.root("Hi")
    replies = [await root.complete(model, shared), *await root.branch(model, shared, n=2)]
    async with root.stream(model, shared) as streamed:
        replies.append(await streamed.finish())
    assert [reply.text for reply in replies] == ["Yes"] * 4


@pytest.mark.parametrize("makes", [think_tags, smooth, redact, footnotes, repair_tool_arguments, cap_tokens, omit])
async def test_forgotten_parentheses_are_told_without_the_request(makes):
    """Some of the ready-made are functions of a request, others make a transform; who mixes them up is told."""
    with pytest.raises(ConfigurationError) as told:
        await ChatNode.root("c4n4ry").chat("?", MockModel(["ok"]), transforms=[makes])
    name = makes.__name__
    assert str(told.value) == f"{name} makes a transform: call it, as in transforms=[{name}()]"


@pytest.mark.parametrize("name", ["request", "events", "stream"])
def test_a_transform_is_made_of_functions(name):
    with pytest.raises(ConfigurationError, match=f"Transform: {name} must be a function, not int"):
        Transform(**{name: 5})


def test_what_is_no_transform_is_told():
    with pytest.raises(ConfigurationError, match="a Transform or a function of a request, not int"):
        run_request_middleware_chain(ASKED, [1])


def test_a_list_of_changes_as_transforms():
    """What is no list is told as that."""
    made = Transform(events=list)
    assert as_transforms([made, system_as_user]) == (made, Transform(request=system_as_user))
    assert as_transforms(()) == ()
    with pytest.raises(ConfigurationError, match="a list of transforms, not one Transform"):
        as_transforms(made)  # type: ignore[arg-type]
