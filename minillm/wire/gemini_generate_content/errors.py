"""Errors, both ways."""

from collections.abc import Mapping
from typing import Any, Final

from ...errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    DecodeError,
    EncodeError,
    MiniLLMError,
    NotFoundError,
    QuotaError,
    RateLimitError,
    StreamInterrupted,
    TimeoutExceeded,
)
from ..errors import build_error, read_error

__all__ = ["decode_error", "encode_error"]

# https://ai.google.dev/gemini-api/docs/troubleshooting
_STATUSES: Final[dict[int, str]] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_CODES: Final[tuple[tuple[type[Exception], int], ...]] = (
    (AuthenticationError, 401),
    (NotFoundError, 404),
    (RateLimitError, 429),
    (QuotaError, 429),
    (BadRequestError, 400),
    (EncodeError, 400),
    (TimeoutExceeded, 504),
    (DecodeError, 503),  # what stands behind did not answer as it must: the nearest the vendor has to 502
    (StreamInterrupted, 503),
)


def decode_error(status: int, headers: Mapping[str, str], body: bytes) -> APIError:
    """The typed error for an answer with an error status; never raises."""
    return build_error(read_error(body), status=status, headers=headers, body=body[:8000].decode("utf-8", "replace"))


def encode_error(error: Exception) -> tuple[int, dict[str, Any]]:
    """Status and JSON body for an error; clients read it as one only where ``error`` is its first key. Words
    that are not ours (of an exception from elsewhere) stay inside."""
    status = next((code for kind, code in _CODES if isinstance(error, kind)), 500)
    if isinstance(error, APIError) and error.status is not None and error.status >= 400:
        status = error.status
    message = error.message if isinstance(error, MiniLLMError) else "internal error"
    word = _STATUSES.get(status, "INVALID_ARGUMENT" if status < 500 else "INTERNAL")
    said: dict[str, Any] = {"code": status, "message": message, "status": word}
    if isinstance(error, QuotaError):
        # The only sign by which this vendor tells what waiting does not cure from what it does.
        violation = {"quotaId": "QuotaPerDay"}
        said["details"] = [{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]}]
    return status, {"error": said}
