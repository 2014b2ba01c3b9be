"""Error answers, both ways."""

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
    ServerError,
    StreamInterrupted,
    TimeoutExceeded,
)
from ..errors import build_error, read_error

__all__ = ["decode_error", "encode_error"]

# class -> status, type, code: the vendor's own words for it, so that its SDKs raise the class meant.
_WORDS: Final[tuple[tuple[type[Exception], int, str, str | None], ...]] = (
    (ContextLengthError, 400, "invalid_request_error", "context_length_exceeded"),
    (AuthenticationError, 401, "invalid_request_error", "invalid_api_key"),
    (NotFoundError, 404, "invalid_request_error", "model_not_found"),
    (QuotaError, 429, "insufficient_quota", "insufficient_quota"),
    (RateLimitError, 429, "rate_limit_error", "rate_limit_exceeded"),
    (ServerError, 500, "server_error", "server_error"),
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
    """Status and body for an error. Words that are not ours (of an exception from elsewhere) stay inside."""
    status, type_, code = 500, "server_error", None
    for kind, number, word, sub in _WORDS:
        if isinstance(error, kind):
            status, type_, code = number, word, sub
            break
    param = None
    if isinstance(error, APIError):
        if error.status is not None and error.status >= 400:
            status = error.status
        type_, code, param = error.type or type_, error.code if error.code or error.status else code, error.param
    message = error.message if isinstance(error, MiniLLMError) else "internal error"
    return status, {"error": {"message": message, "type": type_, "param": param, "code": code}}
