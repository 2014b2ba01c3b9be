"""Where a chat stands: the tree, the node in hand, the model, and how a question is asked."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Self, TypeVar

from rich.console import Console
from rich.markup import escape

from ..chat import ChatNode, ChatStream, Reply
from ..errors import StreamConsumed
from ..stack import Model
from ..tree.render.figures import summary
from ..types import Role
from .answer_view import show_stream
from .screen import complain, note
from .terminal_text import printable

__all__ = ["Session"]

T = TypeVar("T")


class Session:
    """A chat at one point of its tree. Asking never loses the tree: a failed question leaves it as it was.

    Args:
        console: where answers go.
        model: who answers.
        node: where the talk goes on.
        system: stands in for the tree's own system message.
        patient: Ctrl-C cuts the answer and the chat goes on; else it ends the program.
    """

    def __init__(
        self, console: Console, model: Model, node: ChatNode, *, system: str | None = None, patient: bool
    ) -> None:
        self.console = console
        self.model = model
        self.node = node
        self.system = system
        self.patient = patient
        self.unanswered: str | None = None
        self._runner = asyncio.Runner()
        self._numbers: dict[ChatNode, int] = {}
        self._nodes: list[ChatNode] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._runner.close()

    def ask(self, text: str) -> None:
        """Put a question at the node in hand; the answer becomes the node in hand."""
        self.unanswered = text
        self._answer(lambda: self.node.stream(self.model, user=text, on_cancel="keep", system_prompt=self.system))

    def answer_again(self, question: ChatNode) -> None:
        """One more reply to a question that stands on the tree; it becomes the node in hand."""
        self._answer(lambda: question.stream(self.model, on_cancel="keep", system_prompt=self.system))

    def branch(self, question: ChatNode, count: int) -> None:
        """``count`` more replies to a question, shown as they finish; the node in hand stays."""
        self._run(self._branch(question, count))

    def question(self) -> ChatNode | None:
        """The last thing the user said on the way to the node in hand."""
        return next((node for node in reversed(self.node.path()) if node.message.role == Role.USER), None)

    def go(self, node: ChatNode) -> None:
        """Go on from another node."""
        self.node, self.unanswered = node, None

    def number(self, node: ChatNode) -> int:
        """A node's number in this chat, from 1; it stays the same however the tree grows."""
        if node not in self._numbers:
            root = self.node.get_root()
            for each in root.iter_depth_first():
                if each not in self._numbers:
                    self._nodes.append(each)
                    self._numbers[each] = len(self._nodes)
        return self._numbers[node]

    def numbered(self, number: int) -> ChatNode | None:
        """The node of this number in the tree in hand."""
        self.number(self.node)
        if not 1 <= number <= len(self._nodes):
            return None
        node = self._nodes[number - 1]
        return node if node.get_root() is self.node.get_root() else None

    def forget_numbers(self) -> None:
        """For another tree, which is numbered from 1 again."""
        self._numbers.clear()
        self._nodes.clear()

    def _answer(self, open_stream: Callable[[], ChatStream[Reply[str]]]) -> None:
        reply = self._run(self._streamed(open_stream))
        if reply is not None:
            self.go(reply)
            if self.patient:
                note(self.console, f"{summary(reply)}\n")

    async def _streamed(self, open_stream: Callable[[], ChatStream[Reply[str]]]) -> ChatNode | None:
        stream = open_stream()
        try:
            await show_stream(self.console, stream)
        except asyncio.CancelledError:
            if not self.patient:
                raise
            # Ctrl-C cancels this task and nothing else: what came of the answer is the reply.
            try:
                return stream.node
            except StreamConsumed:
                note(self.console, "stopped before the first word; nothing was kept")
                return None
        return stream.node

    async def _branch(self, question: ChatNode, count: int) -> None:
        try:
            with self.console.status(f"[dim]{count} answers at once …[/]"):
                async with question.branch(self.model, n=count, system_prompt=self.system) as replies:
                    async for reply in replies:
                        text = escape(printable(reply.text.strip()))
                        number = f"[bold]\\[{self.number(reply)}][/]"
                        self.console.print(f"{number} {text}", soft_wrap=not self.console.is_terminal)
                        note(self.console, summary(reply))
            for error in replies.errors:
                complain(error)
        except asyncio.CancelledError:
            if not self.patient:
                raise
            note(self.console, "stopped; the replies that had finished are kept")

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        # One loop for the whole chat, so that connections are used again. On Ctrl-C the runner cancels the
        # task; where the task swallows that, its result counts.
        return self._runner.run(_heeding(work))


_HEED = 0.2  # seconds


async def _heeding(work: Coroutine[Any, Any, T]) -> T:
    """``work``, with a loop that wakes up now and then.

    ``asyncio.Runner`` takes Ctrl-C by ``signal.signal`` without a wake-up descriptor: one that comes just before the
    loop begins to wait is noticed only when something else wakes it, and where a host says nothing more, nothing does.
    """
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle

    def wake() -> None:
        nonlocal timer
        timer = loop.call_later(_HEED, wake)

    timer = loop.call_later(_HEED, wake)
    try:
        return await work
    finally:
        timer.cancel()
