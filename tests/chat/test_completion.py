"""How one completion settles on the tree, whatever happens to it."""

import asyncio
import math
from decimal import Decimal

import pytest

from minillm import (
    ChatNode,
    ChatResponse,
    ConfigurationError,
    CostInfo,
    CostLedger,
    EmptyResponse,
    FinishReason,
    GeneratorInfo,
    InvalidOutput,
    Message,
    MockModel,
    MockTransport,
    Refusal,
    Role,
    ServerError,
    Timeouts,
    ToolCallPart,
    UnansweredToolCalls,
)
from minillm.transport import MockResponse
from minillm.types import Attempt, Choice, Outcome, RefusalPart, TokenPrice, Usage


async def test_reply_attaches_under_the_node_that_was_asked() -> None:
    user = ChatNode.root("Be terse.").add_user("Capital of France?")
    reply = await user.complete(MockModel(["Paris."]))
    assert reply.parent is user
    assert user.children == (reply,)
    assert reply.text == "Paris."
    assert reply.response.finish_reason is FinishReason.STOP


async def test_chat_attaches_question_and_reply_together() -> None:
    root = ChatNode.root("Be terse.")
    reply = await root.chat("Capital of France?", MockModel(["Paris."]))
    assert [node.message.role for node in reply.path()] == [Role.SYSTEM, Role.USER, Role.ASSISTANT]
    assert root.children == (reply.parent,)


async def test_failed_chat_leaves_the_tree_as_it_was() -> None:
    root = ChatNode.root("Be terse.")
    with pytest.raises(ServerError):
        await root.chat("Hi", MockModel([ServerError("down")]))
    assert root.children == ()


async def test_cancelled_chat_leaves_the_tree_as_it_was() -> None:
    started = asyncio.Event()

    async def hang(_: object) -> str:
        started.set()
        await asyncio.Event().wait()
        return "never"

    root = ChatNode.root("Be terse.")
    task = asyncio.create_task(root.chat("Hi", MockModel(hang)))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert root.children == ()


async def test_unattached_reply_knows_its_parent_but_is_not_listed() -> None:
    user = ChatNode.root("Be terse.").add_user("Hi")
    reply = await user.complete(MockModel(["Hello."]), attach=False)
    assert reply.parent is user
    assert user.children == ()
    assert [message.text for message in reply.thread()] == ["Be terse.", "Hi", "Hello."]


async def test_unattached_chat_lists_neither_question_nor_reply() -> None:
    root = ChatNode.root("Be terse.")
    reply = await root.chat("Hi", MockModel(["Hello."]), attach=False)
    assert root.children == ()
    assert [message.text for message in reply.thread()] == ["Be terse.", "Hi", "Hello."]


async def test_retryable_failures_are_asked_again_and_all_attempts_are_kept() -> None:
    def failure() -> ServerError:
        return ServerError("down", retryable=True, attempts=[Attempt("mock", "m", "none", 0.0)])

    model = MockModel([failure(), failure(), "Up."])
    reply = await ChatNode.root().chat("Hi", model, back_off_time=0)
    assert reply.text == "Up."
    assert len(model.requests) == 3
    assert len(reply.attempts) == 3  # two that failed and the one that answered


async def test_every_attempt_sends_the_same_request() -> None:
    model = MockModel([ServerError("down", retryable=True), "Up."])
    await ChatNode.root().chat("Hi", model, back_off_time=0)
    assert model.requests[0] is model.requests[1]


async def test_retries_are_bounded_and_the_last_error_is_raised_bare() -> None:
    model = MockModel(lambda _: ServerError("down", retryable=True))
    with pytest.raises(ServerError):
        await ChatNode.root().chat("Hi", model, retry=2, back_off_time=0)
    assert len(model.requests) == 3


async def test_unretryable_failure_is_raised_at_once() -> None:
    model = MockModel([ServerError("no", retryable=False), "never"])
    with pytest.raises(ServerError):
        await ChatNode.root().chat("Hi", model)
    assert len(model.requests) == 1


async def test_retry_after_beyond_the_limit_fails_at_once_and_says_when() -> None:
    import time

    at = time.time() + 90
    model = MockModel([ServerError("busy", retryable=True, retry_at=at), "never"])
    with pytest.raises(ServerError) as caught:
        await ChatNode.root().chat("Hi", model, max_retry_after=10)
    assert caught.value.retry_at == at
    assert len(model.requests) == 1


async def test_empty_answer_is_asked_again_when_told_so() -> None:
    model = MockModel(["  ", "Something."])
    reply = await ChatNode.root().chat("Hi", model, crash_on_empty_response=True)
    assert reply.text == "Something."


async def test_empty_answers_all_the_way_raise_with_the_response() -> None:
    model = MockModel(lambda _: "")
    with pytest.raises(EmptyResponse) as caught:
        await ChatNode.root().chat("Hi", model, crash_on_empty_response=True, retry=1)
    assert isinstance(caught.value.response, ChatResponse)


async def test_tool_call_alone_is_no_empty_answer() -> None:
    call = Message(Role.ASSISTANT, [ToolCallPart("c1", "look", "{}")])
    reply = await ChatNode.root().chat("Hi", MockModel([call]), crash_on_empty_response=True, expect="object")
    assert reply.message.tool_calls[0].name == "look"


async def test_refusal_raises_when_told_so() -> None:
    refused = Message(Role.ASSISTANT, [RefusalPart("I would rather not.")])
    with pytest.raises(Refusal):
        await ChatNode.root().chat("Hi", MockModel(lambda _: refused), crash_on_refusal=True, retry=0)


async def test_json_is_repaired_and_what_was_said_is_kept() -> None:
    said = "Here you are:\n```json\n{'a': 1,}\n```"
    reply = await ChatNode.root().chat("Hi", MockModel([said]), expect="object")
    assert reply.text == '{"a": 1}' or reply.text == '{"a":1}'
    assert reply.output == {"a": 1}
    assert reply.response.raw_text == said
    assert reply.response.repaired is True


async def test_prose_is_not_json_and_asked_again() -> None:
    model = MockModel(["I cannot say.", '{"a": 2}'])
    reply = await ChatNode.root().chat("Hi", model, expect="object")
    assert reply.output == {"a": 2}
    assert reply.response.repaired is False


async def test_wrong_kind_of_json_raises() -> None:
    with pytest.raises(InvalidOutput):
        await ChatNode.root().chat("Hi", MockModel(["[1, 2]"]), expect="object", retry=0)


async def test_unanswered_tool_call_is_told_before_sending() -> None:
    model = MockModel(["never"])
    node = ChatNode.root().add_user("Hi").add_assistant([ToolCallPart("c1", "look", "{}")])
    with pytest.raises(UnansweredToolCalls) as caught:
        await node.chat("And?", model)
    assert caught.value.calls[0].id == "c1"
    assert model.requests == []


async def test_unknown_option_is_refused_with_a_hint() -> None:
    with pytest.raises(ConfigurationError, match="temperature"):
        await ChatNode.root().chat("Hi", MockModel(["x"]), temprature=1.0)  # type: ignore[call-overload]


def _priced(usage: Usage | None) -> ChatResponse:
    attempt = Attempt("mock", "m", "none", 0.0, usage=usage, outcome=Outcome.ACCEPTED)
    message = Message(Role.ASSISTANT, "Hello.")
    return ChatResponse("id", "m", (Choice(0, message, FinishReason.STOP, "stop"),), usage, attempts=(attempt,))


async def test_cost_is_usage_times_price() -> None:
    usage = Usage(uncached_tokens=1_000_000, output_tokens=500_000)
    price = TokenPrice(input=Decimal(2), output=Decimal(8))
    reply = await ChatNode.root().chat("Hi", MockModel([_priced(usage)]), token_price=price)
    assert reply.cost.usd == Decimal(6)


async def test_unknown_usage_is_an_unknown_cost_never_zero() -> None:
    price = TokenPrice(input=Decimal(2), output=Decimal(8))
    reply = await ChatNode.root().chat("Hi", MockModel([_priced(None)]), token_price=price)
    assert reply.cost.usd is None


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_cost_callback_is_called_once_per_completion(asynchronous: bool) -> None:
    seen: list[CostInfo] = []

    async def later(cost: CostInfo) -> None:
        await asyncio.sleep(0)
        seen.append(cost)

    callback = later if asynchronous else seen.append
    await ChatNode.root().chat(
        "Hi", MockModel([_priced(Usage(uncached_tokens=1, output_tokens=1))]), cost_callback=callback
    )
    assert len(seen) == 1


async def test_failing_cost_callback_does_not_lose_the_answer() -> None:
    def fail(_: CostInfo) -> None:
        raise RuntimeError("ledger on fire")

    reply = await ChatNode.root().chat("Hi", MockModel(["Hello."]), cost_callback=fail)
    assert reply.text == "Hello."


async def test_ledger_is_a_callback_and_adds_up() -> None:
    ledger = CostLedger()
    price = TokenPrice(input=Decimal(1), output=Decimal(1))
    usage = Usage(uncached_tokens=1_000_000, output_tokens=0)
    root = ChatNode.root()
    for _ in range(3):
        await root.chat("Hi", MockModel([_priced(usage)]), cost_callback=ledger, token_price=price)
    assert ledger.total.usd == Decimal(3)


async def test_attempts_of_a_failed_call_are_on_the_nodes_bill() -> None:
    root = ChatNode.root()
    error = ServerError("down", attempts=[Attempt("mock", "m", "none", 0.0, outcome=Outcome.FAILED)])
    with pytest.raises(ServerError):
        await root.chat("Hi", MockModel([error]))
    assert [attempt.outcome for attempt in root.attempts] == [Outcome.FAILED]


async def test_prefill_is_restored_in_front_of_the_answer() -> None:
    model = MockModel([" 10/10"])
    reply = await ChatNode.root().chat("Score?", model, force_prepend="Score:")
    assert reply.text == "Score: 10/10"
    assert model.requests[0].messages[-1] == Message(Role.ASSISTANT, "Score:")


async def test_system_prompt_stands_in_for_the_leading_system_message() -> None:
    model = MockModel(["Ok."])
    await ChatNode.root("Old.").chat("Hi", model, system_prompt="New.")
    assert [message.text for message in model.requests[0].messages] == ["New.", "Hi"]


async def test_template_of_the_root_is_filled_in_a_later_turn() -> None:
    root = ChatNode.root("You are {bot}.")
    root.format_kwargs["bot"] = "Rob"
    model = MockModel(["Ok."])
    await root.chat("Hello {bot}, I am {me}.", model, format_kwargs={"me": "Ann"})
    assert [message.text for message in model.requests[0].messages] == ["You are Rob.", "Hello Rob, I am Ann."]


async def test_unfilled_placeholder_is_refused_when_told_so() -> None:
    with pytest.raises(ConfigurationError, match="bot"):
        await ChatNode.root("You are {bot}.").chat("Hi", MockModel(["x"]), missing="error")


async def test_a_call_for_which_nothing_was_sent_cost_nothing() -> None:
    """Every exchange of a generator is known, so none is known to be none."""
    bills: list[CostInfo] = []
    transport = MockTransport([])
    gen = GeneratorInfo.openai("m", transport=transport)  # without a key
    with pytest.raises(ConfigurationError):
        await ChatNode.root().chat("Hi", gen, cost_callback=bills.append)
    assert transport.requests == []
    assert [bill.usd for bill in bills] == [0]


async def test_what_another_model_did_before_it_failed_is_unknown() -> None:
    bills: list[CostInfo] = []
    with pytest.raises(ServerError):
        await ChatNode.root().chat("Hi", MockModel([ServerError("down")]), cost_callback=bills.append)
    assert [bill.usd for bill in bills] == [None]


async def test_one_refused_request_does_not_make_the_sum_unknown() -> None:
    """A 429 is not billed, and programs meet them all day."""
    usage = {"prompt_tokens": 1_000_000, "completion_tokens": 0}
    choice = {"index": 0, "message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}
    answers = [
        MockResponse.json({"error": {"message": "slow down"}}, 429),
        MockResponse.json({"choices": [choice], "usage": usage}),
    ]
    gen = GeneratorInfo.openai("m", api_key="k-123456", price=TokenPrice(2, 8), transport=MockTransport(answers))
    reply = await ChatNode.root().chat("Hi", gen, back_off_time=0)
    assert [attempt.status for attempt in reply.attempts] == [429, 200]
    assert reply.cost.usd == Decimal(2)


async def test_cancelling_a_call_over_http_puts_its_attempt_on_the_bill() -> None:
    transport = MockTransport(MockResponse(delay=math.inf))
    gen = GeneratorInfo.openai("m", api_key="k-123456", transport=transport, timeouts=Timeouts(None, None, None))
    root = ChatNode.root()
    task = asyncio.create_task(root.chat("Hi", gen))
    while not transport.requests:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [attempt.outcome for attempt in root.attempts] == [Outcome.CANCELLED]
    assert root.cost.usd is None


async def test_the_attempts_of_a_call_are_on_its_error_and_on_the_node_once() -> None:
    transport = MockTransport(lambda _: MockResponse.json({"error": {"message": "down"}}, 500))
    gen = GeneratorInfo.openai("m", api_key="k-123456", transport=transport)
    root = ChatNode.root()
    with pytest.raises(ServerError) as caught:
        await root.chat("Hi", gen, retry=2, back_off_time=0)
    assert len(caught.value.attempts) == len(root.attempts) == 3


class _Counted(ChatNode):
    """One that counts its children, as programs' own nodes may: where it has none, it is false."""

    def __len__(self) -> int:
        return len(self.children)


async def test_a_question_that_is_false_is_asked_and_answered_all_the_same() -> None:
    model, root = MockModel(["ok"]), _Counted.root("s")
    reply = await root.chat("hello?", model)
    assert [message.text for message in model.requests[0].messages] == ["s", "hello?"]
    assert [node.text for node in reply.path()] == ["s", "hello?", "ok"]
