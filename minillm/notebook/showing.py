"""A call shown while it runs."""

from collections.abc import Generator
from time import perf_counter
from types import TracebackType
from typing import Any, Generic, TypeVar, overload

from ..chat import Branch, ChatStream, Run
from ..chat.branch import BranchRun
from ..tree import Node
from .fragment import Fragment
from .front_end import Update, begin_display
from .watching import watched

__all__ = ["Shown", "show"]

R = TypeVar("R", bound=Node)
N = TypeVar("N", bound=Node)
Result = TypeVar("Result")
Handle = TypeVar("Handle")

_INTERVAL = 0.12  # seconds between two pictures: fluent enough to read along
_SHARE = 9  # of the time, one part in ten at most is spent on pictures


@overload
def show(running: BranchRun[R]) -> "Shown[Branch[R], BranchRun[R]]": ...
@overload
def show(running: ChatStream[R]) -> "Shown[R, ChatStream[R]]": ...
@overload
def show(running: Run[R, N]) -> "Shown[R, Run[R, N]]": ...
def show(running: Any) -> "Shown[Any, Any]":
    """Run a branch, a stream or a tool run, and show what comes as it comes: answers side by side, rounds with calls.

    Await it for what the call gives, or use it as ``async with`` in place of the call itself. In a notebook the cell
    shows a column for each answer, or a section for each round of a run with its calls and what became of them, drawn
    anew a few times a second, and at the end what it has cost; what is saved with the notebook is that last picture.
    Elsewhere nothing is shown, and the call is as it would be alone.

    Raises:
        TypeError: it is none of these.
        MiniLLMError: the call failed.

    Example:
        >>> replies = await notebook.show(node.branch(gen, n=8, temperature=1))
        >>> reply = await notebook.show(node.run(gen, tools=[search]))
        >>> async with notebook.show(node.stream(gen)) as stream:
        ...     async for chunk in stream:
        ...         ...
    """
    return Shown(running)


class Shown(Generic[Result, Handle]):
    """What :func:`show` gives. ``picture()`` is what it looks like now, in a notebook or not."""

    def __init__(self, running: Any) -> None:
        self._call = watched(running)
        self._update: Update | None = None
        self._timer: Any = None
        self._drawn = ""
        self._ended = False

    def __await__(self) -> Generator[Any, None, Result]:
        return self._all().__await__()

    async def _all(self) -> Result:
        async with self:
            result: Result = await self._call.result()
        return result

    async def __aenter__(self) -> Handle:
        from asyncio import get_running_loop

        self._loop = get_running_loop()
        self._update = begin_display(self._draw())
        self._tick()
        try:
            handle: Handle = await self._call.enter()
        except BaseException:
            self._end()
            raise
        return handle

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self._call.leave(kind, error, traceback)
        finally:
            self._end()

    def picture(self) -> Fragment:
        """What there is to be seen now."""
        return self._call.picture(ended=self._ended)

    def _draw(self) -> Fragment:
        picture = self.picture()
        self._drawn = picture.html
        return picture

    def _tick(self) -> None:
        """Draw what has changed, and come again. A timer and no task: nothing has to be waited for at the end."""
        if self._update is None or self._ended:
            return
        began = perf_counter()
        before = self._drawn
        picture = self._draw()
        if picture.html != before:
            self._update(picture)
        spent = perf_counter() - began
        self._timer = self._loop.call_later(max(_INTERVAL, _SHARE * spent), self._tick)

    def _end(self) -> None:
        self._ended = True
        if self._timer is not None:
            self._timer.cancel()
        if self._update is not None:
            self._update(self._draw())
