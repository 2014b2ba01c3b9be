"""The judge: empty, refused, or not the JSON that was asked for."""

from dataclasses import dataclass

import pytest

from minillm import (
    ChatResponse,
    EmptyResponse,
    FinishReason,
    ImagePart,
    InvalidOutput,
    Message,
    MockModel,
    Refusal,
    TextPart,
    ToolCallPart,
)
from minillm.policies.options import CallOptions
from minillm.policies.output import Output
from minillm.types import Outcome, ReasoningPart, RefusalPart

from .models import REQUEST, response, streamed, whole

both = pytest.mark.parametrize("ask", [whole, streamed])


@dataclass
class Person:
    name: str
    age: int


def judged(ask, answer, **options):
    return ask(
        Output(MockModel([answer if isinstance(answer, ChatResponse) else response(answer)]), CallOptions(**options))
    )


@both
async def test_without_a_wish_nothing_is_judged(ask):
    answer = await judged(ask, "")
    assert (answer.raw_text, answer.output, answer.repaired) == (None, None, False)


@both
async def test_an_empty_answer_is_an_error_only_when_told_so(ask):
    for text in ("", " \n", Message("assistant", [ReasoningPart("hm")])):
        with pytest.raises(EmptyResponse):
            await judged(ask, text, crash_on_empty_response=True)


@both
async def test_a_picture_or_a_call_is_no_empty_answer(ask):
    for part in (ImagePart(data="AA=="), ToolCallPart("c", "f")):
        answer = await judged(ask, Message("assistant", [part]), crash_on_empty_response=True)
        assert answer.message.parts == (part,)


@both
@pytest.mark.parametrize(
    "answer",
    [
        response(Message("assistant", [RefusalPart("I'd rather not.")])),
        response("", reason=FinishReason.CONTENT_FILTER),
        response("", reason=FinishReason.REFUSAL),
    ],
)
async def test_declined_and_filtered_answers_are_refusals(ask, answer):
    with pytest.raises(Refusal):
        await judged(ask, answer, crash_on_refusal=True)
    assert await judged(ask, answer)


@both
async def test_the_model_declined_where_json_was_asked_for(ask):
    """Not merely "no JSON in it": the words for declining say more."""
    with pytest.raises(Refusal):
        await judged(ask, Message("assistant", [RefusalPart("I'd rather not.")]), expect="object")


@both
async def test_json_is_taken_out_and_what_was_said_is_kept(ask):
    said = 'Sure:\n```json\n{"name": "Ann", "age": 7,}\n```'
    answer = await judged(ask, said, output=Person)
    assert answer.output == Person("Ann", 7)
    assert (answer.text, answer.raw_text, answer.repaired) == ('{"name":"Ann","age":7}', said, True)


@both
async def test_sound_json_is_left_as_it_was_said(ask):
    said = '{ "name": "Ann",  "age": 7 }'
    answer = await judged(ask, said, expect="object")
    assert (answer.text, answer.output, answer.repaired) == (said, {"name": "Ann", "age": 7}, False)


@both
async def test_a_type_tells_which_of_several_values_is_meant(ask):
    answer = await judged(ask, 'From [1, 2] I conclude {"name": "Ann", "age": 7} and [3].', output=Person)
    assert answer.output == Person("Ann", 7)
    answer = await judged(ask, 'From {"a": 1} I conclude [3].', output=list[int])
    assert answer.output == [3]


@both
@pytest.mark.parametrize(
    ("said", "options"),
    [
        ("I cannot say.", {"expect": "any"}),
        ("", {"expect": "any"}),
        ("[1]", {"expect": "object"}),
        ('{"name": "Ann"}', {"output": Person}),
        ('{"name": "Ann", "age": "old"}', {"output": Person}),
        ('{"a": 1}', {"output": {"type": "object", "required": ["b"]}}),
    ],
)
async def test_what_does_not_fit_is_invalid_and_at_hand(ask, said, options):
    with pytest.raises(InvalidOutput) as caught:
        await judged(ask, said, **options)
    error = caught.value
    assert error.response.text == said
    assert error.retryable
    assert (error.attempts[0].outcome, error.attempts[0].error) == (Outcome.REJECTED, "InvalidOutput")


@both
async def test_no_word_of_the_answer_is_in_the_error(ask):
    with pytest.raises(InvalidOutput) as caught:
        await judged(ask, '{"name": "canary-answer", "age": "canary-answer"}', output=Person)
    assert "canary" not in str(caught.value)
    assert caught.value.path == "age"


@both
async def test_an_answer_that_calls_a_tool_is_no_answer_yet(ask):
    message = Message("assistant", [TextPart("Let me see."), ToolCallPart("c", "f")])
    answer = await judged(ask, message, output=Person, crash_on_refusal=True, crash_on_empty_response=True)
    assert answer.text == "Let me see."


@both
async def test_parts_around_the_text_keep_their_places(ask):
    parts = [ReasoningPart("hm"), TextPart("x {'a'"), TextPart(": 1}"), ImagePart(data="AA==")]
    answer = await judged(ask, Message("assistant", parts), expect="object")
    assert answer.message.parts == (ReasoningPart("hm"), TextPart('{"a":1}'), ImagePart(data="AA=="))


async def test_a_blocked_prompt_has_no_choice_to_judge():
    model = Output(MockModel([ChatResponse("id")]), CallOptions(expect="object"))
    with pytest.raises(InvalidOutput):
        await model.complete(REQUEST)
