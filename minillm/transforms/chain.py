"""Transforms in a row: the one place that says in which order they work, on requests, streams and whole answers."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from ..chat_model import replay
from ..errors import ConfigurationError, StreamInterrupted
from ..types import (
    ChatRequest,
    ChatResponse,
    Choice,
    CitationAdded,
    MessageEnd,
    PartEnd,
    PartStart,
    ReasoningPart,
    SignatureDelta,
    StreamEvent,
    StreamFailed,
    TextPart,
    collect,
)
from .kept import Kept
from .rewriting import Rewriting

__all__ = [
    "RequestTransform",
    "StreamChain",
    "StreamTransform",
    "Transform",
    "as_transform",
    "as_transforms",
    "change_response",
    "run_request_middleware_chain",
    "run_stream_middleware_chain",
]

RequestTransform: TypeAlias = Callable[[ChatRequest], ChatRequest]
StreamTransform: TypeAlias = Callable[[Sequence[StreamEvent]], Sequence[StreamEvent]]


@dataclass(frozen=True, slots=True)
class Transform:
    """A pure change of requests, of events, or of both.

    Args:
        request: gets the request, gives the one to send.
        events: gets a batch of events of an answer, gives those to go on with. It remembers nothing.
        stream: makes such a function anew for each stream: for one that remembers. The batch with the terminal event
            (``MessageEnd`` or ``StreamFailed``) is its last: what it holds back, it gives out before that event.

    Functions of events see batches of any size, cut as the network pleases, and must not depend on how. Whole answers
    go through the same functions, replayed as a stream.

    Raises:
        ConfigurationError: one of them is no function.
    """

    request: RequestTransform | None = None
    events: StreamTransform | None = None
    stream: Callable[[], StreamTransform] | None = None

    def __post_init__(self) -> None:
        for name in ("request", "events", "stream"):
            given = getattr(self, name)
            if given is not None and not callable(given):
                raise ConfigurationError(f"Transform: {name} must be a function, not {type(given).__name__}")


_NONE: Mapping[str, Any] = {}


def as_transform(change: Transform | RequestTransform) -> Transform:
    """A plain function is a change of requests.

    Raises:
        ConfigurationError: it is neither, or a function that makes a transform and was not called.
    """
    if isinstance(change, Transform):
        return change
    if not callable(change):
        raise ConfigurationError(f"a transform is a Transform or a function of a request, not {type(change).__name__}")
    if getattr(change, "__annotations__", _NONE).get("return") is Transform:  # it would get the request as its argument
        name = getattr(change, "__name__", "it")
        raise ConfigurationError(f"{name} makes a transform: call it, as in transforms=[{name}()]")
    return Transform(request=change)


def as_transforms(changes: Iterable[Transform | RequestTransform]) -> tuple[Transform, ...]:
    """A list of them, each as :func:`as_transform` has it.

    Raises:
        ConfigurationError: it is no list, or one of them is no transform.
    """
    if not isinstance(changes, Iterable):
        raise ConfigurationError(f"transforms must be a list of transforms, not one {type(changes).__name__}")
    return tuple(map(as_transform, changes))


def run_request_middleware_chain(
    request: ChatRequest, transforms: Iterable[Transform | RequestTransform]
) -> ChatRequest:
    """The request as the transforms make it, in their order; without any it is the same.

    Raises:
        ConfigurationError: one of them gave something else than a request.
    """
    for change in transforms:
        function = as_transform(change).request
        if function is None:
            continue
        changed: object = function(request)
        if not isinstance(changed, ChatRequest):
            raise _gave("request", changed, "a ChatRequest")
        request = changed
    return request


def run_stream_middleware_chain(
    events: Iterable[StreamEvent], transforms: Iterable[Transform | RequestTransform]
) -> Iterator[StreamEvent]:
    """The events as the transforms make them, **last transform first**: an answer comes back through the layers that
    the request went out through.

    Events are handed on as soon as nothing has to be waited for. Where they end without a terminal event, what was
    held back still comes. Give events without the frames of their wire (``stream_decoder(native=False)``): an
    encoder says a frame of its own wire as it came.

    Raises:
        ConfigurationError: one of them gave something else than events.
    """
    chain = StreamChain(transforms)
    for event in events:
        yield from chain([event])
    yield from chain.flush()


class StreamChain:
    """The functions of events of some transforms as one, for one stream: batches in, batches out."""

    __slots__ = ("_functions", "ended")

    def __init__(self, transforms: Iterable[Transform | RequestTransform]) -> None:
        self._functions: list[StreamTransform] = []
        self.ended = False
        for change in reversed([as_transform(change) for change in transforms]):
            if change.events is not None:
                self._functions.append(Kept(change.events))
            if change.stream is not None:
                function = change.stream()
                # Ready-made ones see to the final forms themselves.
                self._functions.append(function if isinstance(function, Rewriting) else Kept(function))

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self._functions)

    def __call__(self, events: Sequence[StreamEvent]) -> Sequence[StreamEvent]:
        """What comes out for this batch."""
        if events and type(events[-1]) in _TERMINAL:
            self.ended = True
        for function in self._functions:
            made: object = function(events)
            if not isinstance(made, list | tuple):
                raise _gave("events", made, "a list of events")
            events = made
        return events

    def flush(self) -> list[StreamEvent]:
        """What was held back, where a stream ended without a terminal event; nothing where it had one."""
        if self.ended:
            return []
        end = StreamFailed(StreamInterrupted("the stream ended before its terminal event"))
        return [event for event in self([end]) if event is not end and type(event) is not StreamFailed]


_TERMINAL = (MessageEnd, StreamFailed)


def change_response(response: ChatResponse, transforms: Iterable[Transform | RequestTransform]) -> ChatResponse:
    """A whole answer through the functions of events; what they leave alone stays the very same."""
    chain = StreamChain(transforms)
    if not chain:
        return response
    changed = collect([*chain(_replayed(response)), *chain.flush()])
    before = {choice.index: choice for choice in response.choices}
    choices = tuple(_as_before(choice, before.get(choice.index)) for choice in changed.choices)
    if len(choices) == len(before) and all(choice is before.get(choice.index) for choice in choices):
        choices = response.choices
    said = (changed.id, changed.model, changed.usage, changed.created)
    if choices is response.choices and said == (response.id, response.model, response.usage, response.created):
        return response
    return replace(
        response,
        id=changed.id,
        model=changed.model,
        choices=choices,
        usage=changed.usage,
        created=changed.created,
    )


def _replayed(response: ChatResponse) -> list[StreamEvent]:
    """As a stream would say it: sources and signatures of a part after its text, so that a change of the text is known
    by then."""
    events: list[StreamEvent] = []
    later: list[StreamEvent] = []
    for event in replay(response):
        if type(event) is PartStart:
            later = _after_text(event)
        elif type(event) is PartEnd:
            events += later
        events.append(event)
    return events


def _after_text(start: PartStart) -> list[StreamEvent]:
    """Takes out of a shell what belongs behind its text."""
    part, index, choice = start.part, start.index, start.choice
    if type(part) is TextPart and part.citations:
        start.part = replace(part, citations=())
        return [CitationAdded(index, citation, choice) for citation in part.citations]
    if type(part) is ReasoningPart and part.signature is not None:
        start.part = replace(part, signature=None)
        return [SignatureDelta(index, part.signature, choice=choice)]
    return []


def _as_before(choice: Choice, before: Choice | None) -> Choice:
    """The choice with what events do not carry (where it came from), or the former one, if nothing was changed."""
    if before is None:
        return choice
    reasons = (choice.finish_reason, choice.raw_finish_reason)
    if reasons == (before.finish_reason, before.raw_finish_reason):
        moved = _with_logprobs(before)
        if choice.message.parts in (before.message.parts, moved):
            return before
    message = replace(
        choice.message, name=before.message.name, origin=before.message.origin, extra=before.message.extra
    )
    return replace(choice, message=message)


def _with_logprobs(choice: Choice) -> tuple[Any, ...]:
    """Its parts as a stream leaves them: probabilities on the first text."""
    parts = list(choice.message.parts)
    for place, part in enumerate(parts):
        if choice.logprobs and type(part) is TextPart and part.text:
            parts[place] = replace(part, logprobs=(part.logprobs or ()) + choice.logprobs)
            break
    return tuple(parts)


def _gave(which: str, made: object, expected: str) -> ConfigurationError:
    return ConfigurationError(f"the {which} function of a Transform must return {expected}, not {type(made).__name__}")
