"""OpenTelemetry: spans and metrics of requests, tools and runs, by its conventions for generative AI (extra ``otel``).

    from minillm.observe import otel
    otel.instrument()                       # the global providers; content=True records what was said, too
    otel.uninstrument()

Names and buckets are those of https://github.com/open-telemetry/semantic-conventions-genai (status: development) as of
October 2026; ``conventions`` and ``messages`` beside this hold most of them.

A span is the current one exactly while code runs that belongs to it: while a whole answer is waited for, until a stream
has opened, while a tool runs. None is while a stream is read, which may happen in any task.
"""

import time
from collections.abc import Callable, Sequence
from contextvars import Token
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError
from ..types import Usage
from . import events
from .conventions import Attributes, answered, of_attempt, operation_of, provider_of, settings, tokens
from .events import Event
from .hooks import add
from .messages import asked, dumps, part_of, said

try:
    from opentelemetry import context as otel_context
    from opentelemetry import metrics, trace
    from opentelemetry.trace import SpanKind, Status, StatusCode
except ImportError as error:  # pragma: no cover  the tests have it
    raise ImportError("minillm.observe.otel needs OpenTelemetry: pip install 'minillm-tree[otel]'") from error

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.metrics import Histogram, MeterProvider
    from opentelemetry.trace import Span, TracerProvider

__all__ = ["instrument", "uninstrument"]

_SCOPE = "minillm"

_SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_RUN_SECONDS = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6)
_TOKENS = tuple(4**power for power in range(14))


def instrument(
    tracer_provider: "TracerProvider | None" = None,
    meter_provider: "MeterProvider | None" = None,
    *,
    content: bool = False,
) -> None:
    """Make spans and metrics of everything from now on.

    Args:
        tracer_provider: whose spans; None is the global one.
        meter_provider: whose metrics; None is the global one.
        content: record prompts, answers, tool arguments and results, error messages. They may hold anything.

    Raises:
        ConfigurationError: it is instrumented already.
    """
    global _remove  # noqa: PLW0603
    with _lock:
        if _remove is not None:
            raise ConfigurationError("minillm is instrumented already; call otel.uninstrument() first")
        _remove = add(_Telemetry(tracer_provider, meter_provider), content=content)


def uninstrument() -> None:
    """End it. What is under way is told of to its end; a second call does nothing."""
    global _remove  # noqa: PLW0603
    with _lock:
        if _remove is not None:
            _remove()
            _remove = None


_lock = Lock()
_remove: Callable[[], None] | None = None


@dataclass(slots=True)
class _Open:
    """A span under way."""

    span: "Span"
    context: "Context"  # with the span in it
    began: int  # ns since the epoch
    attributes: Attributes  # of its metrics
    token: "Token[Context] | None" = None
    streaming: bool = False

    def enter(self) -> None:
        """Make it the current span of this task."""
        if self.token is None:
            self.token = otel_context.attach(self.context)

    def leave(self) -> None:
        """Make the one before current again; in the task that entered it."""
        if self.token is not None:
            token, self.token = self.token, None
            otel_context.detach(token)


class _Telemetry:
    """The hook: events to spans and metrics."""

    def __init__(self, tracers: "TracerProvider | None", meters: "MeterProvider | None") -> None:
        self._tracer = trace.get_tracer(_SCOPE, tracer_provider=tracers)
        meter = metrics.get_meter(_SCOPE, meter_provider=meters)

        def histogram(name: str, unit: str, description: str, buckets: Sequence[float]) -> "Histogram":
            return meter.create_histogram(name, unit, description, explicit_bucket_boundaries_advisory=[*buckets])

        self._tokens = histogram("gen_ai.client.token.usage", "{token}", "Tokens used, each attempt.", _TOKENS)
        self._duration = histogram("gen_ai.client.operation.duration", "s", "Duration of a request.", _SECONDS)
        self._first = histogram(
            "gen_ai.client.operation.time_to_first_chunk", "s", "Time to the first content of a stream.", _SECONDS
        )
        self._tool = histogram("gen_ai.execute_tool.duration", "s", "Duration of a tool call.", _SECONDS)
        self._run = histogram("gen_ai.invoke_agent.duration", "s", "Duration of a run.", _RUN_SECONDS)
        self._open: dict[int, _Open] = {}
        self._plans: set[int] = set()
        self._handlers: dict[type[Event], Callable[[Any], None]] = {
            events.RequestStarted: self._request_started,
            events.Paced: self._paced,
            events.AttemptEnded: self._attempt_ended,
            events.RetryScheduled: self._retry_scheduled,
            events.RouteChanged: self._route_changed,
            events.StreamOpened: self._stream_opened,
            events.RequestEnded: self._request_ended,
            events.RequestFailed: self._request_failed,
            events.ToolStarted: self._tool_started,
            events.ToolEnded: self._tool_ended,
            events.ToolFailed: self._tool_failed,
            events.RunStarted: self._run_started,
            events.RunEnded: self._run_ended,
            events.RunFailed: self._run_failed,
        }

    def __call__(self, event: Event) -> None:
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)

    def _begin(
        self, event: events.RequestStarted | events.ToolStarted | events.RunStarted, name: str, attributes: Attributes
    ) -> _Open:
        """Open a span; but for that of a run it is the current one, until somebody says leave()."""
        kind, run = SpanKind.INTERNAL, isinstance(event, events.RunStarted)
        if isinstance(event, events.RequestStarted) and not event.plan:
            kind = SpanKind.CLIENT
        # A run is current nowhere, since it hands over to the program again and again, and so is a plan whose stream
        # is being read: those within them look for them.
        above = None if event.parent is None else self._open.get(event.parent)
        around = trace.set_span_in_context(above.span) if above is not None and above.token is None else None
        began = time.time_ns()
        span = self._tracer.start_span(name, around, kind=kind, attributes=attributes, start_time=began)
        opened = self._open[event.id] = _Open(span, trace.set_span_in_context(span), began, {})
        if not run:
            opened.enter()
        return opened

    def _end(self, id: int, duration: float, attributes: Attributes, error: str | None = None) -> _Open | None:
        """Close the span. It lasted so many seconds: a stream that has ended may be left much later."""
        opened = self._open.pop(id, None)
        if opened is None:
            return None
        opened.leave()
        span = opened.span
        if span.is_recording():
            span.set_attributes(attributes)
            if error is not None:
                span.set_attribute("error.type", error)
                # The class alone: an error's words may quote what was said.
                span.set_status(Status(StatusCode.ERROR, error))
        if error is not None:
            opened.attributes["error.type"] = error
        span.end(opened.began + int(duration * 1e9))
        return opened

    def _note(self, id: int, name: str, attributes: Attributes) -> None:
        opened = self._open.get(id)
        if opened is not None:
            opened.span.add_event(name, {key: value for key, value in attributes.items() if value is not None})

    # ---- requests

    def _request_started(self, event: events.RequestStarted) -> None:
        if event.plan:
            # Only what holds its routes together: tokens and times are theirs, and would be counted twice here.
            self._begin(event, "minillm.plan", {"minillm.plan": event.model})
            self._plans.add(event.id)
            return
        operation = operation_of(event.wire)
        common: Attributes = {
            "gen_ai.operation.name": operation,
            "gen_ai.provider.name": provider_of(event.host),
        }
        if event.model:
            common["gen_ai.request.model"] = event.model
        if event.address is not None:
            common["server.address"] = event.address
            if event.port is not None:
                common["server.port"] = event.port
        attributes = {**common, **settings(event)}
        if event.request is not None:
            attributes.update(asked(event.request))
        opened = self._begin(event, f"{operation} {event.model}".rstrip(), attributes)
        opened.attributes, opened.streaming = common, event.streaming

    def _paced(self, event: events.Paced) -> None:
        self._note(event.id, "minillm.paced", {"minillm.wait": event.wait})

    def _attempt_ended(self, event: events.AttemptEnded) -> None:
        """Its tokens are counted here: those of answers that were rejected and asked again are used, too."""
        opened, attempt = self._open.get(event.id), event.attempt
        if opened is None or attempt is None:
            return
        if attempt.usage is not None:
            self._count(attempt.usage, opened)
        if event.error_type is not None:
            self._note(event.id, "minillm.attempt_failed", {**of_attempt(attempt), "error.type": event.error_type})

    def _count(self, usage: Usage, opened: _Open) -> None:
        for kind, used in (("input", usage.input_tokens), ("output", usage.output_tokens)):
            if used is not None:
                self._tokens.record(used, {**opened.attributes, "gen_ai.token.type": kind}, context=opened.context)

    def _retry_scheduled(self, event: events.RetryScheduled) -> None:
        facts = {
            "minillm.attempt": event.number,
            "minillm.wait": event.wait,
            "error.type": event.error_type,
            "http.response.status_code": event.status,
        }
        self._note(event.id, "minillm.retry", facts)

    def _route_changed(self, event: events.RouteChanged) -> None:
        facts = {"minillm.route": event.route, "minillm.news": event.news, "error.type": event.error_type}
        self._note(event.id, "minillm.route", facts)

    def _stream_opened(self, event: events.StreamOpened) -> None:
        opened = self._open.get(event.id)
        if opened is not None:
            opened.leave()  # who reads it is in no span of ours

    def _plan_ended(self, event: events.RequestEnded | events.RequestFailed) -> bool:
        if event.id not in self._plans:
            return False
        self._plans.discard(event.id)
        error = event.error_type if isinstance(event, events.RequestFailed) else None
        self._end(event.id, event.duration, {"minillm.attempts": len(event.attempts)}, error)
        return True

    def _request_ended(self, event: events.RequestEnded) -> None:
        if self._plan_ended(event):
            return
        attributes = {**answered(event), **tokens(event.usage)}
        if event.finish_reasons:
            attributes["gen_ai.response.finish_reasons"] = event.finish_reasons
        if event.left:
            attributes["minillm.left"] = True
        if event.losses:
            attributes["minillm.losses"] = event.losses
        if event.response is not None:
            attributes["gen_ai.output.messages"] = said(event.response)
        self._measure(self._end(event.id, event.duration, attributes), event)

    def _request_failed(self, event: events.RequestFailed) -> None:
        if self._plan_ended(event):
            return
        attributes = {**answered(event), **tokens(event.usage)}
        if event.status is not None:
            attributes["http.response.status_code"] = event.status
        if event.error is not None:
            attributes["minillm.error.message"] = str(event.error)
        self._measure(self._end(event.id, event.duration, attributes, event.error_type), event)

    def _measure(self, opened: _Open | None, event: events.RequestEnded | events.RequestFailed) -> None:
        if opened is None:
            return
        attributes = opened.attributes
        if event.response_model:
            attributes["gen_ai.response.model"] = event.response_model
        self._duration.record(event.duration, attributes, context=opened.context)
        if opened.streaming and event.first_content_after is not None:
            self._first.record(event.first_content_after, attributes, context=opened.context)

    # ---- tools

    def _tool_started(self, event: events.ToolStarted) -> None:
        common = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": event.tool,
            "gen_ai.tool.type": "function",
        }
        attributes: Attributes = {**common, "gen_ai.tool.call.id": event.call_id}
        if event.description is not None:
            attributes["gen_ai.tool.description"] = event.description
        if event.call is not None:
            attributes["gen_ai.tool.call.arguments"] = event.call.arguments
        opened = self._begin(event, f"execute_tool {event.tool}", attributes)
        opened.attributes = {name: common[name] for name in ("gen_ai.tool.name", "gen_ai.tool.type")}

    def _tool_ended(self, event: events.ToolEnded) -> None:
        attributes: Attributes = {"minillm.tool.repaired": True} if event.repaired else {}
        if event.result is not None:
            attributes["gen_ai.tool.call.result"] = dumps(part_of(event.result)["response"])
        opened = self._end(event.id, event.duration, attributes)
        if opened is not None:
            self._tool.record(event.duration, opened.attributes, context=opened.context)

    def _tool_failed(self, event: events.ToolFailed) -> None:
        attributes = {} if event.error is None else {"minillm.error.message": str(event.error)}
        opened = self._end(event.id, event.duration, attributes, event.error_type)
        if opened is not None:
            self._tool.record(event.duration, opened.attributes, context=opened.context)

    # ---- runs

    def _run_started(self, event: events.RunStarted) -> None:
        attributes: Attributes = {"gen_ai.operation.name": "invoke_agent"}
        for name, value in (
            ("gen_ai.agent.name", event.agent),
            ("gen_ai.provider.name", provider_of(event.host)),
            ("gen_ai.request.model", event.model),
        ):
            if value:
                attributes[name] = value
        opened = self._begin(event, f"invoke_agent {event.agent}".rstrip(), attributes)
        kept = ("gen_ai.agent.name", "gen_ai.request.model")
        opened.attributes = {key: attributes[key] for key in kept if key in attributes}

    def _run_ended(self, event: events.RunEnded) -> None:
        attributes: Attributes = {"minillm.stop_reason": event.stop_reason, **tokens(event.usage)}
        if event.rounds is not None:
            attributes["minillm.rounds"] = event.rounds
        if event.cost is not None and event.cost.usd is not None:
            attributes["minillm.cost.usd"] = float(event.cost.usd)
        opened = self._end(event.id, event.duration, attributes)
        if opened is not None:
            self._run.record(event.duration, opened.attributes, context=opened.context)

    def _run_failed(self, event: events.RunFailed) -> None:
        attributes = {} if event.error is None else {"minillm.error.message": str(event.error)}
        opened = self._end(event.id, event.duration, attributes, event.error_type)
        if opened is not None:
            self._run.record(event.duration, opened.attributes, context=opened.context)
