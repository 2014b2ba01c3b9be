"""A request: an inert value, whatever sequences it was made of."""

from minillm.types import ChatRequest, CompletionParameters, Message, Native, Role, ToolDefinition


def test_lists_become_tuples():
    request = ChatRequest("m", [Message(Role.USER, "hi")], [ToolDefinition("f")])
    assert request == ChatRequest("m", (Message(Role.USER, "hi"),), (ToolDefinition("f"),))
    assert hash(request) == hash(ChatRequest("m", (Message("user", "hi"),), (ToolDefinition("f"),)))


def test_what_a_wire_said_beside_takes_no_part_in_equality():
    assert ChatRequest("m", native=Native("w", {"a": 1})) == ChatRequest("m")
    assert ChatRequest("m", extra={"a": 1}) != ChatRequest("m")


def test_an_empty_request_says_nothing():
    assert ChatRequest(None).parameters == CompletionParameters()
    assert ChatRequest(None).include_usage is None
