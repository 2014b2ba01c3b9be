"""The contract every wire keeps, and the quirks of hosts as data.

A codec is pure: JSON values and server-sent events in, values out. Its four requests and answers go
both ways, so that a server can be written with it as well as a client.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from ..errors import APIError
from ..report import Report
from ..types import ChatRequest, ChatResponse, Origin, StreamEvent, Usage
from .sse import ServerSentEvent

__all__ = ["Codec", "Quirks", "StreamDecoder", "StreamEncoder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How one host's dialect differs from the reference protocol: data on its row, never code.

    Args:
        max_tokens_field: how the host spells the ceiling for the answer.
        system_role: the role that carries instructions.
        reasoning_request: where the wish to think goes: ``reasoning_effort`` (OpenAI), ``reasoning``
            (OpenRouter's object), ``thinking`` (DeepSeek, Moonshot), ``none`` where there is no such field.
        reasoning_replay: field under which earlier reasoning goes back, or None to leave it out.
        replay_reasoning: when it goes back: never, only in turns with tool calls, always.
        reasoning_required: in turns with tool calls the host refuses a message of the model without that field;
            where there is nothing to put into it (another model's turn), it goes empty.
        stream_usage: ``ChatRequest.include_usage`` is said with ``stream_options.include_usage`` (streams only).
        usage_include: it is said with OpenRouter's ``usage: {include: true}``.
        prefill: how a started answer is continued: ``"trailing"`` (a last assistant message),
            ``"prefix"`` (with ``prefix: true``), ``"partial"`` (with ``partial: true``), None: not at all.
        prefill_refused: a regular expression that finds the models which continue none all the same.
        tool_id_pattern: what tool call ids must look like (a regular expression), None for any.
        seed_field: how the host spells the seed.
        response_formats: the kinds of response format the host understands; ``"closed_json_schema"`` for one that
            takes schemas, but only closed ones that do not hold themselves.
        schema_in_json_object: JSON schemas go into ``{"type": "json_object", "schema": ...}``.
        unsupported: parameter names the host refuses or ignores; they are reported, not sent.
        cache_marks: ``"prompt_cache_breakpoint"`` (OpenAI), ``"cache_control"`` (OpenRouter), ``"none"``; None is what
            the wire itself has, and Chat Completions has none.
        cache_models: a regular expression that finds the models which take marks, None for all.
        max_cache_marks: how many marks one request may carry.
        tool_result_name: tool messages carry the tool's ``name``.
        schemas: the part of JSON Schema the host takes: ``"full"`` (all of it), ``"openapi"`` (Gemini's older
            ``parameters`` and ``responseSchema``), None: what the wire's own vendor takes. What goes beyond it is
            narrowed and reported.
    """

    max_tokens_field: Literal["max_completion_tokens", "max_tokens"] = "max_completion_tokens"
    system_role: Literal["system", "developer", "keep"] = "keep"
    reasoning_request: Literal["reasoning_effort", "reasoning", "thinking", "none"] = "reasoning_effort"
    reasoning_replay: str | None = None
    replay_reasoning: Literal["never", "with_tools", "always"] = "never"
    reasoning_required: bool = False
    stream_usage: bool = True
    usage_include: bool = False
    prefill: Literal["trailing", "prefix", "partial"] | None = None
    prefill_refused: str | None = None
    tool_id_pattern: str | None = None
    seed_field: str = "seed"
    response_formats: frozenset[str] = frozenset({"text", "json", "json_schema"})
    schema_in_json_object: bool = False
    unsupported: frozenset[str] = frozenset()
    cache_marks: Literal["prompt_cache_breakpoint", "cache_control", "none"] | None = None
    cache_models: str | None = None
    max_cache_marks: int = 4
    tool_result_name: bool = False
    schemas: Literal["full", "openapi"] | None = None


class StreamDecoder(Protocol):
    """Server-sent events in, stream events out; the same events however the bytes were cut."""

    @property
    def usage(self) -> Usage | None:
        """The tokens reported so far."""
        ...

    def feed(self, event: ServerSentEvent) -> list[StreamEvent]:
        """The events of one frame."""
        ...

    def feed_many(self, frames: Iterable[ServerSentEvent]) -> list[StreamEvent]:
        """The events of several frames in one list: cheaper than :meth:`feed` for each."""
        ...

    def finish(self) -> list[StreamEvent]:
        """The bytes have ended: the terminal event, unless it was given already."""
        ...


class StreamEncoder(Protocol):
    """Stream events in, server-sent events out."""

    def feed(self, *events: StreamEvent) -> list[ServerSentEvent]:
        """The frames for the events of one source frame."""
        ...

    def finish(self) -> list[ServerSentEvent]:
        """What is left to say when the events have ended."""
        ...


class Codec(Protocol):
    """One wire, both directions. ``report=None`` warns of losses; see :class:`Report`."""

    @property
    def name(self) -> str:
        """The wire's name, as in ``WIRES``."""
        ...

    def encode_request(
        self, request: ChatRequest, *, origin: Origin | None = None, report: Report | None = None
    ) -> dict[str, Any]:
        """The JSON body of a request.

        Args:
            origin: ``(host, model)`` it is going to; opaque reasoning is only sent back where it came from.

        Raises:
            EncodeError: it cannot be said on this wire.
        """
        ...

    def decode_request(
        self,
        body: Mapping[str, Any],
        *,
        model: str | None = None,
        stream: bool | None = None,
        report: Report | None = None,
    ) -> ChatRequest:
        """A request out of its JSON body; ``model`` and ``stream`` from the path where the wire puts them there.

        Raises:
            DecodeError: the body is not a request of this wire.
        """
        ...

    def encode_response(self, response: ChatResponse, *, report: Report | None = None) -> dict[str, Any]:
        """The JSON body of an answer."""
        ...

    def decode_response(self, body: Any, *, report: Report | None = None) -> ChatResponse:
        """An answer out of its JSON body.

        Raises:
            APIError: a body that came with status 200 holds an error.
            DecodeError: the body is not an answer of this wire.
        """
        ...

    def stream_decoder(self, *, native: bool = True, report: Report | None = None) -> StreamDecoder:
        """A new decoder for one stream; ``native=False`` leaves the frames out of the events (faster)."""
        ...

    def stream_encoder(self, *, report: Report | None = None) -> StreamEncoder:
        """A new encoder for one stream."""
        ...

    def decode_error(self, status: int, headers: Mapping[str, str], body: bytes) -> APIError:
        """The typed error for an answer with an error status; never raises."""
        ...

    def encode_error(self, error: Exception) -> tuple[int, dict[str, Any]]:
        """Status and JSON body for an error."""
        ...

    def path(self, request: ChatRequest) -> str:
        """The URL path behind the host's base URL, such as ``/chat/completions``."""
        ...
