"""Error answers of every shape: what happened, whether to come back, and when."""

import json
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm import errors
from minillm.wire.errors import ErrorFacts, build_error, read_error, retry_at, without_keys

NOW = 1_790_000_000.0


def typed(status: int | None, body: Any, headers: dict[str, str] | None = None) -> errors.APIError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return build_error(read_error(raw), status=status, headers=headers or {}, body=raw.decode(), now=NOW)


def openai(code: Any = None, type: str | None = None, message: str = "no") -> dict[str, Any]:
    return {"error": {"message": message, "type": type, "param": None, "code": code}}


# name -> (status, body, class, retryable)
CLASSES: dict[str, tuple[int | None, Any, type[errors.APIError], bool]] = {
    "400": (400, openai(), errors.BadRequestError, False),
    "401": (401, openai(), errors.AuthenticationError, False),
    "402": (402, openai(), errors.QuotaError, False),
    "403": (403, openai(), errors.AuthenticationError, False),
    "404": (404, openai(), errors.NotFoundError, False),
    "408": (408, openai(), errors.ServerError, True),
    "409": (409, openai(), errors.BadRequestError, True),
    "413": (413, b"<html>too large</html>", errors.BadRequestError, False),
    "418": (418, b"", errors.BadRequestError, False),
    "422": (422, {"detail": [{"loc": ["body"], "msg": "bad", "type": "x"}]}, errors.BadRequestError, False),
    "429": (429, openai("rate_limit_exceeded"), errors.RateLimitError, True),
    "429 without a body": (429, b"", errors.RateLimitError, True),
    "498 Groq": (498, openai(), errors.RateLimitError, True),
    "500": (500, openai(), errors.ServerError, True),
    "501": (501, b"", errors.ServerError, False),
    "524": (524, b"<html>cloud</html>", errors.ServerError, True),
    "529": (529, {"type": "error", "error": {"type": "overloaded_error"}}, errors.ServerError, True),
    "quota": (429, openai("insufficient_quota", "insufficient_quota"), errors.QuotaError, False),
    "credit": (429, openai("credit_balance_exhausted"), errors.QuotaError, False),
    "moonshot quota": (429, openai(None, "exceeded_current_quota_error"), errors.QuotaError, False),
    "moonshot overload": (429, openai(None, "engine_overloaded_error"), errors.RateLimitError, True),
    "cloudflare day": (
        429,
        {"success": False, "errors": [{"code": 3036, "message": "used up"}], "result": None},
        errors.QuotaError,
        False,
    ),
    "cloudflare capacity": (
        429,
        {"success": False, "errors": [{"code": 3040, "message": "full"}]},
        errors.RateLimitError,
        True,
    ),
    "anthropic spend": (
        429,
        {
            "type": "error",
            "error": {"type": "rate_limit_error", "details": {"error_code": "enforced_spend_limit_reached"}},
        },
        errors.QuotaError,
        False,
    ),
    "gemini day": (
        429,
        {
            "error": {
                "code": 429,
                "status": "RESOURCE_EXHAUSTED",
                "details": [{"@type": "QuotaFailure", "violations": [{"quotaId": "GenerateRequestsPerDayPerProject"}]}],
            }
        },
        errors.QuotaError,
        False,
    ),
    "gemini minute": (
        429,
        {"error": {"code": 429, "details": [{"violations": [{"quotaId": "PerMinute", "quotaValue": "10"}]}]}},
        errors.RateLimitError,
        True,
    ),
    "gemini bad key": (
        400,
        [{"error": {"code": 400, "status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]}}],
        errors.AuthenticationError,
        False,
    ),
    "xai bad key": (
        400,
        {"code": "invalid-argument", "error": "Incorrect API key provided. See the console."},
        errors.AuthenticationError,
        False,
    ),
    "openrouter in flight": (
        402,
        {"error": {"code": 402, "message": "x", "metadata": {"limit_source": "openrouter_in_flight_budget"}}},
        errors.RateLimitError,
        True,
    ),
    "openrouter overloaded": (
        None,
        {"error": {"code": 502, "message": "x", "metadata": {"error_type": "provider_overloaded"}}},
        errors.ServerError,
        True,
    ),
    "context by code": (400, openai("context_length_exceeded"), errors.ContextLengthError, False),
    "context by type": (400, openai(400, "exceed_context_size_error"), errors.ContextLengthError, False),
    "context by words": (
        400,
        openai(message="This model's maximum context length is 8192 tokens."),
        errors.ContextLengthError,
        False,
    ),
    "context, anthropic": (
        400,
        {"error": {"type": "invalid_request_error", "message": "prompt is too long: 9 tokens > 8 maximum"}},
        errors.ContextLengthError,
        False,
    ),
    "in a stream, by type": (None, openai(type="server_error"), errors.ServerError, True),
    "in a stream, by code": (None, openai(400), errors.BadRequestError, False),
    "in a stream, unknown": (None, openai("who_knows"), errors.ServerError, True),
    "in a stream, our fault": (None, openai(type="invalid_request_error"), errors.BadRequestError, False),
    "in a stream, too fast": (None, openai("rate_limit_exceeded"), errors.RateLimitError, True),
}


@pytest.mark.parametrize("name", CLASSES)
def test_answer_is_this_error(name: str) -> None:
    status, body, kind, retryable = CLASSES[name]
    error = typed(status, body)
    assert type(error) is kind
    assert error.retryable is retryable


def test_guessing_is_admitted() -> None:
    guessed = typed(400, openai(message="maximum context length is 10"))
    told = typed(400, openai("context_length_exceeded"))
    assert isinstance(guessed, errors.ContextLengthError)
    assert guessed.guessed
    assert isinstance(told, errors.ContextLengthError)
    assert not told.guessed


def test_the_host_knows_best_whether_to_come_back() -> None:
    assert typed(500, openai(), {"X-Should-Retry": "false"}).retryable is False
    assert typed(400, openai(), {"x-should-retry": "true"}).retryable is True


@pytest.mark.parametrize(
    ("body", "facts"),
    [
        (openai("c", "t", "m"), ("m", "c", "t")),
        (openai(400), ("no", "400", None)),
        ({"type": "error", "error": {"type": "t", "message": "m"}, "request_id": "r"}, ("m", None, "t")),
        ([{"error": {"code": 429, "message": "m", "status": "S"}}], ("m", "429", None)),
        ({"object": "error", "message": "m", "type": "t", "code": 3280}, ("m", "3280", "t")),
        ({"detail": "m"}, ("m", None, None)),
        ({"detail": [{"msg": "a"}, {"msg": "b"}]}, ("a; b", None, None)),
        ({"code": "permission-denied", "error": "m"}, ("m", "permission-denied", None)),
        ({"success": False, "errors": [{"code": 5007, "message": "m"}]}, ("m", "5007", None)),
        ({"error": "m"}, ("m", None, None)),
        ({"message": {"detail": [{"msg": "m"}]}, "object": "error"}, ("", None, None)),
    ],
)
def test_every_shape_of_body_is_read(body: Any, facts: tuple[str, str | None, str | None]) -> None:
    found = read_error(json.dumps(body).encode())
    assert (found.code, found.type) == facts[1:]
    assert found.message == facts[0] or (not facts[0] and found.message)


def test_an_event_stream_as_error_body_is_read() -> None:
    body = b'event: error\ndata: {"error": {"message": "m", "code": "c"}}\n\n'
    assert read_error(body).code == "c"


def test_a_page_does_not_hide_the_status() -> None:
    error = typed(502, b"<html><style>x{}</style><body><h1>502 Bad\n Gateway</h1></body></html>")
    assert error.status == 502
    assert error.message == "502 Bad Gateway"
    assert error.body.startswith("<html>")


@given(
    st.binary(max_size=60)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda x: (
            st.lists(x, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["error", "code", "message", "detail", "details", "errors", "type", "metadata", "status"]
                ),
                x,
                max_size=4,
            )
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode()),
    st.sampled_from([400, 402, 429, 500, None]),
)
def test_no_body_at_all_makes_the_reader_fall(body: bytes, status: int | None) -> None:
    error = build_error(read_error(body), status=status, body=body.decode("utf-8", "replace"))
    assert isinstance(error, errors.APIError)
    assert error.message


# When to come back


@pytest.mark.parametrize(
    ("headers", "moment"),
    [
        ({}, None),
        ({"retry-after": "90"}, NOW + 90),
        ({"retry-after": "0.5"}, NOW + 0.5),
        ({"retry-after": "0"}, NOW),
        ({"retry-after": formatdate(NOW + 60, usegmt=True)}, NOW + 60),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after-ms": "250", "retry-after": "1"}, NOW + 0.25),
        ({"retry-after-ms": "0", "retry-after": "1"}, NOW + 1),
        ({"retry-after-ms": "0"}, NOW),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6s"}, NOW + 6),
        ({"x-ratelimit-remaining-tokens": "5", "x-ratelimit-reset-tokens": "6s"}, None),
    ],
)
def test_retry_after_in_every_form(headers: dict[str, str], moment: float | None) -> None:
    assert retry_at(headers, now=NOW) == (None if moment is None else pytest.approx(moment, rel=0, abs=0.001))


def test_gemini_says_it_in_the_body() -> None:
    body = {"error": {"code": 429, "details": [{"@type": "RetryInfo", "retryDelay": "46.5s"}]}}
    assert typed(429, body).retry_at == NOW + 46.5
    assert typed(429, body, {"retry-after": "3"}).retry_at == NOW + 3


def test_only_errors_that_pass_with_time_have_a_time() -> None:
    assert typed(400, openai(), {"retry-after": "3"}).retry_at is None
    assert typed(503, openai(), {"Retry-After": "3"}).retry_at == NOW + 3


# What must not be in it


@pytest.mark.parametrize(
    "text",
    [
        "Incorrect API key provided: CANARY-key. Find it",
        "bad key sk-CANARY1234",
        "key sk-proj-CANARY_12-34 is wrong",
        "gsk_CANARY123456",
        "Authorization: Bearer CANARY.a.b",
        "GET /v1?key=CANARY&alt=sse",
        "xai-CANARY1234",
        "AIzaCANARY1234567",
    ],
)
def test_what_looks_like_a_key_is_blanked_out(text: str) -> None:
    assert "CANARY" not in without_keys(text)
    error = typed(401, openai(message=text))
    assert "CANARY" not in str(error) + repr(error) + error.body


def test_prose_stays_readable() -> None:
    text = "The model `skeleton-risk-free` does not exist; task-list, hf-hub and sky blue are fine (req_0123456789)."
    assert without_keys(text) == text


def test_the_body_is_kept_for_a_human_but_not_whole() -> None:
    assert len(typed(500, openai(message="x" * 9000)).body) == 2000


@pytest.mark.parametrize(
    "header", ["x-request-id", "Request-Id", "apim-request-id", "cf-ray", "mistral-correlation-id"]
)
def test_the_host_s_id_of_the_exchange_is_kept(header: str) -> None:
    assert typed(500, openai(), {header: "abc"}).request_id == "abc"


def test_facts_of_an_error_without_a_message() -> None:
    error = build_error(ErrorFacts(), status=503)
    assert error.message == "the host answered with status 503"
