"""Errors, both ways: the body is that of Chat Completions; in a stream it is a flat event."""

from collections.abc import Mapping
from typing import Any, Final

from ...errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    ContextLengthError,
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

# https://platform.openai.com/docs/guides/error-codes
_SAID: Final[tuple[tuple[type[Exception], int, str, str | None], ...]] = (
    (AuthenticationError, 401, "invalid_request_error", "invalid_api_key"),
    (ContextLengthError, 400, "invalid_request_error", "context_length_exceeded"),
    (NotFoundError, 404, "invalid_request_error", "model_not_found"),
    (RateLimitError, 429, "rate_limit_error", "rate_limit_exceeded"),
    (QuotaError, 429, "insufficient_quota", "insufficient_quota"),
    (BadRequestError, 400, "invalid_request_error", None),
    (EncodeError, 400, "invalid_request_error", None),
    (DecodeError, 502, "server_error", "bad_upstream_answer"),
    (TimeoutExceeded, 504, "server_error", "timeout"),
    (StreamInterrupted, 502, "server_error", "stream_interrupted"),
)


def decode_error(status: int, headers: Mapping[str, str], body: bytes) -> APIError:
    """The typed error for an answer with an error status; never raises."""
    return build_error(read_error(body), status=status, headers=headers, body=body[:8000].decode("utf-8", "replace"))


def encode_error(error: Exception) -> tuple[int, dict[str, Any]]:
    """Status and JSON body for an error. Words that are not ours (of an exception from elsewhere) stay inside."""
    status, kind, code = next(
        ((status, kind, code) for known, status, kind, code in _SAID if isinstance(error, known)),
        (500, "server_error", "server_error"),
    )
    param = None
    if isinstance(error, APIError):
        code, param = error.code or code, error.param
        if error.status is not None and error.status >= 400:
            status = error.status
    message = error.message if isinstance(error, MiniLLMError) else "internal error"
    return status, {"error": {"message": message, "type": kind, "param": param, "code": code}}
