"""node.estimate and node.count_tokens: the very request that complete would send."""

import json
from decimal import Decimal

import pytest

from minillm import (
    ChatNode,
    CompletionParameters,
    ConfigurationError,
    GeneratorInfo,
    MockModel,
    MockTransport,
    TokenPrice,
    UnansweredToolCalls,
    tool,
)
from minillm.chat.estimating import sent_request
from minillm.cost import Calibration, default_calibration, use_price_table
from minillm.policies.options import CallOptions, Transform
from minillm.types import ChatRequest, Message, ToolCallPart, Usage

PRICE = TokenPrice(2, 8)
GEN = GeneratorInfo.openai("gpt-4o", api_key="k-123456", price=PRICE)


def likely(node, gen=GEN, **call):
    return node.estimate(gen, calibration=Calibration(), **call).input.likely


@pytest.fixture
def root():
    return ChatNode.root("You are terse.")


def test_everything_that_would_be_sent_is_counted(root):
    """The path, the question, tools, placeholders, another system prompt, a started answer, a schema."""

    @tool
    def weather(city: str, unit: str) -> str:
        """The weather in a city, in words."""
        return f"{city} {unit}"

    user = root.add_user("Capital of {country}? " * 10)
    bare = likely(user)
    assert bare > likely(root)
    assert likely(root, user="Capital of {country}? " * 10) == bare
    assert likely(user, format_kwargs={"country": "the United Kingdom of Great Britain"}) > bare + 30
    assert likely(user, tools=[weather]) > bare + 30
    assert likely(user, system_prompt="word " * 100) > bare + 80
    assert likely(user, output={"type": "object", "properties": {"capital": {"type": "string"}}}) > bare + 10
    mistral = GeneratorInfo.mistral("mistral-large-latest")
    assert likely(user, mistral, force_prepend="word " * 100) > likely(user, mistral) + 80


def test_nothing_is_sent_and_the_tree_stays_as_it_was(root):
    transport = MockTransport([])
    gen = GEN.replace(transport=transport)
    root.estimate(gen, user="Hi")
    assert (transport.requests, root.children, root.attempts) == ([], (), ())


def test_a_price_for_the_call_comes_before_the_generators_and_that_before_tables(root):
    use_price_table({"openai": {"gpt-4o": {"input": 100, "output": 100}}})
    usd = [
        root.estimate(GEN, user="Hi", max_tokens=5, token_price=TokenPrice(0, 0)).usd.upper,
        root.estimate(GEN, user="Hi", max_tokens=5).usd.upper,
        root.estimate(GEN.replace(price=None), user="Hi", max_tokens=5).usd.upper,
    ]
    assert usd[0] == 0 < usd[1] < Decimal("0.001") < usd[2]


def test_parameters_come_as_for_complete(root):
    assert root.estimate(GEN, CompletionParameters(max_tokens=7), user="Hi").output.upper == 7
    assert root.estimate(GEN.replace(defaults=CompletionParameters(max_tokens=9)), user="Hi").output.upper == 9
    with pytest.raises(ConfigurationError, match="did you mean 'max_tokens'"):
        root.estimate(GEN, max_token=3)


def test_what_complete_would_refuse_is_refused(root):
    call = root.add_user("Hi").add_child(ChatNode(Message("assistant", (ToolCallPart("c", "f", "{}"),))))
    with pytest.raises(UnansweredToolCalls):
        call.estimate(GEN)
    with pytest.raises(ConfigurationError, match="cannot continue"):
        root.estimate(GEN, user="Hi", force_prepend="{")


def test_any_model_can_be_estimated(root):
    estimate = root.estimate(MockModel(["x"]), user="Hi", token_price=PRICE, max_tokens=10)
    assert estimate.input.upper > 5
    assert estimate.usd.upper > 0


def test_transforms_are_part_of_it():
    longer = Transform(request=lambda request: ChatRequest("m", (*request.messages, *request.messages)))
    request = ChatRequest("m", (Message("user", "Hi"),))
    assert len(sent_request(request, GEN, CallOptions(transforms=(longer,))).messages) == 2
    assert sent_request(request, GEN, CallOptions()) == request


async def test_every_reply_teaches(root, monkeypatch):
    """What a host counted makes the next estimate better, without anybody asking for it."""
    from minillm.cost import calibration

    monkeypatch.setattr(calibration, "_default", Calibration())
    choice = {"index": 0, "message": {"role": "assistant", "content": "x"}, "finish_reason": "stop"}
    body = {"choices": [choice], "usage": {"prompt_tokens": 4000, "completion_tokens": 3}}
    gen = GEN.replace(transport=MockTransport.json(body), model="some-model")
    text = "word " * 1000
    before = root.estimate(gen, user=text).input.likely
    for _ in range(8):
        await root.chat(text, gen, attach=False)
    after = root.estimate(gen, user=text)
    assert before < 1500 < 3000 < after.input.likely
    assert after.output.likely == 3
    assert len(default_calibration()) == 2


async def test_the_host_counts_the_same_request(root):
    transport = MockTransport.json({"input_tokens": 42})
    gen = GeneratorInfo.anthropic("claude-x", api_key="k-123456", transport=transport)
    assert await root.count_tokens(gen, user="Hi") == 42
    (sent,) = transport.requests
    assert json.loads(sent.body)["messages"][-1]["content"] == "Hi"


async def test_what_is_no_host_does_not_count(root):
    with pytest.raises(ConfigurationError, match="MockModel is none"):
        await root.count_tokens(MockModel(["x"]), user="Hi")


def test_without_a_question_the_path_is_estimated(root):
    calibration = Calibration()
    calibration.learn(ChatRequest("m"), Usage(3, output_tokens=1), host="h", model="m")
    assert root.estimate(GEN, calibration=calibration).input.likely > 0
