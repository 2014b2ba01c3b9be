"""Tools: inert definitions, and how freely they may be called."""

from minillm.types import NativeTool, ToolChoice, ToolDefinition, ToolMode


def test_hashable_with_a_schema_inside():
    """Requests are hashable by content, so what they hold is too."""
    one = ToolDefinition("f", "does", {"type": "object", "properties": {}})
    assert one == ToolDefinition("f", "does", {"type": "object", "properties": {}})
    assert hash(one) == hash(ToolDefinition("f", "does", {"type": "object", "properties": {}}))
    assert one != ToolDefinition("f", "does", {"type": "object"})
    assert hash(NativeTool("anthropic_messages", {"type": "web_search"})) is not None


def test_one_tool_must_be_called():
    assert ToolChoice.tool("f") == ToolChoice(ToolMode.REQUIRED, ("f",))


def test_a_model_chooses_itself_unless_told():
    assert ToolChoice() == ToolChoice(ToolMode.AUTO, ())
