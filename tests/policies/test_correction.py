"""Asking again with the error shown: what is asked, how often, and what it costs."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, field_validator

from minillm import (
    BadRequestError,
    ChatNode,
    CostInfo,
    FinishReason,
    InvalidOutput,
    Message,
    MiniLLMError,
    MockModel,
    ServerError,
    ToolCallPart,
    ToolDefinition,
)
from minillm.policies.correction import Correction
from minillm.policies.options import CallOptions
from minillm.policies.output import Output
from minillm.types import Attempt, Outcome, ReasoningPart, RefusalPart

from .models import REQUEST, response, streamed


@dataclass
class Person:
    name: str
    age: int


class Even(BaseModel):
    number: int

    @field_validator("number")
    @classmethod
    def _is_even(cls, number: int) -> int:
        if number % 2:
            raise ValueError(f"{number} is odd")
        return number


GOOD = '{"name": "Ann", "age": 7}'
OLD = '{"name": "Ann", "age": "seven"}'


def corrector(answers: list[Any], **options: Any) -> tuple[MockModel, Correction]:
    settings = CallOptions(**options)
    made = [answer if isinstance(answer, Exception) else response(answer) for answer in answers]
    model = MockModel(made)
    return model, Correction(Output(model, settings), settings)


async def test_an_answer_that_fits_is_asked_for_once() -> None:
    model, asking = corrector([GOOD], output=Person)
    answer = await asking.complete(REQUEST)
    assert (answer.output, len(answer.attempts), len(model.requests)) == (Person("Ann", 7), 1, 1)


async def test_it_is_shown_its_answer_and_what_is_wrong_with_it() -> None:
    model, asking = corrector([OLD, GOOD], output=Person)
    answer = await asking.complete(REQUEST)
    assert answer.output == Person("Ann", 7)
    *before, rejected, fault = model.requests[1].messages
    assert tuple(before) == REQUEST.messages
    assert (rejected.role, rejected.text) == ("assistant", OLD)
    assert fault.role == "user"
    assert "age: expected an integer, not a string" in fault.text
    assert [attempt.outcome for attempt in answer.attempts] == [Outcome.REJECTED, Outcome.ACCEPTED]


async def test_each_round_shows_the_last_answer_alone() -> None:
    """The request does not grow with the rounds."""
    model, asking = corrector([OLD, '{"age": 7}', GOOD], output=Person)
    await asking.complete(REQUEST)
    assert [len(request.messages) for request in model.requests] == [1, 3, 3]
    assert "name: missing" in model.requests[2].messages[-1].text


@pytest.mark.parametrize(
    ("options", "rounds"),
    [({}, 2), ({"correction": 0}, 0), ({"correction": 3}, 3), ({"retry": 0}, 0), ({"retry": 1}, 1)],
)
async def test_it_is_asked_a_bounded_number_of_times(options: dict[str, Any], rounds: int) -> None:
    """Twice unless told otherwise, and never where no retry is wanted."""
    model, asking = corrector([OLD] * 9, output=Person, **options)
    with pytest.raises(InvalidOutput) as caught:
        await asking.complete(REQUEST)
    assert len(model.requests) == rounds + 1
    assert [attempt.outcome for attempt in caught.value.attempts] == [Outcome.REJECTED] * (rounds + 1)
    assert caught.value.response is not None


async def test_an_error_of_a_later_round_knows_of_the_first() -> None:
    _, asking = corrector([OLD, BadRequestError("too long")], output=Person)
    with pytest.raises(BadRequestError) as caught:
        await asking.complete(REQUEST)
    assert isinstance(caught.value.__cause__, InvalidOutput)
    assert [attempt.outcome for attempt in caught.value.attempts] == [Outcome.REJECTED]


async def test_what_failed_at_once_is_not_its_concern() -> None:
    model, asking = corrector([ServerError("down", retryable=True)], output=Person)
    with pytest.raises(ServerError) as caught:
        await asking.complete(REQUEST)
    assert len(model.requests) == 1
    assert caught.value.__cause__ is None


async def test_an_answer_of_nothing_is_not_shown() -> None:
    """Hosts refuse a message without text."""
    model, asking = corrector([" \n", Message("assistant", [ReasoningPart("hm")]), GOOD], output=Person)
    await asking.complete(REQUEST)
    assert [[str(message.role) for message in request.messages] for request in model.requests[1:]] == [
        ["user", "user"],
        ["user", "user"],
    ]


async def test_a_call_of_a_tool_is_an_answer() -> None:
    message = Message("assistant", [ToolCallPart("c", "f", "{}")])
    _, asking = corrector([OLD, message], output=Person)
    answer = await asking.complete(REQUEST)
    assert answer.tool_calls
    assert answer.output is None


async def test_all_faults_are_shown_to_the_model_and_no_word_of_the_answer_to_anyone_else() -> None:
    """A validator's words may quote the answer: they go to the model, and into no message, log or traceback."""
    model, asking = corrector(['{"number": 77}', '{"number": 76}'], output=Even)
    assert (await asking.complete(REQUEST)).output == Even(number=76)
    assert "number: Value error, 77 is odd" in model.requests[1].messages[-1].text
    _, asking = corrector(['{"number": 77}'], output=Even, correction=0)
    with pytest.raises(InvalidOutput) as caught:
        await asking.complete(REQUEST)
    assert "77" not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


async def test_the_schema_is_shown_again_where_one_was_asked_for() -> None:
    """There are hosts that leave a schema unread and do not tell."""
    model = MockModel([OLD, GOOD])
    await ChatNode.root().chat("Who?", model, output=Person)
    assert '"required":["name","age"]' in model.requests[1].messages[-1].text
    model = MockModel(["none", "[1]"])
    await ChatNode.root().chat("Which?", model, expect="array")
    assert "Answer with JSON alone" in model.requests[1].messages[-1].text


async def test_an_answer_that_was_cut_is_told_so() -> None:
    """Not passed off as a shorter list."""
    cut = response('{"answer": [1, 2', reason=FinishReason.LENGTH)
    model = MockModel([cut, '{"answer": [1, 2]}'])
    assert (await ChatNode.root().chat("Which?", model, output=list[int])).output == [1, 2]
    assert "was cut at its limit" in model.requests[1].messages[-1].text


# ---------------------------------------------------------------- checks of the caller's own


def short(text: str) -> bool:
    return len(text) < 10


async def gently(person: Person) -> None:
    if person.age < 18:
        raise ValueError(f"{person.name} is only {person.age}")


async def test_a_check_of_ones_own_on_a_text() -> None:
    model = MockModel(["far too long an answer", "short"])
    reply = await ChatNode.root().chat("Hi", model, validate=short)
    assert (reply.text, reply.output) == ("short", "short")
    assert "the check short does not accept the answer" in model.requests[1].messages[-1].text


async def test_a_check_of_ones_own_on_a_value() -> None:
    """It may wait, and say why; the model is told, the error is not."""
    model = MockModel([GOOD, '{"name": "Ann", "age": 18}'])
    reply = await ChatNode.root().chat("Who?", model, output=Person, validate=gently)
    assert reply.output == Person("Ann", 18)
    assert "Ann is only 7" in model.requests[1].messages[-1].text
    with pytest.raises(InvalidOutput) as caught:
        await ChatNode.root().chat("Who?", MockModel([GOOD]), output=Person, validate=gently, correction=0, retry=0)
    assert str(caught.value) == "the check gently does not accept the answer"
    assert caught.value.__cause__ is caught.value.__context__ is None


async def test_a_fault_in_a_check_goes_its_way() -> None:
    node = ChatNode.root()
    with pytest.raises(ZeroDivisionError):
        await node.chat("Hi", MockModel(["x"]), validate=lambda _: 1 / 0)
    assert node.children == ()


async def test_a_check_never_sees_a_call_of_a_tool() -> None:
    message = Message("assistant", [ToolCallPart("c", "f", "{}")])
    reply = await ChatNode.root().chat(
        "Hi", MockModel([message]), validate=lambda _: False, tools=[ToolDefinition("f")]
    )
    assert reply.message.tool_calls


# ---------------------------------------------------------------- on the tree


async def test_only_the_answer_that_fits_lands_on_the_tree_and_all_are_on_the_bill() -> None:
    told: list[CostInfo] = []
    user = ChatNode.root().add_user("Who?")
    reply = await user.complete(MockModel([OLD, GOOD]), output=Person, cost_callback=told.append)
    assert user.children == (reply,)
    assert [message.text for message in reply.thread()[1:]] == ["Who?", GOOD]
    assert [attempt.outcome for attempt in reply.attempts] == [Outcome.REJECTED, Outcome.ACCEPTED]
    assert [attempt.error for attempt in reply.attempts] == ["InvalidOutput", None]
    assert len(told) == 1


async def test_a_call_that_never_fits_leaves_the_tree_and_its_bill() -> None:
    user = ChatNode.root().add_user("Who?")
    with pytest.raises(InvalidOutput):
        await user.complete(MockModel([OLD] * 3), output=Person)
    assert user.children == ()
    assert len(user.attempts) == 3


async def test_each_sibling_of_a_branch_is_corrected_by_itself() -> None:
    def answer(request: Any) -> str:
        return GOOD if len(request.messages) > 2 else OLD

    model = MockModel(answer)
    branch = await ChatNode.root("Hm.").add_user("Who?").branch(model, n=3, output=Person)
    assert [reply.output for reply in branch] == [Person("Ann", 7)] * 3
    assert len(model.requests) == 6
    warmed = await ChatNode.root("Hm.").add_user("Who?").branch(model, n=3, output=Person, warm=True)
    assert [len(reply.attempts) for reply in warmed] == [2, 2, 2]


async def test_a_refusal_and_a_failure_between_are_retried_as_ever() -> None:
    """Retry stands inside: it asks the same again, and corrects nothing."""
    declined = Message("assistant", [RefusalPart("No.")])
    model = MockModel([OLD, declined, ServerError("down", retryable=True), GOOD])
    reply = await ChatNode.root().chat("Who?", model, output=Person, back_off_time=0)
    assert reply.output == Person("Ann", 7)
    assert [len(request.messages) for request in model.requests] == [1, 3, 3, 3]


SAID = {
    "good": GOOD,
    "old": OLD,
    "blank": "",
    "prose": "I think it is Ann.",
    "declined": Message("assistant", [RefusalPart("No.")]),
    "call": Message("assistant", [ToolCallPart("c", "f", "{}")]),
}


@given(st.lists(st.sampled_from([*SAID, "down"]), max_size=20), st.integers(0, 3), st.none() | st.integers(0, 3))
async def test_whatever_comes_the_rounds_are_bounded_and_each_is_on_the_bill(
    script: list[str], retry: int, correction: int | None
) -> None:
    """And the tree holds the accepted answer, or nothing."""
    answers = iter([*script, *["good"] * 40])
    asked: list[str] = []

    def answer(_: Any) -> Any:
        asked.append(next(answers))
        if asked[-1] == "down":
            return ServerError("down", retryable=True, attempts=[Attempt("h", "m", "w", 0.0, outcome=Outcome.FAILED)])
        return response(SAID[asked[-1]])

    user = ChatNode.root().add_user("Who?")
    options: dict[str, Any] = {"retry": retry, "correction": correction, "back_off_time": 0}
    try:
        reply = await user.complete(MockModel(answer), output=Person, **options)
    except MiniLLMError:
        assert user.children == ()
        assert asked[-1] not in ("good", "call")
    else:
        assert user.children == (reply,)
        assert asked[-1] in ("good", "call")
    assert not {"good", "call"} & set(asked[:-1])
    rounds = min(2, retry) if correction is None else correction
    assert len(asked) <= (retry + 1) * (rounds + 1)
    assert sum(said in ("old", "blank", "prose") for said in asked) <= (rounds or retry) + 1
    outcomes = {"down": Outcome.FAILED, "good": Outcome.ACCEPTED, "call": Outcome.ACCEPTED}
    assert [attempt.outcome for attempt in user.attempts + (user.children[0].attempts if user.children else ())] == [
        outcomes.get(said, Outcome.REJECTED) for said in asked
    ]


async def test_a_stream_is_never_asked_again() -> None:
    """What was shown cannot be taken back; the error holds what came."""
    model, asking = corrector([OLD, GOOD], output=Person)
    with pytest.raises(InvalidOutput) as caught:
        await streamed(asking)
    assert len(model.requests) == 1
    assert caught.value.response is not None
    assert caught.value.partial is not None
    assert caught.value.partial.text == OLD
