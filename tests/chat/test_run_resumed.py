"""However a run is cut into pieces, saved and loaded, the model is asked the same and every tool runs once."""

import asyncio
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from minillm import ChatNode, Defer, MockModel, RunLimits, RunStopped, ToolCallPart, ToolDefinition, tool
from tests.chat.run_tools import calling, results, start

NAMES = ("note", "fail", "missing", "elsewhere")
TURNS = st.lists(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4), max_size=4)


def script(turns: list[list[str]]) -> list[Any]:
    asked = [
        calling(*(ToolCallPart(f"{i}.{j}", name) for j, name in enumerate(names))) for i, names in enumerate(turns)
    ]
    return [*asked, "Done."]


class Work:
    """Tools that count, and somebody who answers for those that have no function here."""

    def __init__(self) -> None:
        self.ran: Counter[str] = Counter()

        @tool
        async def note(call: ToolCallPart) -> str:
            self.ran[call.id] += 1
            await asyncio.sleep(0)
            return f"noted {call.id}"

        @tool
        async def fail(call: ToolCallPart) -> str:
            self.ran[call.id] += 1
            raise ValueError(call.id)

        self.tools = [note, fail, ToolDefinition("elsewhere")]

    async def to_the_end(self, node: ChatNode, model: MockModel, **options: Any) -> ChatNode:
        """Go on as often as it takes, each time from what the file says."""
        while True:
            try:
                return await node.run(model, tools=self.tools, **options)
            except RunStopped as stopped:
                leaf = stopped.node
                waiting = {call.id: f"answer {call.id}" for call in stopped.calls if call.name == "elsewhere"}
                if waiting:
                    leaf = leaf.add_tool_results(waiting)
                (node,) = ChatNode.from_tree_json(leaf.get_root().to_tree_json()).iter_leaves()


def said(model: MockModel) -> list[Any]:
    return [[(message.role, message.parts) for message in request.messages] for request in model.requests]


@settings(max_examples=40, deadline=None)
@given(TURNS, st.integers(1, 3), st.sets(st.integers(0, 15), max_size=6))
def test_in_pieces_it_is_the_same(turns: list[list[str]], rounds: int, deferred: set[int]) -> None:
    whole, pieces = MockModel(script(turns)), MockModel(script(turns))
    at_once, in_pieces = Work(), Work()
    asked: list[str] = []

    def approve(request: Any) -> Any:
        asked.append(request.call.id)
        return Defer() if len(asked) in deferred else True

    async def both() -> tuple[ChatNode, ChatNode]:
        first = await at_once.to_the_end(start(), whole)
        second = await in_pieces.to_the_end(start(), pieces, limits=RunLimits(rounds=rounds), approve=approve)
        return first, second

    first, second = asyncio.run(both())
    assert (first.text, second.text) == ("Done.", "Done.")
    assert said(whole) == said(pieces)
    assert sorted(results(first)) == sorted(results(second))
    assert set(in_pieces.ran.values()) <= {1}
    assert at_once.ran == in_pieces.ran
