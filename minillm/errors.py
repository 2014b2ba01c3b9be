"""Every error minillm raises.

    MiniLLMError                     retryable, retry_at, attempts, partial: of each instance
    ├─ ConfigurationError            a setting, name or key is wrong; nothing was sent
    ├─ APIError                      the host answered with an error
    │   ├─ AuthenticationError       401, 403
    │   ├─ BadRequestError           400, 405, 409, 413, 415, 422
    │   │   └─ ContextLengthError    the prompt is too long for the model
    │   ├─ NotFoundError             404
    │   ├─ RateLimitError            429 that passes with time
    │   ├─ QuotaError                402, and 429 that only money or a new day ends
    │   └─ ServerError               408, 5xx
    ├─ TransportError                the exchange broke
    │   ├─ ConnectError              no connection; nothing was sent
    │   ├─ TimeoutExceeded           also a TimeoutError
    │   └─ StreamInterrupted         a started answer was cut; ``.response`` is what came
    ├─ WireError
    │   ├─ EncodeError               our fault: this cannot be said on that wire
    │   └─ DecodeError               the peer's fault: not what the protocol says; ``.raw``
    ├─ OutputError                   the answer came, but is not what was asked; ``.response``
    │   ├─ EmptyResponse
    │   ├─ Refusal
    │   └─ InvalidOutput             no JSON in it, or not of the schema
    ├─ MediaError                    a file, address or text that is no usable picture, sound, film or document
    ├─ ToolError
    │   ├─ ToolServerGone            the server behind a tool has ended, or cannot be reached
    │   ├─ UnansweredToolCalls       the path holds a tool call without a result
    │   └─ InterruptedToolCalls      a call was begun, and nobody knows whether it was carried out
    ├─ TreeError
    │   ├─ CycleError
    │   └─ ThreadFormatError         a file that is not a thread or tree; names the place
    ├─ StreamConsumed                a second reader, or a stream that is not open
    ├─ RunStopped                    a run ended before the answer; ``.reason``, ``.node`` to go on from
    ├─ BudgetExceeded
    ├─ AllRoutesFailed               ``.errors``, one a route
    └─ BranchFailed                  ``.errors``, one a sibling

Messages never hold keys, prompts or answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from .types import Attempt, ChatResponse, ToolCallPart
from .types import collecting as _collecting
from .types import media_source as _media_source

__all__ = [
    "APIError",
    "AllRoutesFailed",
    "AuthenticationError",
    "BadRequestError",
    "BranchFailed",
    "BudgetExceeded",
    "ConfigurationError",
    "ConnectError",
    "ContextLengthError",
    "CycleError",
    "DecodeError",
    "EmptyResponse",
    "EncodeError",
    "InterruptedToolCalls",
    "InvalidOutput",
    "LossWarning",
    "MediaError",
    "MiniLLMError",
    "NotFoundError",
    "OutputError",
    "QuotaError",
    "RateLimitError",
    "Refusal",
    "RunStopped",
    "ServerError",
    "StreamConsumed",
    "StreamInterrupted",
    "ThreadFormatError",
    "TimeoutExceeded",
    "ToolError",
    "ToolServerGone",
    "TransportError",
    "TreeError",
    "UnansweredToolCalls",
    "WireError",
]


class LossWarning(UserWarning):
    """A conversion could not say something, and nobody asked to be told in another way."""


class MiniLLMError(Exception):
    """The base of all errors of this library.

    Args:
        message: what was wrong, where, and what to do.
        retryable: whether the same call may succeed if made again.
        retry_at: when to try again, in seconds since the epoch, where the host told.
        attempts: the HTTP exchanges made before giving up, oldest first.
        partial: the part of the answer that came, where some did.
    """

    retryable: bool
    retry_at: float | None
    attempts: tuple[Attempt, ...]
    partial: ChatResponse | None

    def __init__(
        self,
        message: str = "",
        *,
        retryable: bool = False,
        retry_at: float | None = None,
        attempts: Sequence[Attempt] = (),
        partial: ChatResponse | None = None,
    ) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.retry_at = retry_at
        self.attempts = tuple(attempts)
        self.partial = partial

    @property
    def message(self) -> str:
        return str(self.args[0]) if self.args else ""

    def __reduce__(self) -> tuple[Any, ...]:
        # The keyword-only arguments would be lost by the default, which repeats only ``args``.
        return _rebuild, (type(self), self.args, self.__dict__.copy())


def _rebuild(kind: type[MiniLLMError], args: tuple[Any, ...], state: dict[str, Any]) -> MiniLLMError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigurationError(MiniLLMError):
    """A setting, name or key is wrong; nothing was sent."""


class APIError(MiniLLMError):
    """The host answered with an error.

    Args:
        status: the HTTP status; for an error inside a 200 stream the one the host names, else 200.
        code: the host's own code, the finest it gives.
        type: the host's class of error.
        param: the request field it complains about.
        request_id: the host's id of the exchange.
        host: the provider row's name, stamped by the client.
        body: the first two thousand characters of the body, for a human.
    """

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        code: str | None = None,
        type: str | None = None,
        param: str | None = None,
        request_id: str | None = None,
        host: str | None = None,
        body: str = "",
        details: Mapping[str, Any] | None = None,
        **common: Any,
    ) -> None:
        super().__init__(message, **common)
        self.status = status
        self.code = code
        self.type = type
        self.param = param
        self.request_id = request_id
        self.host = host
        self.body = body
        self.details = dict(details) if details else {}

    def __str__(self) -> str:
        facts = [str(fact) for fact in (self.host, self.status, self.code or self.type) if fact is not None]
        where = " ".join(facts)
        tail = f" (request {self.request_id})" if self.request_id else ""
        return f"{where}: {self.message}{tail}" if where else f"{self.message}{tail}"


class AuthenticationError(APIError):
    """The key or token is missing, wrong, or not allowed to do this."""


class BadRequestError(APIError):
    """The host does not accept the request as it is."""


class ContextLengthError(BadRequestError):
    """The prompt is too long for the model; ``.guessed`` where only the message text told."""

    guessed: bool = False


class NotFoundError(APIError):
    """No such model or path."""


class RateLimitError(APIError):
    """Too fast; ``retry_at`` where the host told when."""


class QuotaError(APIError):
    """Out of credit or allowance; waiting a little does not help."""


class ServerError(APIError):
    """The host failed or is overloaded."""


class TransportError(MiniLLMError):
    """The exchange with the host broke."""


class ConnectError(TransportError):
    """No connection could be made; nothing was sent."""


class TimeoutExceeded(TransportError, TimeoutError):
    """A timeout or the deadline passed; the message names which one."""


class StreamInterrupted(TransportError):
    """A started answer ended before its terminal marker; ``.response`` holds what came."""

    @property
    def response(self) -> ChatResponse | None:
        return self.partial


class WireError(MiniLLMError):
    """A request or an answer does not fit its protocol."""

    def __init__(self, message: str = "", *, path: str = "", **common: Any) -> None:
        super().__init__(message, **common)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class EncodeError(WireError):
    """Our fault: this cannot be said on that wire; nothing was sent."""


class DecodeError(WireError):
    """The peer's fault: it sent something that the protocol does not allow.

    ``raw`` keeps what it sent, at most two thousand characters of it.
    """

    def __init__(self, message: str = "", *, raw: str = "", **common: Any) -> None:
        super().__init__(message, **common)
        self.raw = raw[:2000]


class OutputError(MiniLLMError):
    """The answer came, but is not what was asked for; it stands in ``.response``."""

    def __init__(self, message: str = "", *, response: ChatResponse | None = None, **common: Any) -> None:
        common.setdefault("retryable", True)
        super().__init__(message, **common)
        self.response = response


class EmptyResponse(OutputError):
    """No text, no tool call, no media."""


class Refusal(OutputError):
    """The model declined, or its answer was filtered."""


class InvalidOutput(OutputError, ValueError):
    """No JSON value in the text, or not one of the form asked for.

    Args:
        path: the first place that does not fit, such as ``steps[3].name``.
        hint: what the model may be told of it: all that does not fit, in words that may quote the answer,
            which is why they are no part of the message.
    """

    def __init__(self, message: str = "", *, path: str = "", hint: str = "", **common: Any) -> None:
        super().__init__(message, **common)
        self.path = path
        self.hint = hint


class MediaError(MiniLLMError, ValueError):
    """A file, address or text that is no usable picture, sound, film or document: missing, a folder, empty, too
    large, of an unknown or wrong type, not base64, or not to be fetched. The message says what to do."""


class ToolError(MiniLLMError):
    """A tool is not defined as it must be, or cannot be run."""


class ToolServerGone(ToolError):
    """The server behind a tool has ended, or cannot be reached; whether the call was carried out is not known."""


class UnansweredToolCalls(ToolError):
    """The path holds tool calls without results; hosts refuse such a conversation."""

    def __init__(self, message: str = "", *, calls: Sequence[ToolCallPart] = (), **common: Any) -> None:
        super().__init__(message, **common)
        self.calls = tuple(calls)


class InterruptedToolCalls(ToolError):
    """These calls were begun by a run that did not live to see their results; nothing was run or sent."""

    def __init__(self, message: str = "", *, calls: Sequence[ToolCallPart] = (), **common: Any) -> None:
        super().__init__(message, **common)
        self.calls = tuple(calls)


class RunStopped(MiniLLMError):
    """A run met a limit, or waits for results, before the model gave its answer. Nothing is lost: ``node.run`` on
    ``.node`` goes on.

    Args:
        reason: a :class:`minillm.chat.StopReason`: which limit it was.
        node: the last node of the run.
        calls: those that wait for a result from elsewhere.
    """

    def __init__(
        self,
        message: str = "",
        *,
        reason: str = "",
        node: Any = None,
        calls: Sequence[ToolCallPart] = (),
        **common: Any,
    ) -> None:
        super().__init__(message, **common)
        self.reason = reason
        self.node = node
        self.calls = tuple(calls)


class TreeError(MiniLLMError):
    """A move or a file that would leave no proper tree."""


class CycleError(TreeError):
    """A node may not stand under itself."""


class ThreadFormatError(TreeError, ValueError):
    """A file or text that is not a thread or tree; the message names the place and the way out.

    Args:
        path: the file, where it came from one.
        place: where in it, such as ``prompts[3].message.role`` or ``line 7``.
    """

    def __init__(self, message: str = "", *, path: str | None = None, place: str | None = None, **common: Any) -> None:
        super().__init__(message, **common)
        self.path = path
        self.place = place

    def __str__(self) -> str:
        where = ": ".join(fact for fact in (self.path, self.place) if fact)
        return f"{where}: {self.message}" if where else self.message


class StreamConsumed(MiniLLMError):
    """A stream has one reader and can be read once, while it is open."""


class BudgetExceeded(MiniLLMError):
    """The next request could cost more than the budget has left, and was not sent; or the budget was found empty
    while one was under way, and that one was stopped.

    Args:
        budget: the budget's name.
        unit: ``"usd"``, ``"tokens"`` or ``"calls"``.
        limit: the budget, in that unit.
        spent: what of it is gone, unknown costs included.
        reserved: what is set aside for other requests under way.
        needed: the most that this request may take.
    """

    def __init__(
        self,
        message: str = "",
        *,
        budget: str = "",
        unit: str = "",
        limit: Decimal | int = 0,
        spent: Decimal | int = 0,
        reserved: Decimal | int = 0,
        needed: Decimal | int = 0,
        **common: Any,
    ) -> None:
        super().__init__(message, **common)
        self.budget = budget
        self.unit = unit
        self.limit = limit
        self.spent = spent
        self.reserved = reserved
        self.needed = needed


class AllRoutesFailed(MiniLLMError):
    """No route of a plan answered.

    Args:
        errors: one a route, in the order in which they failed.
        routes: the names of these routes, in the same order.
    """

    def __init__(
        self, message: str = "", *, errors: Sequence[Exception] = (), routes: Sequence[str] = (), **common: Any
    ) -> None:
        super().__init__(message, **common)
        self.errors = tuple(errors)
        self.routes = tuple(routes)


class BranchFailed(MiniLLMError):
    """No sibling of a branch was answered; ``errors`` holds one error a sibling, in their order."""

    def __init__(self, message: str = "", *, errors: Sequence[Exception] = (), **common: Any) -> None:
        super().__init__(message, **common)
        self.errors = tuple(errors)


# See there: a floor below, these are raised and may not be imported.
_collecting.interrupted = StreamInterrupted
_media_source.unusable = MediaError
