"""Error answers of this wire, both ways."""

import json

import pytest

from minillm import errors
from minillm.wire import get_codec

CODEC = get_codec("anthropic_messages")


def test_an_error_answer_is_typed_and_keeps_the_host_s_words() -> None:
    body = {"type": "error", "error": {"type": "rate_limit_error", "message": "slow"}, "request_id": "req_body"}
    error = CODEC.decode_error(429, {"retry-after": "3"}, json.dumps(body).encode())
    assert type(error) is errors.RateLimitError
    assert (error.status, error.type, error.message, error.request_id) == (429, "rate_limit_error", "slow", "req_body")
    assert error.retry_at is not None


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"<html>", b"[[[", b"null", b'"down"', b"{" * 5000])
def test_no_body_makes_it_fall(body: bytes) -> None:
    assert isinstance(CODEC.decode_error(529, {}, body), errors.ServerError)


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (errors.AuthenticationError("no"), 401, "authentication_error"),
        (errors.AuthenticationError("no", status=403), 403, "permission_error"),
        (errors.QuotaError("no"), 402, "billing_error"),
        (errors.NotFoundError("no"), 404, "not_found_error"),
        (errors.RateLimitError("no"), 429, "rate_limit_error"),
        (errors.ContextLengthError("no"), 400, "invalid_request_error"),
        (errors.BadRequestError("no", status=413), 413, "request_too_large"),
        (errors.ServerError("no"), 500, "api_error"),
        (errors.ServerError("no", status=529), 529, "overloaded_error"),
        (errors.EncodeError("no"), 400, "invalid_request_error"),
        (errors.StreamInterrupted("no"), 502, "api_error"),
        (errors.TimeoutExceeded("no"), 504, "timeout_error"),
        (errors.MiniLLMError("no"), 500, "api_error"),
    ],
)
def test_an_error_of_ours_is_said_in_the_vendor_s_words(error: Exception, status: int, kind: str) -> None:
    found, body = CODEC.encode_error(error)
    assert (found, body["type"], body["error"]) == (status, "error", {"type": kind, "message": "no"})


@pytest.mark.parametrize(
    "kind",
    [
        errors.AuthenticationError,
        errors.NotFoundError,
        errors.RateLimitError,
        errors.QuotaError,
        errors.ServerError,
        errors.BadRequestError,
    ],
)
def test_and_is_understood_as_the_same_error(kind: type[errors.APIError]) -> None:
    status, body = CODEC.encode_error(kind("no", request_id="req_1"))
    again = CODEC.decode_error(status, {}, json.dumps(body).encode())
    assert type(again) is kind
    assert again.request_id == "req_1"


def test_words_of_a_stranger_s_error_stay_inside() -> None:
    _, body = CODEC.encode_error(RuntimeError("/etc/secret"))
    assert "secret" not in json.dumps(body)
