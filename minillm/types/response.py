"""A whole answer, apart from any wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .attempt import Attempt, RateLimit
from .loss import Loss
from .message import Message, Role
from .native import Native
from .parts import TokenLogprob, ToolCallPart
from .quick import quick
from .usage import Usage

__all__ = ["ChatResponse", "Choice", "FinishReason"]


class FinishReason(StrEnum):
    """Why an answer ended; the wire's own word is kept beside it as ``raw_finish_reason``."""

    STOP = "stop"
    STOP_SEQUENCE = "stop_sequence"
    LENGTH = "length"
    CONTEXT_FULL = "context_full"
    TOOL_CALLS = "tool_calls"
    CONTENT_FILTER = "content_filter"
    REFUSAL = "refusal"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    ERROR = "error"
    INTERRUPTED = "interrupted"  # the caller left the stream early
    UNKNOWN = "unknown"  # the host said something that is in no table


_EMPTY = Message(Role.ASSISTANT, "")


@quick()
@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers to a request."""

    index: int = 0
    message: Message = _EMPTY
    finish_reason: FinishReason | None = None
    raw_finish_reason: str | None = None
    logprobs: tuple[TokenLogprob, ...] | None = None
    native: Native | None = field(default=None, compare=False, repr=False, kw_only=True)


@quick()
@dataclass(frozen=True, slots=True)
class ChatResponse:
    """What came back. The shorthand properties speak of the first choice.

    Args:
        id: the host's id of the answer, ``""`` where it sends none.
        model: the model that answered, as the host names it.
        choices: the answers; may be empty (a blocked prompt).
        usage: tokens, or None where not reported.
        created: seconds since the epoch, where the host tells.
        attempts: every HTTP exchange it took, the accepted one last. Filled by the client.
        losses: what the request could not say to this host. Filled by the client.
        rate_limits: the host's limits after this call. Filled by the client.
        raw_text: what the model said, where ``text`` is the repaired JSON out of it.
        repaired: whether ``text`` differs from what the model said.
        output: the parsed value of a structured answer.
    """

    id: str = ""
    model: str = ""
    choices: tuple[Choice, ...] = ()
    usage: Usage | None = None
    created: float | None = None
    attempts: tuple[Attempt, ...] = field(default=(), compare=False, repr=False, kw_only=True)
    losses: tuple[Loss, ...] = field(default=(), compare=False, repr=False, kw_only=True)
    rate_limits: Mapping[str, RateLimit] = field(default_factory=dict, compare=False, repr=False, kw_only=True)
    raw_text: str | None = field(default=None, compare=False, repr=False, kw_only=True)
    repaired: bool = field(default=False, compare=False, repr=False, kw_only=True)
    output: Any = field(default=None, compare=False, repr=False, kw_only=True)
    native: Native | None = field(default=None, compare=False, repr=False, kw_only=True)

    @property
    def message(self) -> Message:
        """The first choice's message; an empty assistant message where there is no choice."""
        return self.choices[0].message if self.choices else _EMPTY

    @property
    def text(self) -> str:
        return self.message.text

    @property
    def reasoning(self) -> str:
        return self.message.reasoning

    @property
    def refusal(self) -> str:
        return self.message.refusal

    @property
    def tool_calls(self) -> tuple[ToolCallPart, ...]:
        return self.message.tool_calls

    @property
    def finish_reason(self) -> FinishReason | None:
        return self.choices[0].finish_reason if self.choices else None

    @property
    def raw_finish_reason(self) -> str | None:
        return self.choices[0].raw_finish_reason if self.choices else None
