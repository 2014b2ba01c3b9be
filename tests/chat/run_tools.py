"""Tools, calls and scripts for the tests of the tool loop."""

from collections.abc import Iterator, Sequence
from typing import Any

import anyio

from minillm import ChatNode, Message, MockModel, TextPart, ToolCallPart, tool

__all__ = ["Gate", "call", "calling", "kinds", "results", "says", "start"]


def call(name: str, id: str, arguments: str = "{}", **facts: Any) -> ToolCallPart:
    return ToolCallPart(id, name, arguments, **facts)


def calling(*calls: ToolCallPart, text: str = "") -> Message:
    """A turn in which the model asks for these."""
    return Message("assistant", [*([TextPart(text)] if text else []), *calls])


def says(*answers: Any) -> MockModel:
    return MockModel(answers)


def start() -> ChatNode:
    return ChatNode.root("Be terse.").add_user("Go.")


def results(node: ChatNode) -> list[tuple[str, str, bool]]:
    """All results on the way to a node: call, content, whether it is an error."""
    return [(part.call_id, part.text, part.is_error) for each in node.path() for part in each.message.tool_results]


class Gate:
    """A tool that waits until it is let through; it notes what it did."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.cancelled: list[str] = []
        self._open: dict[str, anyio.Event] = {}
        self.tool = tool(self.wait)

    async def wait(self, call: ToolCallPart) -> str:
        """Waits."""
        self.begun.append(call.id)
        try:
            await self._gate(call.id).wait()
        except BaseException:
            self.cancelled.append(call.id)
            raise
        self.ended.append(call.id)
        return f"done {call.id}"

    def open(self, id: str) -> None:
        self._gate(id).set()

    def _gate(self, id: str) -> anyio.Event:
        return self._open.setdefault(id, anyio.Event())

    async def until_begun(self, count: int) -> None:
        while len(self.begun) < count:
            await anyio.sleep(0)


def kinds(events: Sequence[Any]) -> Iterator[str]:
    return (type(event).__name__ for event in events)
