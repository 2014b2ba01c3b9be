"""Errors, both ways."""

from collections.abc import Mapping
from typing import Any, Final

from ...errors import APIError, AuthenticationError, BadRequestError, NotFoundError, QuotaError, RateLimitError
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
)


def decode_error(status: int, headers: Mapping[str, str], body: bytes) -> APIError:
    """The typed error for an answer with an error status; never raises."""
    return build_error(read_error(body), status=status, headers=headers, body=body.decode("utf-8", "replace"))


def encode_error(error: Exception) -> tuple[int, dict[str, Any]]:
    """Status and JSON body for an error; clients read it as one only where ``error`` is its first key."""
    status = next((code for kind, code in _CODES if isinstance(error, kind)), 500)
    message = str(error)
    if isinstance(error, APIError):
        message = error.message
        if error.status is not None and error.status >= 400:
            status = error.status
    word = _STATUSES.get(status, "INVALID_ARGUMENT" if status < 500 else "INTERNAL")
    return status, {"error": {"code": status, "message": message, "status": word}}
