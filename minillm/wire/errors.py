"""What an error answer means: a tolerant reader of bodies, and tables of statuses and codes.

Facts: wire-spec, errors and limits. Bodies come in ten shapes and as HTML; a proxy's page must never
hide the status. No error text leaves here with something that looks like a key in it.
"""

import email.utils
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    ContextLengthError,
    DecodeError,
    NotFoundError,
    QuotaError,
    RateLimitError,
    ServerError,
)
from .rate_limits import parse_rate_limits, seconds_of

__all__ = ["ErrorFacts", "build_error", "read_error", "retry_at", "without_keys"]

_BODY_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class ErrorFacts:
    """What an error body says, whichever shape it has."""

    message: str = ""
    code: str | None = None
    type: str | None = None
    param: str | None = None
    status: int | None = None
    request_id: str | None = None
    words: frozenset[str] = frozenset()  # every code-like word in it, lower case: what the tables look up
    retry_delay: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


# Which class a status is, and whether the same call may succeed later.
_STATUSES: Final[dict[int, tuple[type[APIError], bool]]] = {
    400: (BadRequestError, False),
    401: (AuthenticationError, False),
    402: (QuotaError, False),
    403: (AuthenticationError, False),
    404: (NotFoundError, False),
    405: (BadRequestError, False),
    408: (ServerError, True),
    409: (BadRequestError, True),
    412: (QuotaError, False),  # Fireworks: account suspended
    413: (BadRequestError, False),
    415: (BadRequestError, False),
    422: (BadRequestError, False),
    424: (ServerError, True),  # Groq, Bedrock: the model behind the host failed
    425: (ServerError, True),
    429: (RateLimitError, True),
    498: (RateLimitError, True),  # Groq: flex capacity exceeded
    499: (ServerError, False),  # the request was cancelled
    501: (ServerError, False),
    505: (ServerError, False),
}

# Only money or a new day ends these, whatever the status (most come as 429): never retried.
_FINAL: Final = frozenset(
    {
        "insufficient_quota",
        "credit_balance_exhausted",
        "billing_hard_limit_reached",
        "billing_not_active",
        "billing_error",
        "payment_required",
        "usage_limit_reached",
        "spend_limit_reached",
        "spending_limit_reached",
        "enforced_spend_limit_reached",
        "contract_spend_limit_reached",
        "exceeded_current_quota_error",
        "3036",  # Cloudflare: the free allowance of the day is used up
    }
)

# A word in the body that is more exact than the status.
_WORDS: Final[dict[str, tuple[type[APIError], bool]]] = {
    "invalid_api_key": (AuthenticationError, False),
    "api_key_invalid": (AuthenticationError, False),  # Gemini answers a bad key with 400
    "authentication_error": (AuthenticationError, False),
    "invalid_authentication_error": (AuthenticationError, False),
    "permission_error": (AuthenticationError, False),
    "permission-denied": (AuthenticationError, False),
    "permission_denied": (AuthenticationError, False),
    "unauthenticated": (AuthenticationError, False),
    "model_not_found": (NotFoundError, False),
    "not_found_error": (NotFoundError, False),
    "deploymentnotfound": (NotFoundError, False),
    "rate_limit_exceeded": (RateLimitError, True),
    "rate_limit_error": (RateLimitError, True),
    "rate_limit_reached_error": (RateLimitError, True),
    "slow_down": (RateLimitError, True),
    "server_error": (ServerError, True),
    "api_error": (ServerError, True),
    "timeout_error": (ServerError, True),
    "overloaded_error": (ServerError, True),
    "engine_overloaded_error": (ServerError, True),
    "server_is_overloaded": (ServerError, True),
    "service_unavailable_error": (ServerError, True),
    "provider_overloaded": (ServerError, True),
    "provider_unavailable": (ServerError, True),
    "unavailable_error": (ServerError, True),
    "insufficient_system_resource": (ServerError, True),
    "invalid_request_error": (BadRequestError, False),
    "invalid_request": (BadRequestError, False),
    # What Responses say in an answer that failed, which has no status: none of these gets better by asking again.
    **dict.fromkeys(
        (
            *("invalid_prompt", "data_residency_mismatch", "bio_policy", "misalignment_policy_violation"),
            *("invalid_image", "invalid_image_format", "invalid_base64_image", "invalid_image_url"),
            *("image_too_large", "image_too_small", "image_parse_error", "image_content_policy_violation"),
            *("invalid_image_mode", "image_file_too_large", "unsupported_image_media_type", "empty_image_file"),
            *("failed_to_download_image", "image_file_not_found"),
        ),
        (BadRequestError, False),
    ),
}

_CONTEXT_WORDS: Final = frozenset(
    {
        "context_length_exceeded",
        "model_context_window_exceeded",
        "exceed_context_size_error",
        "max_tokens_exceeded",
        "token_limit_exceeded",
        "string_too_long",
        "string_above_max_length",
    }
)

# The last resort, for hosts that only say it in prose; the error is marked ``guessed``.
_CONTEXT_MESSAGES: Final = re.compile(
    r"maximum context length"  # OpenAI before it had a code, vLLM, OpenRouter
    r"|context (length|window|size) (is )?(exceeded|of|limit)"
    r"|exceeds?( the)?( model'?s?)?( available| maximum)? context"
    r"|prompt is too long"  # Anthropic
    r"|input (token count|length|is too long).{0,60}(exceeds|maximum|too long)"  # Gemini
    r"|(prompt|input|request).{0,40}too (long|many tokens)"
    r"|maximum (prompt|input) length"  # xAI
    r"|reduce the length of (the|your|either)",
    re.IGNORECASE | re.DOTALL,
)
_BAD_KEY: Final = re.compile(r"(incorrect|invalid) api key", re.IGNORECASE)  # xAI answers a bad key with 400

# What keys look like, by their vendors' prefixes, and where hosts repeat one.
_KEY: Final = re.compile(
    r"\b(?:sk|pk|rk|csk|xai|pplx|nvapi)-[-_A-Za-z0-9.*]{4,}"
    r"|\b(?:sk|gsk|hf|r8|tgp|fw)_[-_A-Za-z0-9.*]{4,}"
    r"|\b(?:AIza|ya29\.|AKIA)[-_A-Za-z0-9]{8,}"
    r"|(?<=Bearer )[^\s\"']+"
    r"|(?<=[?&]key=)[^&\s\"']+"
    r"|(?<=provided: )[^\s\"',]+"
)


def without_keys(text: str) -> str:
    """The text with everything blanked out that looks like a key: some hosts echo them."""
    return _KEY.sub("[key]", text)


def read_error(body: bytes | str | Any) -> ErrorFacts:
    """The facts of an error body: bytes as they came, or the JSON value already read. Never raises."""
    value, text = body, ""
    if isinstance(body, bytes | bytearray | str):
        text = bytes(body).decode("utf-8", "replace") if not isinstance(body, str) else body
        value = _value_of(text)
    if isinstance(value, list) and value:
        value = value[0]  # Gemini streams its error inside a list
    if not isinstance(value, dict):
        return ErrorFacts(message=_first_words(text))
    return _facts(value, text)


def _value_of(text: str) -> Any:
    from ..json.serialization import loads

    stripped = text.strip()
    if stripped.startswith(("event:", "data:")):  # an error status with an event stream as its body
        lines = [line[5:] for line in stripped.splitlines() if line.startswith("data:")]
        stripped = "\n".join(lines)
    try:
        return loads(stripped)
    except DecodeError:
        return None


def _facts(value: Mapping[str, Any], text: str) -> ErrorFacts:
    error = _error_object(value)
    metadata = error.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    details = error.get("details")
    words = [error.get("code"), error.get("type"), error.get("status"), metadata.get("error_type"), value.get("code")]
    delay = None
    for detail in _objects(details):
        words.append(detail.get("reason"))
        words.append(detail.get("error_code"))
        if "retryDelay" in detail:
            delay = seconds_of(detail["retryDelay"])
    inner = error.get("innererror")
    if isinstance(inner, dict):
        words.append(inner.get("code"))
    return ErrorFacts(
        message=_message(error, value) or _first_words(text),
        code=_word(error.get("code")),
        type=_word(error.get("type")) or _word(metadata.get("error_type")),
        param=_word(error.get("param")),
        status=_status(error),
        request_id=_word(value.get("request_id")),
        words=frozenset(word.lower() for word in map(_word, words) if word),
        retry_delay=delay,
        details={key: item for key, item in error.items() if key not in ("message", "code", "type", "param")},
    )


def _error_object(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """``error`` object -> ``error`` text beside a top-level code -> ``errors[0]`` -> the body itself."""
    error = value.get("error")
    if isinstance(error, list) and error:
        error = error[0]
    if isinstance(error, dict):
        return error
    if isinstance(error, str) and error:
        return {**value, "message": error}
    first = next(iter(_objects(value.get("errors"))), None)
    return value if first is None else first


def _objects(value: Any) -> list[Mapping[str, Any]]:
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _message(error: Mapping[str, Any], value: Mapping[str, Any]) -> str:
    for said in (error.get("message"), error.get("detail"), value.get("detail"), value.get("message")):
        if isinstance(said, str) and said:
            return said
        listed = _objects(said)  # FastAPI's validation errors: [{loc, msg, type}]
        parts = [part for item in listed if isinstance(part := item.get("msg") or item.get("message"), str)]
        if parts:
            return "; ".join(parts)
    return ""


def _word(value: Any) -> str | None:
    if isinstance(value, bool) or value is None or value == "":
        return None
    return str(value) if isinstance(value, str | int) else None


def _status(error: Mapping[str, Any]) -> int | None:
    for value in (error.get("status_code"), error.get("raw_status_code"), error.get("code"), error.get("status")):
        if type(value) is int and 400 <= value < 600:
            return value
    return None


def _first_words(text: str) -> str:
    """A page as a line: tags out, blanks folded."""
    if "<" in text:
        text = re.sub(r"(?is)<(script|style)\b.*?</\1>|<[^>]{0,500}>", " ", text[:20000])
    return " ".join(text.split())[:200]


def build_error(
    facts: ErrorFacts,
    *,
    status: int | None,
    headers: Mapping[str, str] | None = None,
    body: str = "",
    now: float | None = None,
) -> APIError:
    """The typed error for these facts.

    Args:
        status: of the answer; None for an error inside a stream, where the host's own number counts.
        headers: of the answer; any case.
        body: as text; the first two thousand characters are kept.
        now: seconds since the epoch, for a host that says how long to wait.
    """
    lowered = {name.lower(): value for name, value in headers.items()} if headers else {}
    number = status if status is not None else facts.status
    kind, retryable = _classify(number, facts)
    guessed = False
    if kind in (BadRequestError, AuthenticationError, ServerError) and number in (400, 403, 413, 422, 500, None):
        told = not facts.words.isdisjoint(_CONTEXT_WORDS)
        guessed = not told and _CONTEXT_MESSAGES.search(facts.message) is not None
        if told or guessed:
            kind, retryable = ContextLengthError, False
    wish = lowered.get("x-should-retry", "").lower()  # OpenAI, Anthropic: the host knows best
    if wish in ("true", "false"):
        retryable = wish == "true"
    error = kind(
        without_keys(facts.message) or f"the host answered with status {number}",
        status=200 if number is None else number,
        code=facts.code,
        type=facts.type,
        param=facts.param,
        request_id=_request_id(lowered) or facts.request_id,
        body=without_keys(body[:_BODY_CHARACTERS]),
        details=facts.details,
        retryable=retryable,
        retry_at=retry_at(lowered, facts, now=now) if kind in (RateLimitError, QuotaError, ServerError) else None,
    )
    if isinstance(error, ContextLengthError):
        error.guessed = guessed
    return error


def _classify(status: int | None, facts: ErrorFacts) -> tuple[type[APIError], bool]:
    words = facts.words
    metadata = facts.details.get("metadata")
    source = metadata.get("limit_source") if isinstance(metadata, dict) else None
    if status == 402 and source == "openrouter_in_flight_budget":
        return RateLimitError, True  # money that other running calls may still give back
    if not words.isdisjoint(_FINAL) or (status == 429 and _ends_with_the_day(facts)):
        return QuotaError, False
    kind, retryable = _STATUSES.get(status or 0, (None, False))
    if kind is None:
        if status is not None and status >= 500:
            return ServerError, True
        kind = APIError if status is None else BadRequestError
    if kind in (APIError, BadRequestError):
        # Most exact first: code, type and status are all in ``words``; the generic one comes last.
        for word, found in _WORDS.items():
            if word in words and found[0] is not BadRequestError:
                return found if status in (None, 400) or found[0] is not ServerError else (kind, retryable)
        if status in (None, 400) and _BAD_KEY.search(facts.message):
            return AuthenticationError, False
        if kind is APIError:
            bad = any(word in _WORDS and _WORDS[word][0] is BadRequestError for word in words)
            return (BadRequestError, False) if bad else (ServerError, True)
    return kind, retryable


def _ends_with_the_day(facts: ErrorFacts) -> bool:
    """Gemini: a quota of a day, or none at all for this tier; the delay it names does not help."""
    for detail in _objects(facts.details.get("details")):
        for violation in _objects(detail.get("violations")):
            if "PerDay" in (_word(violation.get("quotaId")) or "") or _word(violation.get("quotaValue")) == "0":
                return True
    return False


def retry_at(headers: Mapping[str, str], facts: ErrorFacts | None = None, *, now: float | None = None) -> float | None:
    """When the host wants to be asked again, in seconds since the epoch; None where it does not say.

    Looked for in this order: ``retry-after-ms``, ``retry-after`` (seconds or an HTTP date), Gemini's
    ``RetryInfo`` in the body, the reset of a rate limit that is used up. ``headers`` have lower-case names.
    """
    now = time.time() if now is None else now
    milliseconds = _positive(headers.get("retry-after-ms"))
    if milliseconds:  # Azure sends 0 beside a retry-after of whole seconds
        return now + milliseconds / 1000.0
    after = headers.get("retry-after", "").strip()
    if after:
        seconds = _positive(after)
        if seconds is not None:
            return now + seconds
        try:
            return email.utils.parsedate_to_datetime(after).timestamp()
        except ValueError:
            pass  # neither a number nor a date: as if it were not there
    if facts is not None and facts.retry_delay is not None:
        return now + facts.retry_delay
    if milliseconds is not None:
        return now
    spent = [limit.reset_at for limit in parse_rate_limits(headers, now=now).values() if limit.remaining == 0]
    return max((moment for moment in spent if moment is not None), default=None)


def _positive(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0.0 <= number < 1e12 else None


# Where hosts put their id of an exchange.
_REQUEST_IDS: Final = (
    "x-request-id",
    "request-id",
    "apim-request-id",
    "x-ms-request-id",
    "mistral-correlation-id",
    "msh-request-id",
    "x-amzn-requestid",
    "x-generation-id",
    "cf-ray",
)


def _request_id(headers: Mapping[str, str]) -> str | None:
    return next((headers[name] for name in _REQUEST_IDS if headers.get(name)), None)
