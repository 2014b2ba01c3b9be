"""One HTTP exchange: where it goes, how it is signed, what it is booked as, how it fails."""

import re
import time
from asyncio import CancelledError
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any
from urllib.parse import urlencode

from ..errors import APIError, ConfigurationError, MiniLLMError, TransportError
from ..generator import GeneratorInfo
from ..json import serialization
from ..policies.deadline import Deadline
from ..providers import Secret, SecretHeaders, check_headers, key_headers, redact, resolve_key
from ..providers.endpoints import SHAPES, Shape
from ..transport import HTTPRequest, HTTPResponse, Timeouts, Transport, default_transport
from ..transport.headers import Headers
from ..types import Attempt, ChatRequest, Outcome
from ..types.quick import maker
from ..wire import Codec, get_codec
from ..wire.rate_limits import parse_rate_limits, telling
from .paced import heed

__all__ = ["Exchange", "Host", "address_of"]

_new_request = maker(HTTPRequest)
_ERROR_BODY_BYTES = 1024 * 1024  # an error page larger than this is cut, not refused
_LABEL = re.compile(r"[A-Za-z0-9_-]+")
_OUR_OWN = frozenset({"attempts", "partial", "response", "host", "path", "retryable", "retry_at"})


@dataclass(slots=True)
class Host:
    """Where the requests of one generator go: made once, used for every request."""

    name: str
    codec: Codec
    base_url: str
    query: str = field(repr=False)
    headers: SecretHeaders
    secrets: tuple[str, ...] = field(repr=False)  # what must not come back in an error's text, beside the key
    transport: Transport
    urls: dict[str, str] = field(repr=False)
    shape: Shape | None = None
    signature: tuple[Secret, SecretHeaders] | None = field(default=None, repr=False)  # the headers with the last key

    def signed(self, key: Secret, generator: GeneratorInfo) -> SecretHeaders:
        """The headers with this key; a transport must not change them, since they serve for the next request too."""
        if self.signature is None or self.signature[0] != key:  # one out of the environment is another object each time
            headers = SecretHeaders(self.headers)
            headers.update(key_headers(generator.endpoint.auth, key))
            self.signature = key, headers
        return self.signature[1]

    def address(self, request: ChatRequest, body: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """Where the request goes, and the body in the form that this endpoint wants."""
        path = self.codec.path(request)
        if self.shape is not None:
            path, body = self.shape(path, body, request)
        url = self.urls.get(path)
        if url is None:
            mark = "&" if "?" in path else "?"
            url = self.urls[path] = self.base_url + path + (mark + self.query if self.query else "")
        return url, body


def prepare_host(generator: GeneratorInfo, base_url: str | None = None) -> Host:
    """The host of a generator; at ``base_url`` where a local server has just told its own.

    Raises:
        ConfigurationError: a placeholder of the address is not filled, or a header cannot be sent.
    """
    endpoint = generator.endpoint
    check_headers(generator.headers, generator.provider.name)
    headers = SecretHeaders({"content-type": "application/json"})
    headers.update((name.lower(), value) for name, value in (*endpoint.headers.items(), *generator.headers.items()))
    secrets = (*generator.headers.values(), *(value for name, value in endpoint.query.items() if _may_be_key(name)))
    address = base_url or address_of(generator)
    return Host(
        generator.provider.name,
        get_codec(endpoint.wire, quirks=endpoint.quirks),
        address.rstrip("/"),
        urlencode(endpoint.query),
        headers,
        secrets,
        generator.transport or default_transport(),
        {},
        None if endpoint.shape is None else SHAPES[endpoint.shape],
    )


def address_of(generator: GeneratorInfo) -> str:
    """Where the generator's host is.

    Raises:
        ConfigurationError: a placeholder of the address is not filled.
    """
    return generator.base_url or _fill(generator.endpoint.base_url, generator)


def _may_be_key(name: str) -> bool:
    return any(word in name.lower() for word in ("key", "token", "secret", "sig", "code"))


def _fill(address: str, generator: GeneratorInfo) -> str:
    import os

    for name, variable in generator.provider.variables.items():
        value = generator.variables.get(name) or os.environ.get(variable, "").strip()
        if not value:
            raise ConfigurationError(f"{generator.provider.name} needs {name}=, or {variable} in the environment")
        if not _LABEL.fullmatch(value):
            # It becomes part of the address the key is sent to: "evil.test/" would send it elsewhere.
            raise ConfigurationError(f"{generator.provider.name}: {name} must be letters, digits and hyphens only")
        address = address.replace("{" + name + "}", value)
    return address


class Exchange:
    """One attempt, from the encoded request to the host's answer or a typed error."""

    __slots__ = ("_generator", "_host", "_key", "_paced", "_started", "attempt")

    def __init__(self, generator: GeneratorInfo, host: Host, key: Secret | None, paced: bool = False) -> None:
        self._paced = paced
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
        message = self._message(request, body, timeouts)
        try:
            if deadline is None:
                response = await self._host.transport.send(message)
            else:
                response = await deadline.within(partial(self._host.transport.send, message))
        except (MiniLLMError, CancelledError) as error:
            # The frames below hold headers, and tools that show frames with their variables would show the key.
            raise error.with_traceback(None) from error.__cause__
        finally:
            del message  # a query may hold one too
        if not self._heard(response):
            raise await self._refused(response)
        return response

    def _message(self, request: ChatRequest, body: Mapping[str, Any], timeouts: Timeouts) -> HTTPRequest:
        """What goes out. The key is in it: not to be kept where an error's frames would show it."""
        host, key, signature = self._host, self._key, self._host.signature
        if signature is not None and signature[0] is key:
            headers = signature[1]
        else:
            headers = host.headers if key is None else host.signed(key, self._generator)
        url, body = host.address(request, body)
        limit = self._generator.max_response_bytes
        return _new_request("POST", url, headers, serialization.dumps(body), timeouts, limit)

    def _heard(self, response: HTTPResponse) -> bool:
        """Book what an answer says before its body: its status, the host's id of it, the limits. Whether it is good."""
        attempt, answered = self.attempt, response.headers
        status = attempt.status = response.status
        known = _telling(answered.names() if type(answered) is Headers else tuple(answered))
        if known.limits:
            said = answered.some(known.limited) if type(answered) is Headers else answered
            limits = attempt.rate_limits = parse_rate_limits(said, told=known.limits)
            if limits and not self._paced:
                heed(self._generator, limits, sent_at=self._started)
        for header in known.ids:
            if attempt.request_id is None:
                attempt.request_id = answered[header] or None
        return status < 300

    async def _refused(self, response: HTTPResponse) -> APIError:
        """The error that an answer with a bad status is."""
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
            error.request_id = error.request_id or attempt.request_id
        error.args = tuple(self._blanked(error.args))
        for name, value in error.__dict__.items():
            if name not in _OUR_OWN:
                error.__dict__[name] = self._blanked(value)
        if all(known is not attempt for known in error.attempts):
            error.attempts = (attempt,)
        # What the host said stands in the frames that read it, and in the parser's own errors, unredacted.
        error.__traceback__ = error.__context__ = None
        if not isinstance(error.__cause__, MiniLLMError):
            error.__cause__ = None
        return error

    def _redacted(self, text: str) -> str:
        return redact(text, self._host.secrets, self._key)

    def _blanked(self, value: Any) -> Any:
        """The value with every text in it redacted."""
        if isinstance(value, str):
            return self._redacted(value)
        if isinstance(value, dict):
            return {self._blanked(key): self._blanked(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self._blanked(item) for item in value)
        return value

    def ended(self, outcome: Outcome) -> None:
        """Book a good end, or one that the caller made."""
        self.attempt.duration = time.monotonic() - self._started
        self.attempt.outcome = outcome

    def broken(self, error: BaseException) -> None:
        """Book an end by what is no failure of the exchange: cancellation, or a fault of a program."""
        self.ended(Outcome.FAILED if isinstance(error, Exception) else Outcome.CANCELLED)
        self.attempt.error = type(error).__name__ if isinstance(error, Exception) else None

    def first_content(self) -> None:
        self.attempt.first_content_after = time.monotonic() - self._started


def key_of(generator: GeneratorInfo, given: Secret | None) -> Secret | None:
    """The generator's key, read now; none where the user's own headers hold one already.

    Args:
        given: the generator's ``api_key``, or what it gave where it is a callable.

    Raises:
        ConfigurationError: as :func:`resolve_key` does.
    """
    if generator.headers and given is None and generator.api_key_env is None:
        header = generator.endpoint.auth.header
        if any(name.lower() == header for name in generator.headers):
            return None
    return resolve_key(
        generator.provider,
        given,
        generator.api_key_env,
        own_base_url=generator.base_url is None and generator.local_server is None,
    )


# Where hosts put their id of an exchange (wire-spec: errors and limits).
_REQUEST_IDS = (
    "x-generation-id",  # OpenRouter's, by which it tells the bill later
    "x-request-id",
    "request-id",
    "apim-request-id",
    "cf-ray",
    "msh-request-id",
    "mistral-correlation-id",
)


class _Telling:
    """Which of an answer's headers say something."""

    __slots__ = ("ids", "limited", "limits")

    def __init__(self, names: tuple[str, ...]) -> None:
        spelt = {name.lower(): name for name in names}
        #: Those that may hold the id, the likeliest first.
        self.ids = tuple(spelt[name] for name in _REQUEST_IDS if name in spelt)
        self.limits = telling(names)
        #: All that the limits are told in.
        self.limited = tuple(header for _, *facts in self.limits for header in facts if header is not None)


# A host's answers have the same headers again and again; what they tell is worked out once.
_telling = lru_cache(maxsize=256)(_Telling)
