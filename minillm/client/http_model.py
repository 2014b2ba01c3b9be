"""A model behind HTTP: the one place where codec, host and transport meet."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from ..chat_model import EventStream, replayed
from ..errors import DecodeError, MiniLLMError, StreamInterrupted, TimeoutExceeded
from ..generator import GeneratorInfo
from ..json import serialization
from ..local import server_for
from ..policies.deadline import Deadline
from ..policies.options import CallOptions
from ..providers import Secret, ask_key
from ..transport import HTTPResponse, Timeouts
from ..types import Attempt, ChatRequest, ChatResponse, Loss, MessageEnd, Outcome, StreamEvent, StreamFailed
from ..wire.codec import StreamDecoder
from ..wire.sse import SSEDecoder
from .adapt import adapt, encode
from .exchange import Exchange, Host, key_of, prepare_host
from .renewal import heed_renewal

__all__ = ["HTTPModel"]


class HTTPModel:
    """Answers requests through the host of a generator; one exchange a call, no retries.

    Args:
        generator: where to, and with what.
        options: timeouts, usage wishes, and what to do about losses.
        deadline: no wait goes beyond it.
        attempts: every exchange is put here as it starts.
        native: keep the wire's own frames on the events of a stream (needed for exact re-encoding only).
        paced: somebody outside heeds what the host says of its limits; else it is remembered for later calls.
    """

    __slots__ = ("_attempts", "_deadline", "_generator", "_native", "_options", "_paced")

    def __init__(
        self,
        generator: GeneratorInfo,
        options: CallOptions,
        deadline: Deadline | None = None,
        attempts: list[Attempt] | None = None,
        native: bool = False,
        paced: bool = False,
    ) -> None:
        self._attempts = attempts
        self._paced = paced
        self._generator = generator
        self._options = options
        self._deadline = deadline
        self._native = native

    async def complete(self, request: ChatRequest) -> ChatResponse:
        """The whole answer.

        Raises:
            APIError: the host refused, in any of the ways hosts do.
            TransportError: the exchange broke.
            DecodeError: the host sent something that the protocol does not allow.
            EncodeError: the request cannot be said to this host.
            ConfigurationError: a key or setting is missing.
        """
        generator, options, deadline = self._generator, self._options, self._deadline
        host, key = self._known_host() or await self._host()
        request = adapt(request, generator, options, stream=False)
        body, losses = encode(request, generator, host.codec, options)
        exchange = Exchange(generator, host, key, self._paced)
        if self._attempts is not None:
            self._attempts.append(exchange.attempt)
        try:
            answer = await exchange.send(request, body, self._timeouts(), deadline)
            try:
                response = _decoded(host, await (answer.read() if deadline is None else deadline.within(answer.read)))
            finally:
                answer.close()
        except MiniLLMError as error:
            await heed_renewal(error, generator, key)
            raise exchange.failed(error) from error.__cause__
        except BaseException as error:
            exchange.broken(error)
            raise
        exchange.attempt.usage = response.usage
        exchange.ended(Outcome.ACCEPTED)
        return self._stamped(response, exchange, losses)

    @asynccontextmanager
    async def stream(self, request: ChatRequest) -> AsyncIterator[EventStream]:
        """The answer as it comes; entering raises as :meth:`complete` does."""
        if not self._streams():
            response = await self.complete(request)
            stream = replayed(response)
            try:
                yield stream
            finally:
                stream.end(None)
            return
        host, key = self._known_host() or await self._host()
        request = adapt(request, self._generator, self._options, stream=True)
        body, losses = encode(request, self._generator, host.codec, self._options)
        exchange = self._exchange(host, key)
        answer: HTTPResponse | None = None
        opened: EventStream | None = None
        try:
            answer = await exchange.send(request, body, self._timeouts(), self._deadline)
            stream = opened = await self._open(host, answer, exchange)
            await stream.peek()
            exchange.first_content()
        except BaseException as error:
            if answer is not None:
                answer.close()
            if opened is not None:
                exchange.attempt.usage = opened.collector.usage
            if isinstance(error, MiniLLMError):
                await heed_renewal(error, self._generator, key)
                raise exchange.failed(error) from error.__cause__
            exchange.broken(error)
            raise
        stream.losses = losses
        try:
            yield stream
        finally:
            answer.close()
            stream.end(None)

    async def _open(self, host: Host, answer: HTTPResponse, exchange: Exchange) -> EventStream:
        if "json" in answer.headers.get("content-type", ""):
            # Some servers ignore "stream" and answer whole (dialects, checklist 11).
            response = _decoded(host, await self._whole(answer))
            exchange.attempt.usage = response.usage
            stream = replayed(self._stamped(response, exchange, ()))
        else:
            reader = _Reader(answer, host.codec.stream_decoder(native=self._native), self._deadline)
            stream = EventStream(reader.read, attempt=exchange.attempt)
            stream.origin = self._origin()
        stream.on_end(_Booking(exchange))
        return stream

    async def _whole(self, answer: HTTPResponse) -> bytes:
        if self._deadline is None:
            return await answer.read()
        return await self._deadline.within(answer.read)

    def _known_host(self) -> tuple[Host, Secret | None] | None:
        """What :meth:`_host` gives, where nothing has to be waited for."""
        generator = self._generator
        host: Host | None = generator.prepared.get("host")
        given = generator.api_key
        if host is not None and host.signature is not None and host.signature[0] is given:
            return host, host.signature[0]  # the last request went out with it, so it is good
        if host is None or generator.local_server is not None or not (given is None or isinstance(given, Secret)):
            return None
        return host, key_of(generator, given)

    async def _host(self) -> tuple[Host, Secret | None]:
        generator = self._generator
        if generator.local_server is not None:
            start = partial(server_for, generator.local_server)
            server = await (start() if self._deadline is None else self._deadline.within(start))
            return prepare_host(generator, server.base_url), Secret(server.api_key)
        host = generator.prepared.get("host")
        if host is None:
            host = generator.prepared["host"] = prepare_host(generator)
        given = generator.api_key
        if given is not None and not isinstance(given, Secret):
            ask = partial(ask_key, generator.provider, given)
            given = await (ask() if self._deadline is None else self._deadline.within(ask))
        return host, key_of(generator, given)

    def _exchange(self, host: Host, key: Secret | None) -> Exchange:
        exchange = Exchange(self._generator, host, key, self._paced)
        if self._attempts is not None:
            self._attempts.append(exchange.attempt)
        return exchange

    def _timeouts(self) -> Timeouts:
        return self._options.timeouts or self._generator.timeouts

    def _streams(self) -> bool:
        streaming = self._generator.streaming
        return self._generator.provider.streaming if streaming is None else streaming

    def _origin(self) -> tuple[str, str]:
        return self._generator.provider.name, self._generator.model

    def _stamped(self, response: ChatResponse, exchange: Exchange, losses: tuple[Loss, ...]) -> ChatResponse:
        """Say where it came from. The response was made a moment ago and nobody else has seen it,
        so it is filled in place: ``replace`` would cost as much as decoding it."""
        fill, attempt = object.__setattr__, exchange.attempt
        origin = attempt.host, attempt.model
        for choice in response.choices:
            fill(choice.message, "origin", origin)
        fill(response, "attempts", (attempt,))
        if losses:
            fill(response, "losses", losses)
        if attempt.rate_limits:
            fill(response, "rate_limits", attempt.rate_limits)
        return response


def _decoded(host: Host, body: bytes) -> ChatResponse:
    # Under load DeepSeek sends blank lines before the JSON; orjson skips leading white space itself.
    if not body or body.isspace():
        raise DecodeError("the host answered with an empty body", retryable=True)
    return host.codec.decode_response(serialization.loads(body))


class _Booking:
    """Fills in the attempt when its stream has ended."""

    __slots__ = ("_exchange",)

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def __call__(self, stream: EventStream, error: BaseException | None) -> None:
        exchange = self._exchange
        if stream.collector.usage is not None:
            exchange.attempt.usage = stream.collector.usage
        if isinstance(error, MiniLLMError):
            exchange.failed(error)
        elif error is not None:
            exchange.broken(error)
        elif stream.collector.complete:
            exchange.ended(Outcome.ACCEPTED)
        else:
            exchange.ended(Outcome.CANCELLED)


# A reader that is slower than its host finds hundreds of kilobytes at a time. They are decoded in pieces: thousands
# of events at once would send the garbage collector through all of them again and again.
_AT_ONCE = 16 * 1024


class _Reader:
    """Bytes to batches of events: one object, no task, no queue."""

    __slots__ = ("_answer", "_at", "_data", "_deadline", "_decoder", "_done", "_frames")

    def __init__(self, answer: HTTPResponse, decoder: StreamDecoder, deadline: Deadline | None) -> None:
        self._answer = answer
        self._decoder = decoder
        self._frames = SSEDecoder()
        self._deadline = deadline
        self._done = False
        self._data = b""
        self._at = 0  # so much of the data has been decoded

    async def read(self) -> Sequence[StreamEvent] | None:
        if self._done:
            return None
        cut: StreamInterrupted | TimeoutExceeded | None = None
        if not self._data:
            try:
                if self._deadline is None:
                    self._data = await self._answer.read_some()
                else:
                    self._data = await self._deadline.within(self._answer.read_some)
            except (StreamInterrupted, TimeoutExceeded) as error:
                # A broken or silent line is the end of the bytes: the decoder knows whether the answer was whole.
                self._data, cut = b"", error
        if self._data:
            data = self._data if len(self._data) <= _AT_ONCE else self._data[self._at : self._at + _AT_ONCE]
            self._at += _AT_ONCE
            if self._at >= len(self._data):
                self._data, self._at = b"", 0  # an open stream that waits holds nothing back
            events = self._decoder.feed_many(self._frames.feed_each(data))
        else:
            events = self._decoder.feed_many(self._frames.finish())
            events += self._decoder.finish()
            self._done = True
        last = type(events[-1]) if events else None
        if last is MessageEnd:
            # The answer is whole: hand it on at once; the rest of the HTTP body is nobody's business
            # but the connection's, which can be used again only when it was read.
            self._done = True
            self._answer.release()
        elif last is StreamFailed:
            # What may follow is worth nothing, and the host need not write it: its own error is read to
            # the end by the decoder, so this is garbage or a broken line.
            self._done = True
            self._answer.close()
            if isinstance(cut, TimeoutExceeded):
                events[-1] = StreamFailed(cut)
            elif cut is not None:
                events[-1].error.__cause__ = cut  # type: ignore[union-attr]
        return events
