"""Bytes over HTTP: what the client asks of a transport. No word of language models in here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from ..types.quick import quick

__all__ = ["HTTPRequest", "HTTPResponse", "Timeouts", "Transport"]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait, in seconds; None waits without end.

    Args:
        connect: for a connection, TLS included.
        first_byte: from sending the request to the answer's headers and first body byte.
        idle: between two bytes of the body; keep-alive comments count as bytes.
    """

    connect: float | None = 10.0
    first_byte: float | None = 600.0
    idle: float | None = 120.0


@quick()
@dataclass(frozen=True, slots=True)
class HTTPRequest:
    """One request. ``max_bytes`` bounds the decompressed body of the answer."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    timeouts: Timeouts = Timeouts()
    max_bytes: int = 256 * 1024 * 1024


@runtime_checkable
class HTTPResponse(Protocol):
    """An answer whose headers have come. ``headers`` have lower-case names."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    async def read(self) -> bytes:
        """The whole (rest of the) body.

        Raises:
            StreamInterrupted: it was cut.
            TransportError: it timed out, or is larger than ``max_bytes``.
        """
        ...

    async def read_some(self) -> bytes:
        """The next bytes as they come, ``b""`` at the end. Raises as :meth:`read` does."""
        ...

    def release(self) -> None:
        """The answer is no longer wanted but may be all but over: what can be read in the background
        is, so that the connection can be used again. Waits for nothing."""
        ...

    def close(self) -> None:
        """Close the connection at once, unless the body was read to its end or the answer was released.
        Waits for nothing; may be called more than once."""
        ...


@runtime_checkable
class Transport(Protocol):
    """Sends requests."""

    async def send(self, request: HTTPRequest) -> HTTPResponse:
        """Send and wait for the headers of the answer, whatever its status.

        Raises:
            ConnectError: no connection; nothing was sent.
            TimeoutExceeded: ``connect`` or ``first_byte`` passed.
            TransportError: the connection broke before an answer.
        """
        ...
