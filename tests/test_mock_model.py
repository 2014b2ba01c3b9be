"""The mock model: it answers from a script, in every form an answer can have."""

import pytest

from minillm import (
    ChatNode,
    ChatRequest,
    ChatResponse,
    ConfigurationError,
    FinishReason,
    Message,
    MockModel,
    ServerError,
)
from minillm.chat_model import ChatModel
from minillm.types import Choice, MessageEnd, StreamFailed, TextDelta, ToolCallPart

REQUEST = ChatRequest("m", (Message("user", "Hi"),))
WHOLE = ChatResponse("id", "m", (Choice(0, Message("assistant", "Hello."), FinishReason.STOP, "stop"),))
EVENTS = [TextDelta(0, "Hel"), TextDelta(0, "lo."), MessageEnd()]


async def streamed(model):
    async with model.stream(REQUEST) as stream:
        return await stream.collect()


def test_it_is_a_chat_model():
    assert isinstance(MockModel(), ChatModel)


@pytest.mark.parametrize(
    "answer", ["Hello.", Message("assistant", "Hello."), WHOLE, EVENTS], ids=lambda a: type(a).__name__
)
async def test_every_form_of_answer_whole_and_streamed(answer):
    assert (await MockModel([answer]).complete(REQUEST)).text == "Hello."
    assert (await streamed(MockModel([answer]))).text == "Hello."


async def test_a_text_is_one_answer_and_not_one_a_letter():
    model = MockModel("Hello.")
    assert (await model.complete(REQUEST)).text == "Hello."
    with pytest.raises(ConfigurationError, match="no reply left for request 2"):
        await model.complete(REQUEST)


async def test_answers_come_in_order_and_requests_are_kept():
    model = MockModel(["one", "two"])
    assert [(await model.complete(REQUEST)).text, (await streamed(model)).text] == ["one", "two"]
    assert model.requests == [REQUEST, REQUEST]


async def test_a_function_sees_the_request():
    model = MockModel(lambda request: f"You said {request.messages[-1].text}.")
    assert (await model.complete(REQUEST)).text == "You said Hi."


async def test_an_async_function_is_awaited():
    async def reply(request):
        return request.messages[-1].text

    assert (await streamed(MockModel(reply))).text == "Hi"


@pytest.mark.parametrize("scripted", [True, False])
async def test_an_error_is_raised_when_asked_or_opened(scripted):
    error = ServerError("down")
    model = MockModel([error, error] if scripted else lambda _: error)
    with pytest.raises(ServerError):
        await model.complete(REQUEST)
    with pytest.raises(ServerError):
        await streamed(model)


async def test_a_stream_that_fails_before_content_fails_to_open():
    model = MockModel([[StreamFailed(ServerError("down"))]])
    with pytest.raises(ServerError):
        async with model.stream(REQUEST):
            pytest.fail("it must not open")


async def test_finish_reasons_fit_the_answer():
    assert (await MockModel(["x"]).complete(REQUEST)).finish_reason is FinishReason.STOP
    call = Message("assistant", [ToolCallPart("c", "f")])
    assert (await MockModel([call]).complete(REQUEST)).finish_reason is FinishReason.TOOL_CALLS


async def test_it_drives_a_conversation():
    model = MockModel(["Paris.", ServerError("down", retryable=True), "Rome."])
    root = ChatNode.root("Be terse.")
    await root.chat("Capital of France?", model)
    reply = await root.chat("Of Italy?", model, back_off_time=0)
    assert reply.text == "Rome."
    assert [request.messages[-1].text for request in model.requests] == ["Capital of France?", "Of Italy?", "Of Italy?"]
