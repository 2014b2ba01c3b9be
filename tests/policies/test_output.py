"""The judge: empty, refused, or not the JSON that was asked for."""

import asyncio
from dataclasses import dataclass, replace
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minillm import (
    ChatResponse,
    CompletionParameters,
    EmptyResponse,
    FinishReason,
    ImagePart,
    InvalidOutput,
    Message,
    MockModel,
    OutputError,
    Refusal,
    ResponseFormat,
    TextPart,
    ToolCallPart,
)
from minillm.json.answer import answer_schema
from minillm.policies.options import CallOptions
from minillm.policies.output import Output, judge
from minillm.types import Choice, Outcome, ReasoningPart, RefusalPart

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


@both
async def test_a_call_of_a_tool_has_no_output(ask):
    """Not an empty text that passes for a Person."""
    message = Message("assistant", [TextPart("Let me see."), ToolCallPart("c", "f")])
    answer = await judged(ask, message, output=Person)
    assert (answer.output, answer.raw_text, answer.text) == (None, "Let me see.", "Let me see.")


@both
@pytest.mark.parametrize(
    ("kind", "said", "value"),
    [
        (list[int], '{"answer": [1, 2]}', [1, 2]),
        (list[int], "[1, 2]", [1, 2]),
        (
            list[Person],
            'So: {"name": "Ann", "age": 7} and {"name": "Bo", "age": 8}',
            [Person("Ann", 7), Person("Bo", 8)],
        ),
        (int, '```json\n{"answer": 3}\n```', 3),
        (int, "3", 3),
        (str, '{"answer": "hm"}', "hm"),
        (Literal["a", "b"], '{"answer": "b"}', "b"),
        (int | None, '{"answer": null}', None),
        (Person | int, '{"answer": {"name": "Ann", "age": 7}}', Person("Ann", 7)),
        (Person | int, '{"name": "Ann", "age": 7}', Person("Ann", 7)),
        ({"type": "array", "items": {"type": "integer"}}, '{"answer": [1]}', [1]),
    ],
)
async def test_a_value_that_travelled_in_an_object_is_taken_out(ask, kind, said, value):
    """The text stays what the model said: it is what it will read in its history."""
    answer = await judged(ask, said, output=kind)
    assert answer.output == value
    assert answer.raw_text == said


@both
@pytest.mark.parametrize(
    ("kind", "said", "place"),
    [
        (list[Person], '{"answer": [{"name": "Ann"}]}', "[0].age"),
        (int, '{"answer": "x"}', ""),
        (int, "{}", ""),
        (list[int], '{"other": [1]}', ""),
        (list[int], "I do not know.", ""),
        ({"type": "array", "items": {"type": "integer"}}, '{"answer": [1, "x"]}', "[1]"),
    ],
)
async def test_the_place_is_one_in_the_value(ask, kind, said, place):
    with pytest.raises(InvalidOutput) as caught:
        await judged(ask, said, output=kind)
    assert caught.value.path == place


@both
async def test_what_was_cut_is_not_passed_off_as_the_whole(ask):
    """Closing what breaks off would make a shorter list of it."""
    for said in ('{"answer": [1, 2', "", "Let me think"):
        with pytest.raises(InvalidOutput, match="cut at its limit of tokens"):
            await judged(ask, response(said, reason=FinishReason.LENGTH), output=list[int])
    whole_one = await judged(ask, response('{"answer": [1, 2]}', reason=FinishReason.LENGTH), output=list[int])
    assert whole_one.output == [1, 2]
    with pytest.raises(InvalidOutput, match="expected an integer"):  # whole, and wrong in another way
        await judged(ask, response('{"answer": ["x"]}', reason=FinishReason.LENGTH), output=list[int])
    mended = await judged(ask, response("[1, 2", reason=FinishReason.LENGTH), expect="array")
    assert mended.output == [1, 2]  # who only expects JSON gets what can be saved, and is told


@both
async def test_a_check_of_ones_own_judges_too(ask):
    for verdict in (True, None):
        assert (await judged(ask, "x", validate=lambda _, verdict=verdict: verdict)).text == "x"
    with pytest.raises(InvalidOutput, match="does not accept the answer") as caught:
        await judged(ask, "x", validate=lambda _: False)
    assert caught.value.response.text == "x"


@both
async def test_a_host_without_schemas_is_asked_in_words(ask):
    model = MockModel([response('{"name": "Ann", "age": 7}')])
    format_ = ResponseFormat("json_schema", answer_schema(Person).schema)
    asked = replace(REQUEST, parameters=CompletionParameters(response_format=format_))
    answer = await ask(Output(model, CallOptions(output=Person), formats=frozenset({"text"})), asked)
    assert answer.output == Person("Ann", 7)
    assert "must fit this JSON Schema" in model.requests[0].messages[-1].text
    assert [(loss.what, str(loss.severity)) for loss in answer.losses] == [("JSON schema", "degraded")]


async def test_a_blocked_prompt_has_no_choice_to_judge():
    model = Output(MockModel([ChatResponse("id")]), CallOptions(expect="object"))
    with pytest.raises(InvalidOutput):
        await model.complete(REQUEST)


SAID = st.sampled_from(("", " \n\u2003", "x", "[1]", '{"a": 1}', " no "))
REASONS = st.sampled_from((None, FinishReason.STOP, FinishReason.REFUSAL, FinishReason.LENGTH))
WISHES = st.fixed_dictionaries(
    {
        "crash_on_refusal": st.booleans(),
        "crash_on_empty_response": st.booleans(),
        "expect": st.sampled_from((None, "array")),
        "validate": st.sampled_from((None, lambda value: None, bool, lambda value: False)),
    }
)


@settings(max_examples=100, deadline=None)
@given(SAID, REASONS, WISHES)
def test_a_text_is_judged_alike_as_a_string_and_as_a_part(said, reason, wishes):
    """What has parts is looked through; a string alone cannot hold calls, refusals or media."""

    async def verdict(content):
        choice = Choice(0, Message("assistant", content), reason, None if reason is None else str(reason))
        try:
            judged = await judge(ChatResponse("1", "m", (choice,)), CallOptions(**wishes))
        except OutputError as error:
            return type(error), error.message, error.response.text
        return judged.text, judged.raw_text, judged.repaired, judged.output

    async def compared():
        assert await verdict(said) == await verdict((TextPart(said),))

    asyncio.run(compared())


@both
@pytest.mark.parametrize("fault", [ValueError("not so"), AssertionError("not so"), False, None])
async def test_a_check_may_take_its_time(ask, fault):
    """An awaitable verdict counts like one that is there at once."""

    async def later(value):
        await asyncio.sleep(0)
        if isinstance(fault, Exception):
            raise fault
        return fault

    model = Output(MockModel([response("Hi")]), CallOptions(validate=later))
    if fault is None:
        assert (await ask(model)).text == "Hi"
        return
    with pytest.raises(InvalidOutput, match="the check later does not accept the answer") as caught:
        await ask(model)
    assert caught.value.hint == ("not so" if isinstance(fault, Exception) else "")
    assert caught.value.__context__ is None
