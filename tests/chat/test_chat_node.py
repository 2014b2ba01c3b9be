"""The doors of a node to a model, and what a reply is."""

import copy
import pickle
from dataclasses import dataclass

import pytest

from minillm import (
    ChatNode,
    ChatResponse,
    CompletionParameters,
    FinishReason,
    Message,
    MockModel,
    NodeCompletionParameters,
    Reply,
    Role,
    ServerError,
    TextPart,
    ToolCallPart,
)
from minillm.types import Attempt, Choice, CostInfo, Outcome


@dataclass
class Person:
    name: str


async def test_a_reply_is_a_node_that_knows_its_answer():
    reply = await ChatNode.root().chat("Hi", MockModel(["Hello."]))
    assert isinstance(reply, Reply)
    assert isinstance(reply, ChatNode)
    assert (reply.role, reply.text, reply.output) == (Role.ASSISTANT, "Hello.", "Hello.")
    assert reply.response.finish_reason is FinishReason.STOP
    assert reply.response.message is reply.message


async def test_what_hangs_under_a_reply_is_a_plain_node():
    reply = await ChatNode.root().chat("Hi", MockModel(["Hello."]))
    child = reply.add_user("And?")
    assert type(child) is ChatNode
    assert child.response is None


async def test_a_conversation_goes_on():
    model = MockModel(["one", "two"])
    reply = await (await ChatNode.root("Be terse.").chat("First?", model)).chat("Second?", model)
    assert [message.text for message in reply.thread()] == ["Be terse.", "First?", "one", "Second?", "two"]
    assert [message.text for message in model.requests[1].messages] == ["Be terse.", "First?", "one", "Second?"]


async def test_chat_is_complete_with_the_users_words():
    for ask in (lambda root, model: root.chat("Hi", model), lambda root, model: root.complete(model, user="Hi")):
        root, model = ChatNode.root("Be terse."), MockModel(["Hello."])
        reply = await ask(root, model)
        assert [node.text for node in reply.path()] == ["Be terse.", "Hi", "Hello."]
        assert model.requests[0].messages == (Message("system", "Be terse."), Message("user", "Hi"))


async def test_the_users_words_may_be_parts():
    model = MockModel(["Hello."])
    await ChatNode.root().chat(TextPart("Hi"), model)
    await ChatNode.root().branch(MockModel(["a"]), user=["Hi", TextPart(" there")])
    assert model.requests[0].messages[-1] == Message("user", "Hi")


@pytest.mark.parametrize(
    "params",
    [CompletionParameters(temperature=0.5), NodeCompletionParameters(params=CompletionParameters(temperature=0.5))],
)
async def test_every_door_takes_parameters(params):
    model = MockModel(lambda _: "x")
    node = ChatNode.root().add_user("Hi")
    await node.complete(model, params)
    await node.chat("And?", model, params)
    await node.branch(model, params)
    async with node.stream(model, params) as stream:
        await stream.finish()
    assert node.build_request(model, params).parameters.temperature == 0.5
    assert [request.parameters.temperature for request in model.requests] == [0.5] * 4


async def test_the_output_is_what_was_asked_for():
    node = ChatNode.root().add_user("Who?")
    said = '{"name": "Ann"}'
    assert (await node.complete(MockModel([said]), output=Person)).output == Person("Ann")
    assert (await node.complete(MockModel([said]), expect="object")).output == {"name": "Ann"}
    assert (await node.branch(MockModel([said]), output=Person))[0].output == Person("Ann")
    async with node.stream(MockModel([said]), output=Person) as stream:
        assert (await stream.finish()).output == Person("Ann")
    assert (await node.complete(MockModel([said]))).output == said


async def test_what_filled_the_request_is_remembered_by_the_reply():
    """So that the next turn is asked about the same things."""
    reply = await ChatNode.root("You are {who}.").chat("Hi", MockModel(["Hello."]), format_kwargs={"who": "Rob"})
    assert reply.format_kwargs == {"who": "Rob"}
    model = MockModel(["x"])
    await reply.chat("And?", model)
    assert model.requests[0].messages[0].text == "You are Rob."


async def test_braces_in_an_answer_are_no_placeholders():
    model = MockModel(["Use {who} here.", "x"])
    reply = await ChatNode.root().chat("Hi", model, format_kwargs={"who": "Rob"})
    await reply.chat("And?", model)
    assert model.requests[1].messages[-2].text == "Use {who} here."


def test_a_plain_node_has_no_answer_and_no_bill():
    node = ChatNode.root().add_user("Hi")
    assert (node.response, node.attempts, node.cost) == (None, (), CostInfo.total([]))


async def test_the_bill_of_a_node_has_its_answer_and_its_failures():
    def failure():
        return ServerError("down", attempts=[Attempt("h", "m", "w", 0.0, outcome=Outcome.FAILED)])

    reply = await ChatNode.root().chat("Hi", MockModel(["Hello."]))
    with pytest.raises(ServerError):
        await reply.chat("And?", MockModel([failure()]))
    assert [attempt.outcome for attempt in reply.attempts] == [Outcome.ACCEPTED, Outcome.FAILED]
    assert reply.cost.usd is None


async def test_a_reply_is_pickled_and_copied_with_its_tree():
    reply = await ChatNode.root("Be terse.").chat("Hi", MockModel(["Hello."]))
    again = pickle.loads(pickle.dumps(reply))
    assert isinstance(again, Reply)
    assert [node.text for node in again.path()] == ["Be terse.", "Hi", "Hello."]
    assert again.response == reply.response
    assert again.output == "Hello."
    assert copy.deepcopy(reply).text == "Hello."


async def test_an_unattached_reply_is_pickled_too():
    node = ChatNode.root("Be terse.").add_user("Hi")
    reply = await node.complete(MockModel(["Hello."]), attach=False)
    again = pickle.loads(pickle.dumps(reply))
    assert [message.text for message in again.thread()] == ["Be terse.", "Hi", "Hello."]
    assert again.parent.children == ()


def test_a_reply_made_by_hand():
    response = ChatResponse("id", "m", (Choice(0, Message("assistant", "Hello.")),))
    reply = Reply.of(response, {"who": "Rob"})
    assert (reply.is_root, reply.text, reply.format_kwargs) == (True, "Hello.", {"who": "Rob"})


def test_a_reply_of_a_programs_own_class_keeps_what_its_init_put_on_it():
    class Dated(Reply):
        def __init__(self, message):
            super().__init__(message)
            self.metadata["day"] = "Monday"

    reply = Dated.of(ChatResponse(choices=(Choice(message=Message("assistant", "hi")),)))
    assert reply.metadata == {"day": "Monday"}
    assert reply.response.text == "hi"


def test_a_reply_without_a_response_answers_with_an_empty_one():
    """It may have been made by other means."""
    assert Reply(Message("assistant", "x")).response == ChatResponse()


async def test_a_tool_is_called_by_the_caller():
    """``tools=`` on complete never runs anything."""
    call = ToolCallPart("c1", "look", "{}")
    model = MockModel([Message("assistant", [call]), "Blue."])
    asked = await ChatNode.root().chat("What colour?", model)
    assert asked.message.tool_calls == (call,)
    reply = await asked.add_tool_results({"c1": "blue"}).complete(model)
    assert reply.text == "Blue."
    assert model.requests[1].messages[-1].tool_results[0].text == "blue"


async def test_two_loops_one_tree():
    """A second ``asyncio.run`` works on what the first has left."""
    import asyncio

    def run():
        root, model = ChatNode.root(), MockModel(["a", "b"])
        first = asyncio.run(root.chat("Hi", model))
        second = asyncio.run(first.chat("And?", model))
        return [message.text for message in second.thread()]

    assert await asyncio.to_thread(run) == ["", "Hi", "a", "And?", "b"]
