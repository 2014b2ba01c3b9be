"""Tell those who watch. Outermost, around the whole request; and a second one around cost, for each exchange.

Neither is there where nobody watches.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..chat_model import ChatModel, EventStream
from ..errors import MiniLLMError, OutputError
from ..observe import Observer, RequestObservation, current_request, route_changed
from ..types import Attempt, ChatRequest, ChatResponse

if TYPE_CHECKING:
    from .routes import OnRoute, RouteEvent, Rules

__all__ = ["Observed", "ObservedAttempts", "Subject", "observed_rules"]


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is asked.

    Args:
        host: the provider row's name.
        model: the model that is asked where the request names none.
        wire: the protocol spoken.
        address: the server's name and port, as far as they are known.
        plan: it is no host, but a plan of routes.
    """

    host: str
    model: str = ""
    wire: str = ""
    address: tuple[str | None, int | None] = (None, None)
    plan: bool = False


class Observed:
    """Tells of a request from its start to its end.

    While a stream is open nothing is held: whoever reads it is in no span and no context of ours.
    """

    def __init__(self, model: ChatModel, observers: tuple[Observer, ...], subject: Subject) -> None:
        self._model = model
        self._observers = observers
        self._subject = subject

    async def complete(self, request: ChatRequest) -> ChatResponse:
        watch = self._begin(request, streaming=False)
        try:
            with watch.around():
                response = await self._model.complete(request)
        except BaseException as error:
            watch.failed(error)
            raise
        watch.answered(response)
        return response

    @asynccontextmanager
    async def stream(self, request: ChatRequest) -> AsyncIterator[EventStream]:
        watch = self._begin(request, streaming=True)
        try:
            with watch.around():
                manager = self._model.stream(request)
                stream = await manager.__aenter__()
        except BaseException as error:
            watch.failed(error)
            raise
        watch.opened()
        if watch.chunks:
            stream.map(watch.counting())
        ending = _Ending(watch)
        stream.on_end(ending)
        left_by: BaseException | None = None
        try:
            try:
                yield stream
            except BaseException as error:
                left_by = error
                if not await manager.__aexit__(type(error), error, error.__traceback__):
                    raise
            else:
                await manager.__aexit__(None, None, None)
        finally:
            stream.end(None)  # a model of somebody's own may not say so
            ending.tell(stream, left_by)

    def _begin(self, request: ChatRequest, *, streaming: bool) -> RequestObservation:
        watch = RequestObservation(self._observers)
        subject = self._subject
        model = subject.model if subject.plan else request.model or subject.model
        watch.started(
            request,
            subject.host,
            model,
            subject.wire,
            subject.address,
            streaming=streaming,
            plan=subject.plan,
        )
        return watch


class _Ending:
    """What a stream ended with, and when."""

    __slots__ = ("_error", "_watch")

    def __init__(self, watch: RequestObservation) -> None:
        self._watch = watch
        self._error: BaseException | None = None

    def __call__(self, stream: EventStream, error: BaseException | None) -> None:
        self._watch.ended_after = self._watch.elapsed
        self._error = error

    def tell(self, stream: EventStream, left_by: BaseException | None) -> None:
        """The stream is left.

        Args:
            left_by: what was raised in the caller's block. It is the caller's own matter, but for a cancellation
                and for the judgement of the whole answer, which comes when the stream has ended.
        """
        from asyncio import CancelledError

        error = self._error
        complete = stream.collector.complete
        if error is None and (
            (isinstance(left_by, CancelledError) and not complete) or isinstance(left_by, OutputError)
        ):
            error = left_by
        response = stream.response()
        if error is None:
            self._watch.answered(response, left=not complete)
        else:
            self._watch.failed(error, response)


class ObservedAttempts:
    """Tells of each exchange of an observed request, its bill included.

    Args:
        attempts: every exchange of the call, as it starts: of a cancelled one nothing else knows.
    """

    def __init__(self, model: ChatModel, attempts: Sequence[Attempt]) -> None:
        self._model = model
        self._attempts = attempts

    async def complete(self, request: ChatRequest) -> ChatResponse:
        watch = current_request()
        if watch is None:
            return await self._model.complete(request)
        number, before = watch.attempt_started(), len(self._attempts)
        try:
            response = await self._model.complete(request)
        except BaseException as error:
            watch.attempt_ended(number, self._of(error, before), error)
            raise
        watch.attempt_ended(number, response.attempts)
        return response

    @asynccontextmanager
    async def stream(self, request: ChatRequest) -> AsyncIterator[EventStream]:
        watch = current_request()
        if watch is None:
            async with self._model.stream(request) as stream:
                yield stream
            return
        number, before = watch.attempt_started(), len(self._attempts)
        try:
            manager = self._model.stream(request)
            stream = await manager.__aenter__()
        except BaseException as error:
            watch.attempt_ended(number, self._of(error, before), error)
            raise
        attempt = stream.attempt
        own = () if attempt is None else (attempt,)
        stream.on_end(lambda _, error: watch.attempt_ended(number, own, error))
        try:
            yield stream
        except BaseException as error:
            if not await manager.__aexit__(type(error), error, error.__traceback__):
                raise
        else:
            await manager.__aexit__(None, None, None)

    def _of(self, error: BaseException, before: int) -> Sequence[Attempt]:
        if isinstance(error, MiniLLMError) and error.attempts:
            return error.attempts
        return self._attempts[before:]


class _RouteTold:
    """An ``on_route`` that tells those who watch, and then the plan's own."""

    def __init__(self, own: "OnRoute | None") -> None:
        self._own = own
        self._watch: RequestObservation | None = None

    async def __call__(self, event: "RouteEvent") -> None:
        # What happens while a stream is read happens in no context of ours: it is the same call all the same.
        self._watch = self._watch or current_request()
        if self._watch is not None:
            news = str(event.news)
            route_changed(self._watch, event.route, event.index, news, error=event.error, until=event.until)
        if self._own is not None:
            from .routes import tell

            await tell(self._own, event)


def observed_rules(rules: "Rules") -> "Rules":
    """The rules of a plan for one call that is watched."""
    return replace(rules, on_route=_RouteTold(rules.on_route))
