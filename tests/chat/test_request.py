"""From a node to the request that a call on it sends."""

from dataclasses import dataclass

import pytest

from minillm import (
    CacheBreakpoint,
    ChatNode,
    CompletionParameters,
    ConfigurationError,
    GeneratorInfo,
    ImagePart,
    Message,
    MockModel,
    ResponseFormat,
    Role,
    TextPart,
    ToolCallPart,
    ToolChoice,
    ToolDefinition,
    ToolResultPart,
    UnansweredToolCalls,
)

MODEL = MockModel()


def said(node, **options):
    return [(str(message.role), message.text) for message in node.build_request(MODEL, **options).messages]


def test_the_path_is_the_conversation():
    user = ChatNode.root("Be terse.").add_user("One?")
    user.add_assistant("Another branch.")
    leaf = user.add_assistant("Yes.").add_user("Two?")
    assert said(leaf) == [("system", "Be terse."), ("user", "One?"), ("assistant", "Yes."), ("user", "Two?")]


def test_it_is_exactly_what_complete_sends():
    import asyncio

    leaf = ChatNode.root("Be {how}.").add_user("Hi")
    options = {
        "temperature": 0.5,
        "format_kwargs": {"how": "terse"},
        "tools": [ToolDefinition("f")],
        "tool_choice": "f",
    }
    model = MockModel(["x"])
    expected = leaf.build_request(model, **options)
    asyncio.run(leaf.complete(model, **options))
    assert model.requests == [expected]
    assert expected.tool_choice == ToolChoice.tool("f")
    assert expected.parameters == CompletionParameters(temperature=0.5)


def test_looking_changes_nothing():
    root = ChatNode.root("Be terse.")
    root.build_request(MODEL, system_prompt="Other.", cache=True)
    assert (root.text, root.children, root.cache_mark) == ("Be terse.", (), None)


def test_an_empty_root_sends_nothing():
    """Several hosts refuse an empty system message."""
    assert said(ChatNode.root().add_user("Hi")) == [("user", "Hi")]


def test_any_role_may_be_a_root():
    assert said(ChatNode(Message(Role.USER, "Hi"))) == [("user", "Hi")]


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        (ChatNode.root("Old."), [("system", "New."), ("user", "Hi")]),
        (ChatNode.root(), [("system", "New."), ("user", "Hi")]),
        (ChatNode(Message(Role.DEVELOPER, "Old.")), [("system", "New."), ("user", "Hi")]),
        (ChatNode(Message(Role.USER, "Old.")), [("system", "New."), ("user", "Old."), ("user", "Hi")]),
    ],
)
def test_a_system_prompt_stands_in_for_the_leading_one(root, expected):
    assert said(root.add_user("Hi"), system_prompt="New.") == expected


def test_an_empty_system_prompt_takes_the_leading_one_away():
    assert said(ChatNode.root("Old.").add_user("Hi"), system_prompt="") == [("user", "Hi")]


def test_what_the_call_says_fills_placeholders_before_any_node():
    root = ChatNode.root("You are {who}, {how}.")
    root.format_kwargs.update(who="Rob", how="terse")
    assert said(root.add_user("{who}?"), format_kwargs={"who": "Ann"}) == [
        ("system", "You are Ann, terse."),
        ("user", "Ann?"),
    ]


def test_unfilled_placeholders_stay_or_are_refused():
    node = ChatNode.root("You are {who}.").add_user('{"json": {"stays": 1}} {what}')
    assert said(node)[1] == ("user", '{"json": {"stays": 1}} {what}')
    with pytest.raises(ConfigurationError, match="nothing fills who, what"):
        node.build_request(MODEL, missing="error")


def test_n_answers_are_what_branch_is_for():
    node = ChatNode.root().add_user("Hi")
    with pytest.raises(ConfigurationError, match="branch"):
        node.build_request(MODEL, n=2)
    assert node.build_request(MODEL, n=1).parameters.n == 1


CALL, OTHER = ToolCallPart("c1", "look", "{}"), ToolCallPart("c2", "listen", "{}")


def test_a_call_without_a_result_is_told_with_its_name():
    node = ChatNode.root().add_user("Hi").add_assistant([CALL, OTHER]).add_tool_results({"c1": "seen"})
    with pytest.raises(UnansweredToolCalls, match=r"listen \(c2\)") as caught:
        node.build_request(MODEL)
    assert caught.value.calls == (OTHER,)


def test_answered_calls_are_fine():
    node = ChatNode.root().add_user("Hi").add_assistant([CALL, OTHER]).add_tool_results({"c1": "seen", "c2": "heard"})
    assert len(node.build_request(MODEL).messages) == 4


def test_results_may_come_with_the_users_words():
    node = ChatNode.root().add_user("Hi").add_assistant([CALL]).add_user([ToolResultPart("c1", content="seen"), "And?"])
    assert node.build_request(MODEL)


def test_neighbours_of_one_role_are_joined_when_told_so():
    node = (
        ChatNode.root("A.")
        .add_system("B.")
        .add_user("One.")
        .add_user(["Two.", ImagePart(data="AA==")])
        .add_user("Three.")
    )
    assert len(node.build_request(MODEL).messages) == 5
    messages = node.build_request(MODEL, merge_contiguous=True).messages
    assert messages[0] == Message(Role.SYSTEM, "A.\nB.")
    assert messages[1].parts == (TextPart("One."), TextPart("Two."), ImagePart(data="AA=="), TextPart("Three."))


def test_what_calls_or_answers_tools_is_never_joined():
    node = ChatNode.root().add_assistant("Let me see.").add_assistant([CALL]).add_tool_results({"c1": "seen"})
    assert len(node.build_request(MODEL, merge_contiguous=True).messages) == 3


def test_a_mark_at_the_end_for_the_hosts_cache():
    request = ChatNode.root("A.").add_user("Hi").build_request(MODEL, cache=True)
    assert request.messages[-1].parts[-1].cache == CacheBreakpoint()
    assert request.messages[0] == Message(Role.SYSTEM, "A.")


def test_the_mark_at_the_end_may_say_for_how_long():
    """Beside the marks of nodes, one of which may stand there already."""
    user = ChatNode.root("A.").cache_breakpoint("1h").add_user("Hi")
    request = user.build_request(MODEL, cache="1h")
    assert [message.parts[-1].cache for message in request.messages] == [CacheBreakpoint("1h")] * 2
    user.cache_breakpoint("30m")
    assert user.build_request(MODEL, cache=True).messages[-1].parts[-1].cache == CacheBreakpoint("30m")
    assert user.build_request(MODEL, cache="5m").messages[-1].parts[-1].cache == CacheBreakpoint("5m")


@pytest.mark.parametrize("cache", ["", "long", 5, None, 1.0])
def test_a_lifetime_that_is_none_is_refused(cache):
    """Before anything is sent."""
    with pytest.raises(ConfigurationError, match="cache must be"):
        ChatNode.root("A.").build_request(MODEL, cache=cache)


def test_marks_of_nodes_travel():
    root = ChatNode.root("A.").cache_breakpoint("1h")
    assert root.add_user("Hi").build_request(MODEL).messages[0].parts[0].cache == CacheBreakpoint("1h")


@dataclass
class Person:
    name: str


async def test_a_type_asks_for_its_schema():
    model = MockModel(['{"name": "Ann"}'])
    await ChatNode.root().chat("Who?", model, output=Person)
    sent = model.requests[0].parameters.response_format
    assert (sent.kind, sent.name) == ("json_schema", "Person")
    assert sent.schema["required"] == ["name"]


def test_what_is_asked_for_can_be_looked_at():
    sent = ChatNode.root().add_user("Which?").build_request(MODEL, output=list[int]).parameters.response_format
    assert sent.schema["properties"] == {"answer": {"type": "array", "items": {"type": "integer"}}}
    assert (sent.name, sent.strict) == ("answer", True)


async def test_a_schema_is_sent_as_it_is():
    schema = {"type": "object", "properties": {"name": {"type": "string"}}}
    model = MockModel(['{"name": "Ann"}'])
    reply = await ChatNode.root().chat("Who?", model, output=schema)
    assert model.requests[0].parameters.response_format.schema == schema
    assert reply.output == {"name": "Ann"}


@pytest.mark.parametrize("wish", [None, ResponseFormat("json"), ResponseFormat("text")])
async def test_who_says_another_format_gets_that(wish):
    """None: deliberately none, for a host that knows no schemas."""
    model = MockModel(['{"name": "Ann"}'])
    await ChatNode.root().chat("Who?", model, output=Person, response_format=wish)
    assert model.requests[0].parameters.response_format == wish


async def test_expecting_json_asks_the_host_for_nothing():
    """OpenAI refuses JSON mode unless the prompt says the word, and unset means unset."""
    model = MockModel(['{"name": "Ann"}'])
    await ChatNode.root().chat("Who?", model, expect="object")
    assert model.requests[0].parameters == CompletionParameters()


def test_the_generators_model_is_named():
    assert ChatNode.root().add_user("Hi").build_request(GeneratorInfo.openai("gpt")).model == "gpt"
    assert ChatNode.root().add_user("Hi").build_request(MODEL).model is None


@pytest.mark.parametrize(("track", "asked"), [(None, True), (True, True), (False, None)])
def test_usage_is_asked_for_unless_told_otherwise(track, asked):
    assert ChatNode.root().add_user("Hi").build_request(MODEL, track_cost=track).include_usage is asked
