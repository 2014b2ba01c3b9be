"""Errors, both ways."""

from collections.abc import Mapping
from typing import Any, Final

from ...errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    NotFoundError,
    QuotaError,
    RateLimitError,
    ServerError,
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
    return build_error(read_error(body), status=status, headers=headers, body=body.decode("utf-8", "replace"))


def encode_error(error: Exception) -> tuple[int, dict[str, Any]]:
    """Status and JSON body for an error."""
    status, kind = next(
        ((status, kind) for known, status, kind in _SAID if isinstance(error, known)), (500, "api_error")
    )
    message, request_id = str(error), None
    if isinstance(error, APIError):
        if error.status is not None and error.status >= 400:
            status = error.status
            kind = _BY_STATUS.get(status, kind)
        message, request_id = error.message, error.request_id
    body: dict[str, Any] = {"type": "error", "error": {"type": kind, "message": message}}
    if request_id:
        body["request_id"] = request_id
    return status, body
