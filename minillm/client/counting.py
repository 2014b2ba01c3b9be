"""Prompt tokens as the host itself counts them: an endpoint beside the one that answers, free of charge."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ..errors import APIError, ConfigurationError, DecodeError, MiniLLMError
from ..generator import GeneratorInfo
from ..json import serialization
from ..policies.deadline import Deadline
from ..policies.options import CallOptions
from ..types import ChatRequest
from ..wire import Codec
from .adapt import adapt, encode
from .exchange import Exchange
from .http_model import HTTPModel

__all__ = ["count_tokens"]

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Counter:
    """How one wire counts: the path behind or in place of its own, the body, where the number stands."""

    path: Callable[[str], str]
    body: Callable[[Body, ChatRequest], Body]
    field: str


def _only(*names: str) -> Callable[[Body, ChatRequest], Body]:
    allowed = frozenset(names)
    return lambda body, request: {key: value for key, value in body.items() if key in allowed}


def _whole_gemini(body: Body, request: ChatRequest) -> Body:
    # Bare contents would be counted without instructions and tools.
    return {"generateContentRequest": {"model": f"models/{request.model}", **body}}


# https://platform.claude.com/docs/en/api/messages-count-tokens, https://ai.google.dev/api/tokens,
# https://developers.openai.com/api/reference/resources/responses/subresources/input_tokens
_COUNTERS: Final[dict[str, _Counter]] = {
    "anthropic_messages": _Counter(
        lambda path: f"{path}/count_tokens",
        _only("model", "messages", "system", "tools", "tool_choice", "thinking", "cache_control", "output_config"),
        "input_tokens",
    ),
    "gemini_generate_content": _Counter(
        lambda path: f"{path.split('?')[0].rpartition(':')[0]}:countTokens", _whole_gemini, "totalTokens"
    ),
    "openai_responses": _Counter(
        lambda path: f"{path}/input_tokens",
        _only(
            "model",
            "input",
            "instructions",
            "tools",
            "tool_choice",
            "parallel_tool_calls",
            "text",
            "reasoning",
            "truncation",
            "conversation",
            "previous_response_id",
        ),
        "input_tokens",
    ),
}
# https://docs.cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/projects.locations.endpoints/countTokens
_ON_VERTEX: Final = replace(
    _COUNTERS["gemini_generate_content"],
    body=_only("contents", "systemInstruction", "tools", "generationConfig"),
)
_SHAPED: Final[dict[str | None, _Counter | None]] = {
    "gemini_on_vertex": _ON_VERTEX,
    "anthropic_on_vertex": None,
    "azure_deployment": None,
}
# Hosts that count on another of their wires than the usual one.
_BESIDE: Final = {"openai": "openai_responses"}


async def count_tokens(generator: GeneratorInfo, request: ChatRequest, options: CallOptions) -> int:
    """How many prompt tokens the host counts in a request, without answering it.

    A Chat request to OpenAI is counted as its Responses form; with tools the two differ by a few tokens.

    Raises:
        ConfigurationError: the host has no endpoint that counts, or a key or setting is missing.
        EncodeError: the request cannot be said to this host.
        APIError: the host refused.
        TransportError: the exchange broke.
        DecodeError: the answer holds no number.
    """
    generator, counter = _counting(generator)
    deadline = None if options.deadline is None else Deadline(options.deadline)
    host, key = await HTTPModel(generator, options, deadline)._host()
    codec = host.codec
    request = adapt(request, generator, options, stream=False)
    body, _ = encode(request, generator, codec, options)
    host = replace(host, codec=_Elsewhere(codec, counter), urls={})  # type: ignore[arg-type]
    exchange = Exchange(generator, host, key)
    try:
        answer = await exchange.send(
            request, counter.body(body, request), options.timeouts or generator.timeouts, deadline
        )
        try:
            data = await (answer.read() if deadline is None else deadline.within(answer.read))
        finally:
            answer.close()
        return _number(data, counter, host.name)
    except MiniLLMError as error:
        raise exchange.failed(error) from error.__cause__


class _Elsewhere:
    """A codec that asks another path."""

    def __init__(self, codec: Codec, counter: _Counter) -> None:
        self.name = codec.name
        self._codec = codec
        self._counter = counter

    def path(self, request: ChatRequest) -> str:
        return self._counter.path(self._codec.path(request))

    def decode_error(self, status: int, headers: Mapping[str, str], body: bytes) -> APIError:
        return self._codec.decode_error(status, headers, body)


def _counting(generator: GeneratorInfo) -> tuple[GeneratorInfo, _Counter]:
    wire = generator.endpoint.wire
    if wire not in _COUNTERS and generator.base_url is None:
        beside = _BESIDE.get(generator.provider.name)
        if beside is not None:
            generator, wire = generator.replace(wire=beside), beside
    counter = _COUNTERS.get(wire)
    if generator.endpoint.shape is not None:
        counter = _SHAPED.get(generator.endpoint.shape)
    if counter is None:
        raise ConfigurationError(
            f"{generator.provider.name} has no endpoint that counts tokens on {wire}; estimate() needs none"
        )
    return generator, counter


def _number(data: bytes, counter: _Counter, host: str) -> int:
    value = serialization.loads(data)
    count = value.get(counter.field) if isinstance(value, dict) else None
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise DecodeError(f"{host} answered without {counter.field}")
    return count
