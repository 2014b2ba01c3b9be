"""Prefill: the start of the answer goes out, and comes back first, whatever the host makes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm import ChatResponse, ConfigurationError, ImagePart, Message, MockModel, TextPart, ToolCallPart
from minillm.policies.prefill import Prefill, _Restore
from minillm.types import (
    Choice,
    Finish,
    MessageEnd,
    MessageStart,
    PartEnd,
    PartStart,
    ReasoningDelta,
    ReasoningPart,
    TextDelta,
    ToolCallDelta,
    collect,
)

from .models import REQUEST, response, streamed, whole

both = pytest.mark.parametrize("ask", [whole, streamed])


def prefilled(ask, answer, text="Score:", **more):
    model = answer if isinstance(answer, MockModel) else MockModel([answer])
    return ask(Prefill(model, text, **{"continues": True, **more}))


@both
@pytest.mark.parametrize(
    ("text", "said", "expected"),
    [
        ("Score:", " 10", "Score: 10"),
        ("Score: ", "10", "Score: 10"),
        ("Score: ", " 10", "Score: 10"),  # white space was not sent, and the model says it itself
        ("Score:", "Score: 10", "Score: 10"),  # some hosts give the start back
        ("Score: ", "Score: 10", "Score: 10"),
        ("Score:", "Sc", "Score:Sc"),
        ("Score:", "", "Score:"),
    ],
)
async def test_the_start_comes_first_and_once(ask, text, said, expected):
    assert (await prefilled(ask, said, text)).text == expected


@given(
    st.lists(st.sampled_from(["Sc", "ore", ":", " ", "1", "Score:", "x"]), max_size=6),
    st.sampled_from(["Score:", "Score: ", "x"]),
)
def test_a_stream_is_restored_as_a_whole_answer_is(pieces, text):
    """However the pieces fall, both ways give the same."""
    from minillm.policies.prefill import _restored

    restore = _Restore(text)
    events = [
        MessageStart(),
        PartStart(0, TextPart("")),
        *(TextDelta(0, piece) for piece in pieces),
        PartEnd(0),
        Finish(),
        MessageEnd(),
    ]
    out = [made for event in events for made in restore([event])]
    assert collect(out).text == _restored(text, Message("assistant", "".join(pieces))).text


async def test_the_start_is_the_first_thing_that_is_streamed():
    async with Prefill(MockModel([" 10"]), "Score:", continues=True).stream(REQUEST) as stream:
        deltas = [event.delta async for event in stream if isinstance(event, TextDelta)]
    assert deltas == ["Score:", " 10"]


@both
async def test_it_goes_out_as_a_started_answer_without_white_space_at_its_end(ask):
    """Anthropic and others refuse that."""
    model = MockModel(["x"])
    await prefilled(ask, model, "Score: \n")
    assert model.requests[0].messages == (*REQUEST.messages, Message("assistant", "Score:"))


@both
async def test_white_space_alone_is_not_sent(ask):
    model = MockModel(["x"])
    answer = await prefilled(ask, model, " ")
    assert model.requests[0].messages == REQUEST.messages
    assert answer.text == " x"


@both
async def test_thinking_comes_before_the_start(ask):
    answer = await prefilled(ask, Message("assistant", [ReasoningPart("hm"), TextPart(" 10")]))
    assert answer.message.parts == (ReasoningPart("hm"), TextPart("Score: 10"))


@both
@pytest.mark.parametrize("part", [ToolCallPart("c", "f", "{}"), ImagePart(data="AA==")])
async def test_an_answer_that_goes_on_without_text_begins_with_the_start_all_the_same(ask, part):
    answer = await prefilled(ask, Message("assistant", [part, TextPart("x")]))
    assert answer.message.parts == (TextPart("Score:"), part, TextPart("x"))
    answer = await prefilled(ask, Message("assistant", [ReasoningPart("hm")]))
    assert answer.message.parts == (ReasoningPart("hm"), TextPart("Score:"))


def test_a_part_of_our_own_moves_the_others_up():
    """Two parts with one number would run into each other."""
    events = [
        PartStart(0, ReasoningPart("")),
        ReasoningDelta(0, "hm"),
        PartStart(1, ToolCallPart("c", "f")),
        ToolCallDelta(1, "{}"),
        PartStart(2, TextPart("")),
        TextDelta(2, "x"),
        Finish(),
        MessageEnd(),
    ]
    out = list(_Restore("S:")(events))
    opened = [event.index for event in out if isinstance(event, PartStart)]
    assert opened == [0, 1, 2, 3]
    assert collect(out).message.parts == (
        ReasoningPart("hm"),
        TextPart("S:"),
        ToolCallPart("c", "f", "{}"),
        TextPart("x"),
    )


def test_the_wires_own_final_forms_are_restored_too():
    text = TextPart("ten")
    events = [
        PartStart(0, TextPart("")),
        TextDelta(0, "ten"),
        PartEnd(0, text),
        Finish(),
        MessageEnd(Message("assistant", "ten")),
    ]
    response = collect(_Restore("S:")(events))
    assert response.text == "S:ten"
    assert collect(_Restore("S:")([PartStart(0, text), Finish(), MessageEnd()])).text == "S:ten"


def test_counts_that_come_in_the_middle_do_not_break_it():
    """Gemini sends them with every piece."""
    from minillm import Usage
    from minillm.types import UsageUpdate

    start = [MessageStart(), PartStart(0, TextPart(""))]
    events = [*start, TextDelta(0, "Sc"), UsageUpdate(Usage(1)), TextDelta(0, "ore:1"), Finish(), MessageEnd()]
    assert collect(_Restore("Score:")(events)).text == "Score:1"


def test_what_was_held_back_is_given_at_the_end():
    events = [MessageStart(), PartStart(0, TextPart("")), TextDelta(0, "Sc"), Finish(), MessageEnd()]
    assert collect(_Restore("Score:")(events)).text == "Score:Sc"


@both
async def test_on_request_a_loss_tells_that_words_are_weaker(ask):
    answer = await prefilled(ask, "10", continues=False, instruct=True)
    assert [(loss.path, loss.severity) for loss in answer.losses] == [("force_prepend", "degraded")]
    assert (await prefilled(ask, "10")).losses == ()


@both
@pytest.mark.parametrize(
    ("last", "sent"),
    [
        (Message("user", "Hi"), ["Hi\n\nBegin your answer with exactly this text: S:"]),
        (Message("user", (TextPart("Hi"),)), ["Hi", "Begin your answer with exactly this text: S:"]),
        (Message("assistant", "Hi"), ["Begin your answer with exactly this text: S:"]),
    ],
)
async def test_the_wish_stands_at_the_end_of_what_the_user_said(ask, last, sent):
    """Some hosts want the roles to take turns."""
    from minillm import ChatRequest

    model = MockModel(["S:1"])
    policy = Prefill(model, "S:", continues=False, instruct=True)
    asked = ChatRequest("m", (last,))
    assert (await ask(policy, asked)).text == "S:1"
    assert [part.text for part in model.requests[0].messages[-1].parts] == sent


@both
async def test_a_host_that_cannot_continue_is_told_before_sending(ask):
    model = MockModel(["never"])
    with pytest.raises(ConfigurationError, match=r"openai cannot continue a started answer.*prepend_instruction=True"):
        await prefilled(ask, model, continues=False, host="openai")
    assert model.requests == []


@both
async def test_on_request_the_start_is_asked_for_in_words(ask):
    model = MockModel(["Score: 10"])
    answer = await prefilled(ask, model, continues=False, instruct=True)
    assert answer.text == "Score: 10"
    assert "Score:" in model.requests[0].messages[-1].text
    assert (await prefilled(ask, "10", "Score: ", continues=False, instruct=True)).text == "Score: 10"


async def test_a_blocked_prompt_has_nothing_to_restore():
    assert (await prefilled(whole, ChatResponse("id"))).choices == ()


async def test_other_choices_are_left_alone():
    said = response("x")
    two = ChatResponse("id", "m", (*said.choices, Choice(1, Message("assistant", "y"))))
    answer = await prefilled(whole, two)
    assert [choice.message.text for choice in answer.choices] == ["Score:x", "y"]
