"""A response: its shorthands speak of the first choice, and there may be none."""

import pickle

from minillm.types import (
    Attempt,
    ChatResponse,
    Choice,
    FinishReason,
    Loss,
    Message,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
)


def test_shorthands_speak_of_the_first_choice():
    call = ToolCallPart("c", "f")
    message = Message(Role.ASSISTANT, [ReasoningPart("hm"), TextPart("a"), RefusalPart("no"), call])
    response = ChatResponse(choices=(Choice(0, message, FinishReason.STOP, "end"), Choice(1)))
    assert response.message is message
    assert (response.text, response.reasoning, response.refusal) == ("a", "hm", "no")
    assert response.tool_calls == (call,)
    assert (response.finish_reason, response.raw_finish_reason) == (FinishReason.STOP, "end")


def test_no_choice_is_an_empty_answer():
    """A blocked prompt: nothing to index, and nothing to crash on."""
    response = ChatResponse()
    assert response.message == Message(Role.ASSISTANT, "")
    assert (response.text, response.tool_calls, response.finish_reason, response.raw_finish_reason) == (
        "",
        (),
        None,
        None,
    )


def test_what_the_client_fills_in_takes_no_part_in_equality():
    told = ChatResponse(
        "id",
        attempts=(Attempt("h", "m", "w", 0.0),),
        losses=(Loss("a", "b", "c"),),
        raw_text="x",
        repaired=True,
        output=1,
    )
    assert told == ChatResponse("id")


def test_a_response_is_pickled_whole():
    response = ChatResponse(
        "id", "m", (Choice(0, Message(Role.ASSISTANT, "hi")),), attempts=(Attempt("h", "m", "w", 0.0),)
    )
    again = pickle.loads(pickle.dumps(response))
    assert again == response
    assert again.attempts == response.attempts


def test_finish_reasons_are_their_words():
    assert FinishReason("interrupted") is FinishReason.INTERRUPTED
    assert str(FinishReason.STOP) == "stop"
