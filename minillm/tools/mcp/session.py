"""The SDK's session over a link: what is asked of a server, and what its errors mean here."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Any, Self

import anyio
from mcp import Client, MCPError, types
from mcp.client.subscriptions import ListenNotSupportedError, SubscriptionLost

from ...errors import ToolError, ToolServerGone
from ...types import ToolCallPart, ToolResultPart
from .content import content_of
from .http_link import GONE
from .limits import Limits, one_line
from .link import Link
from .remote import Offer, read_offers

__all__ = ["Session"]

_IDEMPOTENCY_KEY = "minillm/idempotencyKey"
_PAGES = 100


class Session:
    """A connection that is open. Entered and left in one task; what it asks may be asked from any."""

    def __init__(self, link: Link, limits: Limits) -> None:
        self._link = link
        self._limits = limits
        self._stack = AsyncExitStack()
        #: The server has said that its tools are others now.
        self.changed = False
        self.on_change: Callable[[], None] = lambda: None
        self._client = Client(
            link.connect(),
            client_info=types.Implementation(name="minillm", version=_version()),
            message_handler=self._heard,
            cache=None,  # what is asked for is asked of the server
        )

    @property
    def instructions(self) -> str | None:
        """The server's own words on its use."""
        return self._client.instructions

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._client)
            group = await stack.enter_async_context(anyio.create_task_group())
            stack.callback(group.cancel_scope.cancel)
            told = self._client.server_capabilities.tools
            if told is not None and told.list_changed:
                group.start_soon(self._watch)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, traceback)

    async def _watch(self) -> None:
        """Newer servers say what changes only to whom asked for it; older ones just say it (:meth:`_heard`)."""
        try:
            async with self._client.listen(tools_list_changed=True) as events:
                async for _ in events:
                    self._note_change()
        except (ListenNotSupportedError, SubscriptionLost, MCPError, TimeoutError):
            return  # the tools stand as they were listed; refresh() asks

    async def _heard(self, message: Any) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            self._note_change()

    def _note_change(self) -> None:
        self.changed = True
        self.on_change()

    async def list_tools(self) -> tuple[dict[str, Offer], dict[str, str]]:
        """What the server offers, page by page; see :func:`read_offers`."""
        if self._client.server_capabilities.tools is None:
            return {}, {}
        listed: list[types.Tool] = []
        cursor: str | None = None
        for _ in range(_PAGES):
            try:
                page = await self._client.list_tools(cursor=cursor)
            except Exception as error:
                raise self._meant(error) from None
            listed += page.tools
            cursor = page.next_cursor
            if not cursor or len(listed) > self._limits.tools:
                break
        return read_offers(listed, self._limits)

    async def call(
        self, name: str, arguments: dict[str, Any], call: ToolCallPart | None, report: Any
    ) -> ToolResultPart:
        """Run a tool; see :meth:`MCPServer.call`."""
        meta: Any = {_IDEMPOTENCY_KEY: call.id} if call is not None and call.id else None
        request = types.CallToolRequest(
            params=types.CallToolRequestParams(name=name, arguments=arguments, _meta=meta),
        )
        try:
            # Not call_tool(): it also holds results to the server's own schema, whose patterns may take for ever.
            result = await self._client.session.send_request(request, types.CallToolResult, progress_callback=report)
        except Exception as error:
            raise self._meant(error) from None  # pydantic's errors show the answer
        if result.result_type not in (None, "complete"):
            raise ToolError(
                f"it asks for more than a call ({one_line(str(result.result_type), 60)}), which is not supported"
            )
        return ToolResultPart("", name, content_of(result, self._limits), is_error=result.is_error)

    def _meant(self, error: Exception) -> ToolError:
        """The error in our words; what the server says is cut, and cannot steer a terminal."""
        closed = isinstance(error, anyio.ClosedResourceError | anyio.BrokenResourceError)
        if closed or self._link.ended:
            return ToolServerGone("has ended")
        if isinstance(error, MCPError):
            if error.code == GONE or error.message in _CLOSED:
                return ToolServerGone(one_line(f"cannot be reached: {error.message}"))
            return ToolError(one_line(error.message, 2000) or f"error {error.code}")
        faults: Any = getattr(error, "errors", None)
        if isinstance(error, ValueError) and faults is not None:  # pydantic's, which would show the answer
            place = faults(include_input=False, include_context=False, include_url=False)[0]
            return ToolError(
                one_line(f"not what the protocol says: {'.'.join(map(str, place['loc']))}: {place['msg']}")
            )
        return ToolError(one_line(f"{type(error).__name__}: {error}"))


# The SDK's own words for a connection that ended under a request.
_CLOSED = ("Connection closed", "Session terminated", "SSE stream ended without a response")


def _version() -> str:
    try:
        return version("minillm-tree")
    except PackageNotFoundError:  # run from a checkout
        return "0"
