"""Errors, both ways: the body is that of Chat Completions; in a stream it is a flat event."""

from collections.abc import Mapping
from typing import Any, Final

from ...errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    ContextLengthError,
    NotFoundError,
    QuotaError,
    RateLimitError,
)
from ..errors import build_error, read_error

__all__ = ["decode_error", "encode_error"]

# https://platform.openai.com/docs/guides/error-codes
_SAID: Final[tuple[tuple[type[Exception], int, str, str | None], ...]] = (
    (AuthenticationError, 401, "invalid_request_error", "invalid_api_key"),
    (ContextLengthError, 400, "invalid_request_error", "context_length_exceeded"),
    (NotFoundError, 404, "invalid_request_error", "model_not_found"),
    (RateLimitError, 429, "rate_limit_error", "rate_limit_exceeded"),
    (QuotaError, 429, "insufficient_quota", "insufficient_quota"),
    (BadRequestError, 400, "invalid_request_error", None),
)


def decode_error(status: int, headers: Mapping[str, str], body: bytes) -> APIError:
    """The typed error for an answer with an error status; never raises."""
    return build_error(read_error(body), status=status, headers=headers, body=body.decode("utf-8", "replace"))


def encode_error(error: Exception) -> tuple[int, dict[str, Any]]:
    """Status and JSON body for an error."""
    status, kind, code = next(
        ((status, kind, code) for known, status, kind, code in _SAID if isinstance(error, known)),
        (500, "server_error", "server_error"),
    )
    message, param = str(error), None
    if isinstance(error, APIError):
        message, param = error.message, error.param
        code = error.code or code
        if error.status is not None and error.status >= 400:
            status = error.status
    return status, {"error": {"message": message, "type": kind, "param": param, "code": code}}
