"""The two ways to a server: as a child process, or at an address."""

import os
from collections.abc import Callable, Mapping
from typing import Any

from ...errors import ConfigurationError
from ...transport.egress import destination
from .limits import Limits
from .link import Link
from .server import MCPServer, OnProgress

__all__ = ["http", "stdio"]


def stdio(
    command: str | os.PathLike[str],
    *arguments: str | os.PathLike[str],
    env: Mapping[str, str] | None = None,
    cwd: str | os.PathLike[str] | None = None,
    name: str | None = None,
    prefix: str = "",
    timeout: float | None = 120.0,
    connect_timeout: float = 30.0,
    limits: Limits = Limits(),  # noqa: B008  frozen
    trust_hints: bool = True,
    on_progress: OnProgress | None = None,
    on_tools_changed: Callable[[], object] | None = None,
) -> MCPServer:
    """A server as a child process, which starts when the block is entered and ends with it.

    Args:
        command: the program; no shell reads it.
        arguments: its arguments.
        env: variables for it, beside a few harmless ones (``PATH``, ``HOME``, ``USER`` ...): it sees no others.
        cwd: the folder it starts in (default this program's).
        name: for errors (default the program's).
        prefix: before the name of each tool.
        timeout: seconds for a call; None waits for ever.
        connect_timeout: seconds until it must have started and listed its tools.
        limits: how much it may send.
        trust_hints: what it calls read-only or idempotent is marked ``idempotent``, and may be run again.
        on_progress: told how far a call is; sync or async.
        on_tools_changed: called when the server's list of tools has changed and was read anew.

    Raises:
        ConfigurationError: the ``mcp`` package is absent, or an argument is impossible.
        ConnectError: (entering) it did not start, ended, or speaks no MCP; the message holds its last words.
        TimeoutExceeded: (entering) it was not ready in time.

    Example:
        >>> async with mcp.stdio("python", "server.py", env={"TOKEN": token}) as server:
        ...     reply = await node.run(gen, tools=[*server.tools(), height_of])
    """
    words = [os.fspath(word) for word in (command, *arguments)]
    given: dict[Any, Any] = dict(env or {})
    for key, value in given.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise ConfigurationError(f"env: {key!r} and its value must be str")

    def make() -> Link:
        from .stdio_link import StdioLink

        return StdioLink(words, env=given, cwd=cwd, message_bytes=limits.message_bytes)

    return MCPServer(
        name or os.path.basename(words[0]),
        make,
        prefix=prefix,
        timeout=timeout,
        connect_timeout=connect_timeout,
        limits=limits,
        trust_hints=trust_hints,
        on_progress=on_progress,
        on_tools_changed=on_tools_changed,
    )


def http(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    name: str | None = None,
    prefix: str = "",
    timeout: float | None = 120.0,
    connect_timeout: float = 30.0,
    limits: Limits = Limits(),  # noqa: B008  frozen
    trust_hints: bool = True,
    on_progress: OnProgress | None = None,
    on_tools_changed: Callable[[], object] | None = None,
) -> MCPServer:
    """A server at an address, by streamable HTTP.

    Args:
        url: of its endpoint, such as ``https://example.org/mcp``.
        headers: sent with each request, keys among them: over plain http only to this machine.
        name: for errors (default host and port).
        prefix, timeout, connect_timeout, limits, trust_hints, on_progress, on_tools_changed: see :func:`stdio`.

    Raises:
        ConfigurationError: the ``mcp`` package is absent, the URL is none or may not be asked (see
            :func:`minillm.block_network`), or holds a password.
        ConnectError: (entering) nobody answers there, or not with MCP.
        TimeoutExceeded: (entering) it was not ready in time.
    """
    given = dict(headers or {})

    def make() -> Link:
        from .http_link import HTTPLink

        return HTTPLink(url, headers=given, message_bytes=limits.message_bytes, connect_timeout=connect_timeout)

    return MCPServer(
        name or str(destination(url)),
        make,
        prefix=prefix,
        timeout=timeout,
        connect_timeout=connect_timeout,
        limits=limits,
        trust_hints=trust_hints,
        on_progress=on_progress,
        on_tools_changed=on_tools_changed,
    )
