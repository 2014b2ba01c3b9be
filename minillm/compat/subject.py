"""Who is asked by a probe: requests as the client makes them, and everything that went over the line."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..chat_model import ChatModel
from ..cost import Budget
from ..generator import GeneratorInfo
from ..policies.options import CallOptions
from ..providers import Endpoint
from ..stack import build
from ..transport import Timeouts, default_transport
from ..types import (
    Attempt,
    ChatRequest,
    ChatResponse,
    CompletionParameters,
    CostInfo,
    Message,
    ReasoningDelta,
    Role,
    TextDelta,
    ToolCallDelta,
    ToolChoice,
    ToolDefinition,
    total_cost,
)
from .evidence import Alter, Exchange, Recorder

__all__ = ["Asked", "Streamed", "Subject"]

Asked = str | Message | Sequence[Message]


@dataclass(slots=True)
class Streamed:
    """An answer that came in pieces.

    Args:
        response: all of it, put together.
        pieces: seconds and text of each piece of visible text.
        thoughts: of thinking; ``calls``: of arguments.
    """

    response: ChatResponse
    pieces: list[tuple[float, str]] = field(default_factory=list)
    thoughts: int = 0
    calls: int = 0

    @property
    def text(self) -> str:
        return self.response.text


class Subject:
    """A model at a host, as a probe sees it; one for each probe.

    Args:
        generator: who is asked.
        max_tokens: ceiling of answers of which a probe says nothing.
        timeout: seconds for one request.
        retry: how often a request that failed for a passing reason is sent again.
        long_input: words in the probe of long prompts.
        budgets: purses that requests draw on.
    """

    def __init__(
        self,
        generator: GeneratorInfo,
        *,
        max_tokens: int = 256,
        timeout: float = 60.0,
        retry: int = 1,
        long_input: int = 2000,
        budgets: Sequence[Budget] = (),
    ) -> None:
        self.generator = generator
        self.max_tokens = max_tokens
        self.timeout = timeout
        self.retry = retry
        self.long_input = long_input
        self.exchanges: list[Exchange] = []
        self.attempts: list[Attempt] = []
        self._budgets = budgets
        self._inner = generator.transport or default_transport()

    @property
    def wire(self) -> str:
        return self.generator.endpoint.wire

    @property
    def bill(self) -> CostInfo:
        """What the probe has cost so far."""
        return total_cost(self.attempts)

    async def ask(
        self,
        asked: Asked,
        *,
        system: str | None = None,
        tools: Sequence[ToolDefinition] = (),
        choice: ToolChoice | None = None,
        quirks: dict[str, Any] | None = None,
        alter: Alter | None = None,
        **parameters: Any,
    ) -> ChatResponse:
        """A whole answer.

        Args:
            asked: what the user says, or the conversation.
            quirks: of the dialect, for this request.
            alter: what is really sent.
            parameters: of ``CompletionParameters``.

        Raises:
            MiniLLMError: as ``HTTPModel`` does.
        """
        model_of, request, recorder = self._prepared(asked, system, tools, choice, quirks, alter, parameters)
        try:
            return await model_of.complete(request)
        finally:
            self.exchanges += recorder.exchanges

    async def stream(
        self,
        asked: Asked,
        *,
        system: str | None = None,
        tools: Sequence[ToolDefinition] = (),
        choice: ToolChoice | None = None,
        quirks: dict[str, Any] | None = None,
        alter: Alter | None = None,
        leave_after: int | None = None,
        usage: bool | None = None,
        **parameters: Any,
    ) -> Streamed:
        """An answer in pieces; see :meth:`ask`.

        Args:
            leave_after: leave when so many pieces have come.
            usage: ask for the count of tokens.
        """
        model_of, request, recorder = self._prepared(asked, system, tools, choice, quirks, alter, parameters)
        request = replace(request, stream=True, include_usage=usage)
        start = time.perf_counter()
        try:
            async with model_of.stream(request) as stream:
                seen = Streamed(ChatResponse())
                async for event in stream:
                    if isinstance(event, TextDelta):
                        if event.delta:
                            seen.pieces.append((time.perf_counter() - start, event.delta))
                    elif isinstance(event, ReasoningDelta):
                        seen.thoughts += 1
                    elif isinstance(event, ToolCallDelta):
                        seen.calls += 1
                    if leave_after is not None and len(seen.pieces) >= leave_after:
                        return seen
                seen.response = await stream.judged()
                return seen
        finally:
            self.exchanges += recorder.exchanges

    def _prepared(
        self,
        asked: Asked,
        system: str | None,
        tools: Sequence[ToolDefinition],
        choice: ToolChoice | None,
        quirks: dict[str, Any] | None,
        alter: Alter | None,
        parameters: dict[str, Any],
    ) -> tuple[ChatModel, ChatRequest, Recorder]:
        recorder = Recorder(self._inner, alter)
        generator = self.generator.replace(transport=recorder, timeouts=Timeouts(10.0, self.timeout, self.timeout))
        if quirks:
            generator = with_quirks(generator, **quirks)
        if isinstance(asked, str):
            asked = [Message(Role.USER, asked)]
        elif isinstance(asked, Message):
            asked = [asked]
        head = [] if system is None else [Message(Role.SYSTEM, system)]
        given = self.generator.defaults.merged(CompletionParameters(**{"max_tokens": self.max_tokens, **parameters}))
        request = ChatRequest(generator.model, (*head, *asked), tuple(tools), choice, given)
        # What a probe asks for must be sent or refused, never left out in silence: that would be no probe.
        options = CallOptions(
            retry=self.retry,
            max_retry_after=min(20.0, self.timeout),
            deadline=self.timeout,
            unsupported="error",
        )
        return build(generator, options, attempts=self.attempts, budgets=self._budgets), request, recorder


def with_quirks(generator: GeneratorInfo, **changes: Any) -> GeneratorInfo:
    """The generator with another dialect of its host."""
    spoken = generator.endpoint

    def changed(endpoint: Endpoint) -> Endpoint:
        if endpoint.wire != spoken.wire:
            return endpoint
        return replace(endpoint, quirks=replace(endpoint.quirks, **changes))

    row = replace(generator.provider, endpoints=tuple(map(changed, generator.provider.endpoints)))
    return generator.replace(provider=row)
