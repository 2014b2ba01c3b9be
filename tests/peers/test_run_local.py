"""One tool, one round, on the real local model, through our own template for tools.

Nothing here looks at what the model says, only at what the loop made of it.
"""

from typing import Literal

import pytest

from minillm import ChatNode, GeneratorInfo, RunLimits
from minillm.chat import CallFinished, CallStarted, RunEnded, StopReason
from tests.local.conftest import demand_model

pytestmark = [pytest.mark.local, pytest.mark.asyncio(loop_scope="module")]


@pytest.mark.parametrize("wire", ["openai_chat_completions", "anthropic_messages"])
async def test_one_tool_one_round(wire: str) -> None:
    demand_model()
    asked: list[str] = []

    def height_of(tower: Literal["North", "South"]) -> str:
        """The height of a lighthouse in metres.

        Args:
            tower: which one
        """
        asked.append(tower)
        return "31 m"

    gen = GeneratorInfo.local(wire=wire)
    node = ChatNode.root("You are a helpful assistant.").add_user("How high is the North lighthouse?")
    events = []
    async with node.run(
        gen,
        tools=[height_of],
        tool_choice="required",
        parallel_tool_calls=False,
        temperature=0.0,
        max_tokens=300,
        limits=RunLimits(rounds=1),
    ) as run:
        async for event in run:
            events.append(event)
    (turn,) = run.replies
    calls = turn.message.tool_calls
    assert calls
    assert asked == [call.parse_arguments()["tower"] for call in calls]
    assert [event.call for event in events if isinstance(event, CallStarted)] == list(calls)
    assert [event.result.content for event in events if isinstance(event, CallFinished)] == ["31 m"] * len(calls)
    assert events[-1] == RunEnded(StopReason.ROUNDS, run.node)
    assert [each.role for each in run.node.path()] == ["system", "user", "assistant", *["tool"] * len(calls)]

    reply = await run.node.complete(gen, tools=[height_of], max_tokens=20)  # the host takes it back as it was
    assert reply.response.usage is not None
