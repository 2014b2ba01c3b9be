"""Error answers of this wire, both ways."""

import json

import pytest

from minillm import errors
from minillm.wire import get_codec

CODEC = get_codec("openai_chat_completions")


def test_an_error_answer_is_typed_and_keeps_the_host_s_words() -> None:
    said = {
        "message": "no such parameter",
        "type": "invalid_request_error",
        "param": "stop",
        "code": "unsupported_parameter",
    }
    body = json.dumps({"error": said}).encode()
    error = CODEC.decode_error(400, {"X-Request-Id": "req_1"}, body)
    assert type(error) is errors.BadRequestError
    assert (error.status, error.code, error.type, error.param) == (
        400,
        "unsupported_parameter",
        "invalid_request_error",
        "stop",
    )
    assert error.request_id == "req_1"
    assert error.message == "no such parameter"
    assert "unsupported_parameter" in error.body


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"<html>", b"[[[", b"null", b'"down"', b"{" * 5000])
def test_no_body_makes_it_fall(body: bytes) -> None:
    assert isinstance(CODEC.decode_error(503, {}, body), errors.ServerError)


@pytest.mark.parametrize(
    ("error", "status", "type_", "code"),
    [
        (errors.AuthenticationError("no"), 401, "invalid_request_error", "invalid_api_key"),
        (errors.NotFoundError("no"), 404, "invalid_request_error", "model_not_found"),
        (errors.ContextLengthError("no"), 400, "invalid_request_error", "context_length_exceeded"),
        (errors.RateLimitError("no"), 429, "rate_limit_error", "rate_limit_exceeded"),
        (errors.QuotaError("no"), 429, "insufficient_quota", "insufficient_quota"),
        (errors.QuotaError("no", status=402, code="c"), 402, "insufficient_quota", "c"),
        (errors.ServerError("no", status=529, type="overloaded_error"), 529, "overloaded_error", None),
        (errors.APIError("no", status=200, code="c", type="t"), 500, "t", "c"),
        (errors.EncodeError("no"), 400, "invalid_request_error", None),
        (errors.StreamInterrupted("no"), 502, "server_error", "stream_interrupted"),
        (errors.TimeoutExceeded("no"), 504, "server_error", "timeout"),
        (errors.MiniLLMError("no"), 500, "server_error", None),
    ],
)
def test_an_error_of_ours_is_said_in_the_vendor_s_words(
    error: Exception, status: int, type_: str, code: str | None
) -> None:
    found, body = CODEC.encode_error(error)
    assert (found, body["error"]["type"], body["error"]["code"]) == (status, type_, code)
    assert body["error"]["message"] == "no"


@pytest.mark.parametrize(
    "kind",
    [
        errors.AuthenticationError,
        errors.NotFoundError,
        errors.ContextLengthError,
        errors.RateLimitError,
        errors.QuotaError,
        errors.ServerError,
        errors.BadRequestError,
    ],
)
def test_and_is_understood_as_the_same_error(kind: type[errors.APIError]) -> None:
    status, body = CODEC.encode_error(kind("no"))
    assert type(CODEC.decode_error(status, {}, json.dumps(body).encode())) is kind


def test_words_of_a_stranger_s_error_stay_inside() -> None:
    _, body = CODEC.encode_error(RuntimeError("/etc/secret"))
    assert "secret" not in json.dumps(body)
