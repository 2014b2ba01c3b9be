"""Error answers of this wire, both ways."""

import json

import pytest

from minillm import errors
from minillm.wire import get_codec

CODEC = get_codec("gemini_generate_content")


def test_an_error_answer_is_typed_and_keeps_the_host_s_words() -> None:
    delay = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "3s"}
    said = {"code": 429, "message": "slow", "status": "RESOURCE_EXHAUSTED", "details": [delay]}
    for body in ({"error": said}, [{"error": said}]):  # a stream without SSE puts it into a list
        error = CODEC.decode_error(429, {}, json.dumps(body).encode())
        assert type(error) is errors.RateLimitError
        assert (error.status, error.message) == (429, "slow")
        assert error.retry_at is not None


def test_a_bad_key_is_what_it_is_although_the_host_calls_it_an_invalid_argument() -> None:
    details = [{"@type": "x", "reason": "API_KEY_INVALID"}]
    body = {"error": {"code": 400, "message": "m", "status": "INVALID_ARGUMENT", "details": details}}
    assert type(CODEC.decode_error(400, {}, json.dumps(body).encode())) is errors.AuthenticationError


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"<html>", b"[[[", b"[]", b"null", b'"down"', b"{" * 5000])
def test_no_body_makes_it_fall(body: bytes) -> None:
    assert isinstance(CODEC.decode_error(503, {}, body), errors.ServerError)


@pytest.mark.parametrize(
    ("error", "status", "word"),
    [
        (errors.AuthenticationError("no"), 401, "UNAUTHENTICATED"),
        (errors.AuthenticationError("no", status=403), 403, "PERMISSION_DENIED"),
        (errors.NotFoundError("no"), 404, "NOT_FOUND"),
        (errors.RateLimitError("no"), 429, "RESOURCE_EXHAUSTED"),
        (errors.BadRequestError("no", status=422), 422, "INVALID_ARGUMENT"),
        (errors.ServerError("no", status=529), 529, "INTERNAL"),
        (errors.EncodeError("no"), 400, "INVALID_ARGUMENT"),
        (errors.StreamInterrupted("no"), 503, "UNAVAILABLE"),
        (errors.TimeoutExceeded("no"), 504, "DEADLINE_EXCEEDED"),
        (errors.MiniLLMError("no"), 500, "INTERNAL"),
    ],
)
def test_an_error_of_ours_is_said_in_the_vendor_s_words(error: Exception, status: int, word: str) -> None:
    found, body = CODEC.encode_error(error)
    assert (found, list(body)) == (status, ["error"])  # clients look at the first key alone
    assert body["error"] == {"code": status, "message": "no", "status": word}


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
    status, body = CODEC.encode_error(kind("no"))
    assert type(CODEC.decode_error(status, {}, json.dumps(body).encode())) is kind


def test_words_of_a_stranger_s_error_stay_inside() -> None:
    _, body = CODEC.encode_error(RuntimeError("/etc/secret"))
    assert "secret" not in json.dumps(body)
