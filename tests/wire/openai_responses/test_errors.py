"""Error answers of this wire, both ways."""

import json

import pytest

from minillm import errors
from minillm.wire import get_codec

CODEC = get_codec("openai_responses")


def test_an_error_answer_is_typed_and_keeps_the_host_s_words() -> None:
    said = {"message": "slow", "type": "tokens", "param": None, "code": "rate_limit_exceeded"}
    headers = {"retry-after": "3", "x-request-id": "req_1"}
    error = CODEC.decode_error(429, headers, json.dumps({"error": said}).encode())
    assert type(error) is errors.RateLimitError
    assert (error.status, error.code, error.message, error.request_id) == (429, "rate_limit_exceeded", "slow", "req_1")
    assert error.retry_at is not None


def test_money_that_is_used_up_is_no_rate_limit() -> None:
    body = {"error": {"message": "m", "type": "insufficient_quota", "code": "insufficient_quota"}}
    error = CODEC.decode_error(429, {}, json.dumps(body).encode())
    assert type(error) is errors.QuotaError
    assert not error.retryable


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"<html>", b"[[[", b"null", b'"down"', b"{" * 5000])
def test_no_body_makes_it_fall(body: bytes) -> None:
    assert isinstance(CODEC.decode_error(503, {}, body), errors.ServerError)


@pytest.mark.parametrize(
    ("error", "status", "kind", "code"),
    [
        (errors.AuthenticationError("no"), 401, "invalid_request_error", "invalid_api_key"),
        (errors.AuthenticationError("no", status=403), 403, "invalid_request_error", "invalid_api_key"),
        (errors.QuotaError("no"), 429, "insufficient_quota", "insufficient_quota"),
        (errors.NotFoundError("no"), 404, "invalid_request_error", "model_not_found"),
        (errors.RateLimitError("no"), 429, "rate_limit_error", "rate_limit_exceeded"),
        (errors.ContextLengthError("no"), 400, "invalid_request_error", "context_length_exceeded"),
        (errors.BadRequestError("no", status=413), 413, "invalid_request_error", None),
        (errors.BadRequestError("no", code="x", param="p"), 400, "invalid_request_error", "x"),
        (errors.ServerError("no"), 500, "server_error", "server_error"),
        (errors.EncodeError("no"), 400, "invalid_request_error", None),
        (errors.DecodeError("no"), 502, "server_error", "bad_upstream_answer"),
        (errors.StreamInterrupted("no"), 502, "server_error", "stream_interrupted"),
        (errors.TimeoutExceeded("no"), 504, "server_error", "timeout"),
        (errors.MiniLLMError("no"), 500, "server_error", "server_error"),
    ],
)
def test_an_error_of_ours_is_said_in_the_vendor_s_words(
    error: Exception, status: int, kind: str, code: str | None
) -> None:
    found, body = CODEC.encode_error(error)
    param = getattr(error, "param", None)
    assert (found, body) == (status, {"error": {"message": "no", "type": kind, "param": param, "code": code}})


@pytest.mark.parametrize(
    "kind",
    [
        errors.AuthenticationError,
        errors.NotFoundError,
        errors.RateLimitError,
        errors.QuotaError,
        errors.ServerError,
        errors.BadRequestError,
        errors.ContextLengthError,
    ],
)
def test_and_is_understood_as_the_same_error(kind: type[errors.APIError]) -> None:
    status, body = CODEC.encode_error(kind("no"))
    assert type(CODEC.decode_error(status, {}, json.dumps(body).encode())) is kind


def test_words_of_a_stranger_s_error_stay_inside() -> None:
    _, body = CODEC.encode_error(RuntimeError("/etc/secret"))
    assert "secret" not in json.dumps(body)
