"""One HTTP exchange: where it goes, how it is signed, what it is booked as, how it fails."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from ..errors import APIError, ConfigurationError, MiniLLMError, TransportError
from ..generator import GeneratorInfo
from ..json import serialization
from ..policies.deadline import Deadline
from ..providers import Secret, SecretHeaders, key_headers, redact, resolve_key
from ..transport import HTTPRequest, HTTPResponse, Timeouts, Transport, default_transport
from ..types import Attempt, ChatRequest, Outcome
from ..wire import Codec, get_codec
from ..wire.rate_limits import parse_rate_limits

__all__ = ["Exchange", "Host"]

_ERROR_BODY_BYTES = 1024 * 1024  # an error page larger than this is cut, not refused


@dataclass(slots=True)
class Host:
    """Where the requests of one generator go: made once, used for every request."""

    name: str
    codec: Codec
    base_url: str
    query: str
    headers: SecretHeaders
    transport: Transport
    urls: dict[str, str]

    def url(self, request: ChatRequest) -> str:
        path = self.codec.path(request)
        url = self.urls.get(path)
        if url is None:
            mark = "&" if "?" in path else "?"
            url = self.urls[path] = self.base_url + path + (mark + self.query if self.query else "")
        return url


def prepare_host(generator: GeneratorInfo, base_url: str | None = None) -> Host:
    """The host of a generator; at ``base_url`` where a local server has just told its own.

    Raises:
        ConfigurationError: a placeholder of the address is not filled, or a header cannot be sent.
    """
    endpoint = generator.endpoint
    headers = SecretHeaders({"content-type": "application/json", **endpoint.headers})
    headers.update({name.lower(): value for name, value in generator.headers.items()})
    address = base_url or generator.base_url or _fill(endpoint.base_url, generator)
    return Host(
        generator.provider.name,
        get_codec(endpoint.wire, quirks=endpoint.quirks),
        address.rstrip("/"),
        urlencode(endpoint.query),
        headers,
        generator.transport or default_transport(),
        {},
    )


def _fill(address: str, generator: GeneratorInfo) -> str:
    import os

    for name, variable in generator.provider.variables.items():
        value = generator.variables.get(name) or os.environ.get(variable, "").strip()
        if not value:
            raise ConfigurationError(f"{generator.provider.name} needs {name}=, or {variable} in the environment")
        address = address.replace("{" + name + "}", value)
    return address


class Exchange:
    """One attempt, from the encoded request to the host's answer or a typed error."""

    __slots__ = ("_generator", "_host", "_key", "_started", "attempt")

    def __init__(self, generator: GeneratorInfo, host: Host, key: Secret | None) -> None:
        self._generator = generator
        self._host = host
        self._key = key
        self._started = time.monotonic()
        self.attempt = Attempt(host.name, generator.model, host.codec.name, time.time())

    async def send(
        self, request: ChatRequest, body: Mapping[str, Any], timeouts: Timeouts, deadline: Deadline | None
    ) -> HTTPResponse:
        """Send and return an answer with a good status.

        Raises:
            APIError: the host answered with an error status.
            TransportError: there was no answer.
        """
        host = self._host
        headers = host.headers
        if self._key is not None:
            headers = SecretHeaders(headers)
            headers.update(key_headers(self._generator.endpoint.auth, self._key))
        url = host.url(request)
        if deadline is not None:
            timeouts = _bounded(timeouts, deadline)
        response = await host.transport.send(
            HTTPRequest("POST", url, headers, serialization.dumps(body), timeouts, self._generator.max_response_bytes)
        )
        attempt = self.attempt
        attempt.status = response.status
        attempt.rate_limits = parse_rate_limits(response.headers)
        attempt.request_id = _request_id(response.headers)
        if response.status >= 300:
            raise await self._refused(response)
        return response

    async def _refused(self, response: HTTPResponse) -> APIError:
        body = bytearray()
        try:
            while chunk := await response.read_some():
                body += chunk
                if len(body) > _ERROR_BODY_BYTES:
                    break
        except TransportError:
            pass  # a cut error page still tells its status
        finally:
            response.close()
        if response.status < 400:
            return APIError(
                "the host redirects; credentials are not carried to another address. Set base_url to the new one",
                status=response.status,
                request_id=self.attempt.request_id,
            )
        return self._host.codec.decode_error(response.status, response.headers, bytes(body))

    def failed(self, error: MiniLLMError) -> MiniLLMError:
        """Book the failure, and leave no key in the error: some hosts echo it."""
        attempt = self.attempt
        attempt.duration = time.monotonic() - self._started
        attempt.outcome = Outcome.FAILED
        attempt.error = type(error).__name__
        if isinstance(error, APIError):
            error.host = self._host.name
            if attempt.status is None or attempt.status < 400:
                attempt.status = error.status if error.status is not None else attempt.status
            error.request_id = error.request_id or attempt.request_id
            error.body = self._redacted(error.body)
        if error.args and isinstance(error.args[0], str):
            error.args = (self._redacted(error.args[0]), *error.args[1:])
        if not error.attempts:
            error.attempts = (attempt,)
        return error

    def _redacted(self, text: str) -> str:
        return redact(text, self._generator.headers, self._key)

    def ended(self, outcome: Outcome) -> None:
        """Book a good end, or one that the caller made."""
        self.attempt.duration = time.monotonic() - self._started
        self.attempt.outcome = outcome

    def first_content(self) -> None:
        self.attempt.first_content_after = time.monotonic() - self._started


def key_of(generator: GeneratorInfo) -> Secret | None:
    """The generator's key, read now. Raises ConfigurationError as :func:`resolve_key` does."""
    return resolve_key(
        generator.provider,
        generator.api_key,
        generator.api_key_env,
        own_base_url=generator.base_url is None and generator.local_server is None,
    )


def _bounded(timeouts: Timeouts, deadline: Deadline) -> Timeouts:
    left = deadline.left()
    if left <= 0.0:
        raise deadline.passed()
    return Timeouts(*(left if limit is None else min(limit, left) for limit in _limits(timeouts)))


def _limits(timeouts: Timeouts) -> tuple[float | None, float | None, float | None]:
    return timeouts.connect, timeouts.first_byte, timeouts.idle


# Where hosts put their id of an exchange (wire-spec: errors and limits).
_REQUEST_IDS = (
    "x-request-id",
    "request-id",
    "apim-request-id",
    "x-generation-id",
    "cf-ray",
    "msh-request-id",
    "mistral-correlation-id",
)


def _request_id(headers: Mapping[str, str]) -> str | None:
    for name in _REQUEST_IDS:
        value = headers.get(name)
        if value:
            return value
    return None
