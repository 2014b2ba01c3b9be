"""One request, tool call or run under observation: what it tells from its start to its end."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from typing import Any

from ..errors import APIError, MiniLLMError
from ..types import (
    Attempt,
    ChatRequest,
    ChatResponse,
    CostInfo,
    StreamEvent,
    ToolCallPart,
    ToolResultPart,
    Usage,
    total_cost,
)
from . import events, hooks
from .faults import error_type, place_of
from .hooks import Observe, Observer, tell
from .logger import LOGGER, log

__all__ = [
    "Observation",
    "RequestObservation",
    "RunObservation",
    "ToolObservation",
    "begin_run",
    "begin_tool",
    "current_request",
    "paced",
    "retry_scheduled",
    "route_changed",
    "watchers",
]

_ids = count(1)
_LOG = (Observer(log),)
_INFO = 20

_current: "ContextVar[Observation | None]" = ContextVar("minillm.observe.current", default=None)


def watchers(call: Observe | None = None, generator: Observe | None = None) -> tuple[Observer, ...]:
    """All who are told of what is begun here: hooks, and the logger where it lets anything through. Mostly nobody."""
    found = () if call is None and generator is None and not hooks.count else hooks.observers(call, generator)
    return (*_LOG, *found) if LOGGER.isEnabledFor(_INFO) else found


class Observation:
    """Something under way, and who is told of it."""

    __slots__ = ("_started", "content", "id", "observers", "parent")

    def __init__(self, observers: tuple[Observer, ...]) -> None:
        around = _current.get()
        self.observers = observers
        self.id = next(_ids)
        self.parent = None if around is None else around.id
        self.content = any(observer.content for observer in observers)
        self._started = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._started

    def tell(self, event: events.Event) -> None:
        """Hand it to all who watch."""
        tell(self.observers, event)

    @contextmanager
    def around(self) -> Iterator[None]:
        """What is begun in this block happens within it. To be left in the task that entered it."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)


# The parameters that are numbers or words of ours, and never what a user wrote.
_SETTINGS = (
    "max_tokens",
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "frequency_penalty",
    "presence_penalty",
    "repetition_penalty",
    "seed",
    "n",
    "verbosity",
    "service_tier",
)


class RequestObservation(Observation):
    """A request to a model: told by the policies around it."""

    __slots__ = ("attempts", "chunks", "ended_after", "left_by", "tries")

    def __init__(self, observers: tuple[Observer, ...]) -> None:
        super().__init__(observers)
        self.attempts: list[Attempt] = []
        self.tries = 0
        self.chunks = any(observer.chunks for observer in observers)
        self.ended_after: float | None = None
        self.left_by: BaseException | None = None

    def started(
        self,
        request: ChatRequest,
        host: str,
        model: str,
        wire: str,
        address: tuple[str | None, int | None],
        *,
        streaming: bool,
        plan: bool = False,
    ) -> None:
        """It is about to be sent."""
        parameters = request.parameters
        settings = {name: value for name in _SETTINGS if isinstance(value := parameters.get(name), int | float | str)}
        form = parameters.get("response_format")
        if form is not None:
            settings["response_format"] = form.kind
        reasoning = parameters.get("reasoning")
        if reasoning is not None and isinstance(effort := getattr(reasoning, "effort", reasoning), str):
            settings["reasoning_effort"] = str(effort)
        self.tell(
            events.RequestStarted(
                id=self.id,
                parent=self.parent,
                host=host,
                model=model,
                wire=wire,
                address=address[0],
                port=address[1],
                streaming=streaming,
                plan=plan,
                settings=settings,
                messages=len(request.messages),
                tools=len(request.tools),
                request=request if self.content else None,
            )
        )

    def attempt_started(self) -> int:
        """An exchange begins: its number."""
        self.tries += 1
        self.tell(events.AttemptStarted(id=self.id, number=self.tries))
        return self.tries

    def attempt_ended(self, number: int, attempts: Sequence[Attempt], error: BaseException | None = None) -> None:
        """It is over; of ``attempts``, those are its own that were not told of before."""
        new = [attempt for attempt in attempts if all(known is not attempt for known in self.attempts)]
        self.attempts += new
        kind = None if error is None else error_type(error)
        told: list[Attempt | None] = [*new] or [None]
        for attempt in told:
            self.tell(events.AttemptEnded(id=self.id, number=number, attempt=attempt, error_type=kind))

    def opened(self) -> None:
        """A stream has content."""
        self.tell(events.StreamOpened(id=self.id, after=self.elapsed))

    def counting(self) -> Callable[[Sequence[StreamEvent]], Sequence[StreamEvent]]:
        """A function for :meth:`EventStream.map` that tells of every chunk and changes none."""
        numbers = count(1)
        those = tuple(observer for observer in self.observers if observer.chunks)

        def told(batch: Sequence[StreamEvent]) -> Sequence[StreamEvent]:
            if batch:
                chunk = tuple(batch) if self.content else None
                event = events.ChunkReceived(
                    id=self.id, number=next(numbers), events=len(batch), after=self.elapsed, chunk=chunk
                )
                tell(those, event)
            return batch

        return told

    def answered(self, response: ChatResponse, *, left: bool = False) -> None:
        """It has been answered, or as far as its caller wished."""
        attempts = tuple(self.attempts) or response.attempts  # of a plan, the routes tell
        self.tell(
            events.RequestEnded(
                id=self.id,
                duration=self._duration(),
                left=left,
                first_content_after=self._first_content(),
                response_id=response.id,
                response_model=response.model,
                finish_reasons=tuple(str(c.finish_reason) for c in response.choices if c.finish_reason is not None),
                usage=response.usage,
                cost=total_cost(attempts),
                attempts=attempts,
                losses=len(response.losses),
                response=response if self.content else None,
            )
        )

    def failed(self, error: BaseException, partial: ChatResponse | None = None) -> None:
        """It has not been answered."""
        if partial is None and isinstance(error, MiniLLMError):
            partial = error.partial or getattr(error, "response", None)
        attempts = tuple(self.attempts)
        if not attempts and isinstance(error, MiniLLMError):
            attempts = error.attempts
        last = attempts[-1] if attempts else None
        self.tell(
            events.RequestFailed(
                id=self.id,
                duration=self._duration(),
                error_type=error_type(error),
                status=error.status if isinstance(error, APIError) else None,
                first_content_after=self._first_content(),
                response_id="" if partial is None else partial.id,
                response_model="" if partial is None else partial.model,
                usage=(None if partial is None else partial.usage) or (None if last is None else last.usage),
                cost=total_cost(attempts),
                attempts=attempts,
                error=error if self.content else None,
            )
        )

    def _duration(self) -> float:
        return self.elapsed if self.ended_after is None else self.ended_after

    def _first_content(self) -> float | None:
        return self.attempts[-1].first_content_after if self.attempts else None


def current_request() -> RequestObservation | None:
    """The request within which this code runs, where it is observed."""
    found = _current.get()
    return found if isinstance(found, RequestObservation) else None


def retry_scheduled(error: BaseException, number: int, wait: float, *, observed: bool) -> None:
    """Tell that it is asked again; where nobody observes the request, the log alone."""
    request = current_request() if observed else None
    event = events.RetryScheduled(
        id=0 if request is None else request.id,
        number=number,
        wait=wait,
        error_type=error_type(error),
        status=error.status if isinstance(error, APIError) else None,
    )
    tell(_LOG if request is None else request.observers, event)


_A_WAIT = 0.001  # below that it is the time of the code itself


def paced(seconds: float) -> None:
    """Tell that the request waited for its turn; a wait of under a millisecond is none."""
    request = current_request()
    if request is not None and seconds >= _A_WAIT:
        request.tell(events.Paced(id=request.id, wait=seconds))


def route_changed(
    request: RequestObservation,
    route: str,
    index: int,
    news: str,
    *,
    error: BaseException | None = None,
    until: float | None = None,
) -> None:
    """Tell what happened to a route of a plan that is observed."""
    kind = None if error is None else error_type(error)
    request.tell(events.RouteChanged(id=request.id, route=route, index=index, news=news, error_type=kind, until=until))


class ToolObservation(Observation):
    """A call of a tool."""

    __slots__ = ("_call", "_tool")

    def __init__(self, observers: tuple[Observer, ...], call: ToolCallPart, tool: str) -> None:
        super().__init__(observers)
        self._call = call
        self._tool = tool

    def started(self, description: str | None = None) -> None:
        """Its function is about to be run."""
        self.tell(
            events.ToolStarted(
                id=self.id,
                parent=self.parent,
                tool=self._tool,
                call_id=self._call.id,
                kind=self._call.kind,
                description=description if self.content else None,
                call=self._call if self.content else None,
            )
        )

    def ended(self, result: ToolResultPart, *, repaired: bool) -> None:
        """It has given a result."""
        self.tell(
            events.ToolEnded(
                id=self.id,
                tool=self._tool,
                call_id=self._call.id,
                duration=self.elapsed,
                repaired=repaired,
                result=result if self.content else None,
            )
        )

    def failed(self, error: BaseException) -> None:
        """It has raised, or was cancelled."""
        self.tell(
            events.ToolFailed(
                id=self.id,
                tool=self._tool,
                call_id=self._call.id,
                duration=self.elapsed,
                error_type=error_type(error),
                place=place_of(error),
                error=error if self.content else None,
            )
        )


def begin_tool(call: ToolCallPart, tool: str) -> ToolObservation | None:
    """Observe a call of a tool; None where nobody watches."""
    around = _current.get()
    those = watchers()
    if around is not None:  # a run may have hooks of its own
        those = (*around.observers, *(one for one in those if not any(one.is_as(other) for other in around.observers)))
    return ToolObservation(those, call, tool) if those else None


class RunObservation(Observation):
    """A run of requests and tools. Its own code is at work in ``around()``, which it leaves wherever it hands over."""

    __slots__ = ()

    def ended(self, stop_reason: str, *, rounds: int, usage: Usage | None, cost: CostInfo | None) -> None:
        """It is over."""
        self.tell(
            events.RunEnded(
                id=self.id,
                duration=self.elapsed,
                stop_reason=stop_reason,
                rounds=rounds,
                usage=usage,
                cost=cost,
            )
        )

    def failed(self, error: BaseException) -> None:
        """It ended by an error, or was cancelled."""
        kept: Any = error if self.content else None
        self.tell(events.RunFailed(id=self.id, duration=self.elapsed, error_type=error_type(error), error=kept))


def begin_run(
    call: Observe | None = None,
    generator: Observe | None = None,
    *,
    agent: str = "",
    host: str = "",
    model: str = "",
) -> RunObservation | None:
    """Observe a run, and tell of its start; None where nobody watches.

    Args:
        call, generator: the ``observe=`` of the run and of its generator; its requests are told of them by themselves.
    """
    those = watchers(call, generator)
    if not those:
        return None
    run = RunObservation(those)
    run.tell(events.RunStarted(id=run.id, parent=run.parent, agent=agent, host=host, model=model))
    return run
