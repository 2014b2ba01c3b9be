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
    ServerError,
    StreamInterrupted,
    TimeoutExceeded,
)
from ..errors import build_error, read_error

__all__ = ["decode_error", "encode_error"]

# https://platform.claude.com/docs/en/api/errors
_SAID: Final[tuple[tuple[type[Exception], int, str], ...]] = (
    (AuthenticationError, 401, "authentication_error"),
    (QuotaError, 402, "billing_error"),
    (NotFoundError, 404, "not_found_error"),
    (RateLimitError, 429, "rate_limit_error"),
    (BadRequestError, 400, "invalid_request_error"),
    (ServerError, 500, "api_error"),
    (EncodeError, 400, "invalid_request_error"),
    (DecodeError, 502, "api_error"),
    (TimeoutExceeded, 504, "timeout_error"),
    (StreamInterrupted, 502, "api_error"),
)
_BY_STATUS: Final[dict[int, str]] = {
    403: "permission_error",
    409: "conflict_error",
    413: "request_too_large",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def decode_error(status: int, headers: Mapping[str, str], body: bytes) -> APIError:
    """The typed error for an answer with an error status; never raises."""
    return build_error(read_error(body), status=status, headers=headers, body=body[:8000].decode("utf-8", "replace"))


def encode_error(error: Exception) -> tuple[int, dict[str, Any]]:
    """Status and JSON body for an error. Words that are not ours (of an exception from elsewhere) stay inside."""
    status, kind = next(
        ((status, kind) for known, status, kind in _SAID if isinstance(error, known)), (500, "api_error")
    )
    if isinstance(error, APIError) and error.status is not None and error.status >= 400:
        status = error.status
        kind = _BY_STATUS.get(status, kind)
    message = error.message if isinstance(error, MiniLLMError) else "internal error"
    body: dict[str, Any] = {"type": "error", "error": {"type": kind, "message": message}}
    if isinstance(error, APIError) and error.request_id:
        body["request_id"] = error.request_id
    return status, body
