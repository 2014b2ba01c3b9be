"""A connection to an MCP server, and its tools."""

import asyncio
import importlib.util
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar

from ...errors import ConfigurationError, ConnectError, MiniLLMError, TimeoutExceeded, ToolError, ToolServerGone
from ...types import ToolCallPart, ToolResultPart
from .limits import Limits, one_line, shortened
from .link import Link

if TYPE_CHECKING:
    from .remote import MCPTool, Offer
    from .session import Session

__all__ = ["MCPServer", "OnProgress", "Progress"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a call is.

    Args:
        tool: its name at the server.
        call: what the model asked for; None where the tool was called directly.
        progress: grows from call to call; ``total`` is what it grows to, where the server knows.
        message: the server's words.
    """

    tool: str
    call: ToolCallPart | None
    progress: float
    total: float | None = None
    message: str | None = None


T = TypeVar("T")

#: Told how far a call is.
OnProgress: TypeAlias = Callable[[Progress], None | Awaitable[None]]


class MCPServer:
    """A server's tools, for as long as its block is open. Made by :func:`minillm.tools.mcp.stdio` and ``http``.

    The connection lives in a task of its own: the block may be entered in one task, its tools called in others and
    the block left in a third. It belongs to one event loop, and is opened once.
    """

    def __init__(
        self,
        name: str,
        make_link: Callable[[], Link],
        *,
        prefix: str,
        timeout: float | None,
        connect_timeout: float,
        limits: Limits,
        trust_hints: bool,
        on_progress: OnProgress | None,
        on_tools_changed: Callable[[], object] | None,
    ) -> None:
        _check_seconds("connect_timeout", connect_timeout)
        if timeout is not None:
            _check_seconds("timeout", timeout)
        if importlib.util.find_spec("mcp") is None:
            raise ConfigurationError('MCP servers need the package mcp: pip install "minillm-tree[mcp]"')
        self.name = name
        self._link = make_link()
        self._link.on_end = self._wake_up
        self._prefix = prefix
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._limits = limits
        self._trust_hints = trust_hints
        self._on_progress = on_progress
        self._on_tools_changed = on_tools_changed
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._session: Session | None = None
        self._wake: asyncio.Event | None = None
        self._left = False
        self._gone: str | None = None
        self._calls: set[asyncio.Task[Any]] = set()
        self._offers: Mapping[str, Offer] = {}
        #: Tools that were listed and are not offered, by name, with the reason.
        self.left_out: Mapping[str, str] = {}
        #: What the server says of its use, for a system prompt; None where it says nothing.
        self.instructions: str | None = None

    def __repr__(self) -> str:
        state = "open" if self._session is not None else "closed" if self._task is not None else "not opened yet"
        return f"<MCPServer {self.name!r}: {len(self._offers)} tools, {state}>"

    @property
    def pid(self) -> int | None:
        """The child process while it runs; None for a server at an address."""
        return self._link.pid

    @property
    def stderr(self) -> str:
        """The last 200 lines that the child wrote to stderr (and those on stdout that were no messages).

        The values that were given as ``env`` are starred out. Nothing of it is ever told to the model.
        """
        return self._link.stderr

    async def __aenter__(self) -> Self:
        if self._task is not None:
            raise ConfigurationError(f"the connection to {self.name!r} was opened before; make a new one")
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        ready: asyncio.Future[None] = self._loop.create_future()
        ready.add_done_callback(_looked_at)
        self._task = asyncio.create_task(self._run(ready), name=f"minillm MCP {self.name}")
        try:
            await asyncio.wait({ready}, timeout=self._connect_timeout)
            if not ready.done():
                raise TimeoutExceeded(
                    self._told(f"the MCP server {self.name!r} was not ready after {self._connect_timeout:g} s")
                )
            ready.result()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._close()

    async def aclose(self) -> None:
        """End the connection and the child, as leaving the block does."""
        if self._task is not None:
            await self._close()

    async def _close(self) -> None:
        import anyio

        assert self._task is not None
        self._left = True
        self._wake_up()
        with anyio.CancelScope(shield=True):
            if self._session is not None:  # else it is still connecting, or has ended
                await asyncio.wait({self._task}, timeout=self._link.grace)
            self._task.cancel()
            await asyncio.wait({self._task, *self._calls})

    def _wake_up(self) -> None:
        if self._wake is not None:
            self._wake.set()

    async def _run(self, ready: asyncio.Future[None]) -> None:
        """All of the connection's life in one task: its cancel scopes must be left where they were entered."""
        from .session import Session

        try:
            async with Session(self._link, self._limits) as session:
                session.on_change = self._wake_up
                self._offers, self.left_out = await session.list_tools()
                self.instructions = session.instructions and shortened(session.instructions, self._limits.text)
                self._session = session
                ready.set_result(None)
                await self._stay(session)
        except asyncio.CancelledError:
            if not self._left:
                raise
        except BaseException as error:
            reason = _first(error)
            failure = await self._connecting_failed(reason)
            self._gone = failure.message
            if not ready.done():
                ready.set_exception(failure)
            elif not isinstance(reason, Exception):
                raise
        finally:
            self._session = None
            ready.cancel()

    async def _stay(self, session: "Session") -> None:
        """Until the block is left or the server ends; in between, list the tools anew when they change."""
        import anyio

        assert self._wake is not None
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._left:
                return
            if self._link.ended:
                self._gone = await self._link.epitaph()
                return
            if session.changed:
                session.changed = False
                with anyio.move_on_after(self._connect_timeout), suppress(MiniLLMError):
                    await self._list(session)  # else the old list stands: what is wrong shows with the next call

    async def _list(self, session: "Session") -> None:
        self._offers, self.left_out = await session.list_tools()
        if self._on_tools_changed is None:
            return
        try:
            self._on_tools_changed()
        except Exception:  # the user's own, and no reason to end the connection
            logging.getLogger("minillm").exception("on_tools_changed of the MCP server %s failed", self.name)

    async def _connecting_failed(self, reason: BaseException) -> MiniLLMError:
        if isinstance(reason, ConfigurationError | ConnectError | TimeoutExceeded):
            return reason
        if self._link.ended:
            return ConnectError(self._told(f"the MCP server {self.name!r} {await self._link.epitaph()}"))
        said = one_line(str(reason)) or type(reason).__name__
        error = ConnectError(self._told(f"no connection to the MCP server {self.name!r}: {said}"))
        error.__cause__ = reason
        return error

    def _told(self, message: str) -> str:
        """The message with what the server wrote last; for people, never for the model."""
        return "\n    ".join((message, *self._link.stderr.splitlines()[-12:]))

    def tools(self, prefix: str | None = None) -> list["MCPTool"]:
        """The server's tools, for ``tools=`` and :func:`execute_calls`; as last listed, since a server may change them.

        Names become such as hosts take: other characters than letters, digits, ``_`` and ``-`` are ``_``, and a name
        that is too long, or would be another's, ends in a mark. Descriptions and schemas are the server's.

        Args:
            prefix: before each name, against clashes (default the connection's).

        Raises:
            ConfigurationError: the block has not been entered, or the prefix has impossible characters.
        """
        if self._task is None:
            raise ConfigurationError(f"the connection to {self.name!r} is not open: async with ... as server")
        from .remote import made_tools

        chosen = self._prefix if prefix is None else prefix
        return made_tools(self._offers.values(), chosen, self._trust_hints, self.call)

    async def refresh(self) -> None:
        """Ask for the list of tools now. A server that says when it changes is asked by itself.

        Raises:
            ToolServerGone: it has ended.
            ToolError: it did not say.
        """
        await self._asked(self._list(self._usable()), self._connect_timeout, "the list of its tools")

    async def call(
        self, name: str, arguments: Mapping[str, Any] | None = None, call: ToolCallPart | None = None
    ) -> ToolResultPart:
        """Run a tool of the server. Cancelling tells the server, and returns at once.

        Args:
            name: its name at the server.
            arguments: what it takes.
            call: what the model asked for; its id goes along as ``minillm/idempotencyKey`` in ``_meta``.

        Returns:
            The result, with ``is_error`` where the server says that the tool failed.

        Raises:
            ToolServerGone: the server has ended, or ends while it works, or cannot be reached.
            TimeoutExceeded: there is no result after ``timeout`` seconds.
            ToolError: the server refused the call.
        """
        session = self._usable()
        work = session.call(name, dict(arguments or {}), call, self._reporter(name, call))
        return await self._asked(work, self._timeout, f"the tool {one_line(name, 100)!r}")

    def _usable(self) -> "Session":
        if self._session is None:
            if self._left or self._task is None:
                raise ToolServerGone(f"the connection to the MCP server {self.name!r} is not open")
            raise self._is_gone(self._gone)
        if asyncio.get_running_loop() is not self._loop:
            raise ConfigurationError(f"the connection to {self.name!r} belongs to another event loop")
        return self._session

    def _reporter(self, name: str, call: ToolCallPart | None) -> Callable[..., Awaitable[None]] | None:
        tell = self._on_progress
        if tell is None:
            return None

        async def report(progress: float, total: float | None, message: str | None) -> None:
            told = tell(Progress(name, call, progress, total, message and one_line(message)))
            if told is not None:
                await told

        return report

    async def _asked(self, work: Coroutine[Any, Any, T], timeout: float | None, what: str) -> T:  # noqa: ASYNC109
        """In a task of its own: whoever waits can leave at once, while the server is still being told."""
        task = asyncio.create_task(work)
        self._calls.add(task)
        task.add_done_callback(self._forget)
        try:
            await asyncio.wait({task}, timeout=timeout)
        finally:
            finished = task.done()
            task.cancel()
        if not finished:
            raise TimeoutExceeded(f"the MCP server {self.name!r} was asked for {what} and gave none in {timeout:g} s")
        if task.cancelled():
            raise ToolServerGone(f"the connection to the MCP server {self.name!r} was closed meanwhile")
        try:
            return task.result()
        except ToolServerGone as error:
            if self._left:
                raise ToolServerGone(f"the connection to the MCP server {self.name!r} was closed meanwhile") from None
            raise self._is_gone(await self._link.epitaph() if self._link.ended else error.message) from None
        except ToolError as error:
            raise ToolError(f"the MCP server {self.name!r} says: {error.message}") from error.__cause__

    def _is_gone(self, how: str | None) -> ToolServerGone:
        error = ToolServerGone(f"the MCP server {self.name!r} {how or 'has ended'}")
        if self._link.stderr:
            error.add_note(self._told("it wrote last:"))  # in tracebacks, and not in what the model is told
        return error

    def _forget(self, task: "asyncio.Task[Any]") -> None:
        self._calls.discard(task)
        _looked_at(task)


def _looked_at(future: "asyncio.Future[Any]") -> None:
    """Whoever waited for it may have left: then nobody is to be warned of its exception."""
    if not future.cancelled():
        future.exception()


def _check_seconds(name: str, value: Any) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
        raise ConfigurationError(f"{name} must be a number of seconds above 0, not {value!r}")


def _first(error: BaseException) -> BaseException:
    """What is inside of groups of exceptions: task groups wrap all that they raise."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
