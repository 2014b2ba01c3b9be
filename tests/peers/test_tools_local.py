"""A typed function called by the real local model: its arguments seen as they stream, run, and answered.

Nothing here looks at what the model says, only that what it asked for fits the function and reaches it.
"""

from typing import Any, Literal

import pytest

from minillm import ChatNode, GeneratorInfo, execute_calls, tool
from minillm.json import FieldDelta, FieldDone
from minillm.tools import stream_arguments
from tests.local.conftest import demand_model

pytestmark = [pytest.mark.local, pytest.mark.asyncio(loop_scope="module")]


@pytest.mark.parametrize("wire", ["openai_chat_completions", "anthropic_messages"])
async def test_a_function_is_called_and_answered(wire: str) -> None:
    demand_model()
    gen, asked = GeneratorInfo.local(wire=wire), []

    @tool
    def height_of(tower: Literal["North", "South"]) -> dict[str, Any]:
        """The height of a lighthouse in metres.

        Args:
            tower: which one
        """
        asked.append(tower)
        return {"metres": 31}

    node = ChatNode.root("You are a helpful assistant.").add_user("How high is the North lighthouse?")
    seen: dict[str, Any] = {}
    deltas: dict[str, str] = {}
    one: dict[str, Any] = {"tool_choice": "required", "parallel_tool_calls": False, "temperature": 0.0}
    async with node.stream(gen, tools=[height_of], max_tokens=300, **one) as stream:
        async for call, field in stream_arguments(stream.events()):
            if isinstance(field, FieldDelta) and field.path == ("tower",):
                deltas[call.id] = deltas.get(call.id, "") + field.delta
            elif isinstance(field, FieldDone) and field.path == ():
                seen[call.id] = field.value
    calls = stream.node.message.tool_calls
    assert calls
    assert asked == []  # nothing runs by itself
    assert seen == {call.id: call.parse_arguments() for call in calls}
    assert deltas == {call.id: call.parse_arguments()["tower"] for call in calls}
    results = await execute_calls(calls, [height_of])
    assert (results.errors, results.repaired) == ((), ())
    assert sorted(asked) == sorted(deltas.values())
    reply = await stream.node.add_tool_results(results).complete(gen, tools=[height_of], max_tokens=40)
    assert reply.text or reply.message.tool_calls
